"""Raw files of one's own and what is known of their station come in; hourly records and the observations of a batch go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr
from pydantic import ValidationError

from contracts.periods import Period, to_ns
from contracts.settings.gas import GasSettings
from contracts.settings.of_gas import of_gas
from contracts.settings.stations import StationSettings
from stations.assemble import build_observations
from stations.ingest import Ingested, collect, ingest_station, quarantine
from stations.monitor import network_status
from stations.registry import StationRow

_SHOWN = 3  # lines of the quarantine in a message; the attribute holds all


def own_record(entry: Mapping[str, Any], files: Sequence[str | Path], gas: GasSettings) -> Ingested:
    """Read, check, average and flag the files of one station.

    Parameters
    ----------
    entry : mapping
        What a registry's file says about the station, with its ``name``.
    files : sequence of path
    gas : GasSettings

    Returns
    -------
    Ingested
        ``dataset`` (contract `station`), ``quarantine`` (lines kept out, each with reason and
        advice) and ``files`` (an account of each).

    Raises
    ------
    ValueError
        Where the entry lacks something or says what cannot be, or no line could be read; the
        message then holds the first lines of the quarantine.
    """
    try:
        row = StationRow.model_validate(dict(entry))
    except ValidationError as error:
        listed = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        msg = (
            f"an entry must describe the station; got {error.error_count()} problem(s) in "
            f"{entry.get('name', 'an entry without name')}: {listed}. Correct these keys."
        )
        raise ValueError(msg) from None
    paths = [Path(path) for path in files]
    try:
        return ingest_station(row, paths, None, _section(gas), gas)
    except ValueError as error:
        kept_out = quarantine(collect(paths, row.reader, gas))
        shown = "; ".join(_told(issue) for issue in kept_out[:_SHOWN])
        msg = f"{error} {len(kept_out)} in the quarantine: {shown}" if kept_out else str(error)
        raise ValueError(msg) from None


def _told(issue: Mapping[str, Any]) -> str:
    """Return one issue of the quarantine as a sentence."""
    where = f"{Path(issue['file']).name}, line {issue['line']}"
    return f"{where}: got {issue['found']}, expected {issue['expected']}. {issue['hint']}"


def own_hours(
    records: Mapping[str, xr.Dataset],
    batch: tuple[Any, Any],
    local_hours: tuple[int, int],
    utc_offset_hours: float,
    gas: GasSettings,
) -> xr.Dataset:
    """Return the observations of a batch from hourly records.

    Parameters
    ----------
    records : mapping of str to Dataset `station`
    batch : (start, end)
        UTC, the end not included.
    local_hours : (first, after)
        Hours of the local day that are used.
    utc_offset_hours : float
        Local time minus UTC.
    gas : GasSettings

    Returns
    -------
    Dataset
        Contract `observations`; attribute counts (JSON) says what was left out and why. Towers
        that drift against the network are left out.
    """
    section = _section(gas).model_copy(update={"local_hours": local_hours})
    period = Period("batch", *to_ns(batch))
    status = network_status(records, section)
    return build_observations(records, status, period, section, utc_offset_hours)


def _section(gas: GasSettings) -> StationSettings:
    """Return the settings of records with the thresholds of a gas."""
    return of_gas(StationSettings(), gas)

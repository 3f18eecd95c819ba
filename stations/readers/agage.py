"""A netCDF file of the AGAGE archive comes in; its records go out as rows.

One file holds one gas of one station, `mf` in the unit it names (1e-12 for most). Heights and
sampling periods stand with each record.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from stations.reading.look import Head
from stations.reading.netcdf import NetcdfFile, Records, refuse
from stations.reading.netcdf_records import Columns, instants, record_rows, without
from stations.reading.noaa import degrees
from stations.reading.rows import Claims, Reading
from stations.reading.settings import ReaderSettings

SOURCE = "netcdf"
FLAGS: dict[str, str] = {}
_NEEDED = ("time", "mf", "inlet_height", "sampling_period")
_MISSING_BELOW = -98.0  # -99 and -9999; kept where the fill value is not declared


class Settings(ReaderSettings):
    """AGAGE archive netCDF: `mf` with repeatability, variability, inlet and sampling period."""

    format: Literal["agage"] = Field(default="agage", description="name of the reader")


def sniff(head: Head) -> bool:
    """Return whether the file has the variables of the AGAGE archive and names its gas.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head())
    False
    """
    file = head.netcdf
    return file is not None and file.has(*_NEEDED) and "species" in file.attributes


def read(source: Records, settings: Settings) -> Reading:
    """Give every record of an AGAGE file.

    Parameters
    ----------
    source : Records
    settings : Settings

    Returns
    -------
    Reading

    Raises
    ------
    FileRefusedError
        Where a variable is not there.
    """
    file = source.file
    lost = [name for name in _NEEDED if not file.has(name)]
    if lost:
        found = f"variables {', '.join(file.variables)}"
        refuse("columns", found, f"also {', '.join(lost)}", "Fetch the file again.")
    value = without(_known(file, "mf"), settings.missing)
    stamp = instants(file, "time")
    source.count = value.size
    n = _known(file, "mf_count") if file.has("mf_count") else np.ones(value.size)
    n = np.where(np.isnan(value), 0.0, n)
    stdev = np.full(value.size, np.nan)
    if file.has("mf_variability"):  # of one injection it is 0, and means nothing
        stdev = np.where(n > 1, _known(file, "mf_variability"), np.nan)
    height, period = _known(file, "inlet_height"), _known(file, "sampling_period")
    source.table = {"time": stamp, "mf": value, "inlet_height": height, "sampling_period": period}
    columns = Columns(stamp, value, n, stdev, inlet=height, seconds=period)
    return Reading(_claims(file, period), record_rows(source, columns))


def _claims(file: NetcdfFile, period: np.ndarray) -> Claims:
    """Return what the file says of itself."""
    said = file.attributes
    comment = str(file.attribute("time", "comment", "")).lower()
    words = (("start", "start"), ("middle", "centre"), ("mid-point", "centre"), ("end of", "end"))
    label = next((label for word, label in words if word in comment), "")
    known = period[period > 0]
    return Claims(
        station=str(said.get("site_code", "")),
        gas=str(said.get("species", "")).upper(),
        unit=str(file.attribute("mf", "units", "")),
        scale=str(said.get("calibration_scale", "")),
        latitude=degrees(said.get("inlet_latitude"), 90.0),
        longitude=degrees(said.get("inlet_longitude"), 360.0),
        label=label,  # type: ignore[arg-type]
        slot_seconds=float(np.median(known)) if known.size else 0.0,
        zone="UTC",
        basis="dry",
    )


def _known(file: NetcdfFile, name: str) -> np.ndarray:
    """Return a variable, NaN where it is not known."""
    numbers = file.numbers(name)
    return np.where(numbers <= _MISSING_BELOW, np.nan, numbers)

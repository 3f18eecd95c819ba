"""Receptor files come in; observations that carry a background value and its time go out.

A receptor file is written by a footprint model's helper: one observation (or many) with the
background that its author looked up for it. What was looked up may be wrong, so it is compared
with the records (`stations/carried.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contracts.settings.stations import ReceptorSettings
from contracts.units import to_canonical
from stations.quarantine import FileRefusedError, Issue
from stations.reading.fields import BadFieldError
from stations.reading.netcdf_records import RecordTable, instant, open_records

_LATEST = 4102444800  # 2100-01-01, s


@dataclass(frozen=True)
class Receptor:
    """One observation of a receptor file.

    Attributes
    ----------
    file : str
        Name without folders.
    line : int
        Record within the file, 1-based.
    time : datetime64[ns]
        Of the observation, UTC.
    latitude, longitude : float, degrees
    mole_fraction, background, background_sd : float, umol mol-1
        NaN where the file has none.
    background_seconds : float, s since 1970
        Time of the background as stored; NaN where the file has none.
    rounding_seconds : float, s
        How far the stored type may move it.
    clocks : tuple of (str, float)
        Other variables that claim to be seconds since 1970, with their values.
    """

    file: str
    line: int
    time: np.datetime64
    latitude: float
    longitude: float
    mole_fraction: float
    background: float
    background_sd: float
    background_seconds: float
    rounding_seconds: float
    clocks: tuple[tuple[str, float], ...]

    @property
    def seconds(self) -> int:
        """Time of the observation, s since 1970."""
        return int(self.time.astype("datetime64[s]").astype(np.int64))

    @property
    def stamp(self) -> np.datetime64 | None:
        """Time of the background, to the whole hour where the stored type allows it."""
        seconds = self.background_seconds
        if not math.isfinite(seconds) or not 0 <= seconds < _LATEST:
            return None
        hour = round(seconds / 3600) * 3600
        exact = abs(hour - seconds) <= self.rounding_seconds
        return np.datetime64(hour if exact else round(seconds), "s")

    @property
    def names(self) -> tuple[str, str]:
        """How people call it, in English and in Chinese."""
        north, east = "NS"[self.latitude < 0], "EW"[self.longitude < 0]
        place = f"{abs(self.latitude):.3f} {north} {abs(self.longitude):.3f} {east}"
        return (
            f"Receptor of {minute(self.time)} at {place} ({self.file})",
            f"{minute(self.time)}、{place} 的受体（{self.file}）",
        )


def minute(time: np.datetime64) -> str:
    """Return an instant as people write it.

    Parameters
    ----------
    time : datetime64
        UTC.

    Returns
    -------
    str

    Examples
    --------
    >>> minute(np.datetime64("2022-01-01T08"))
    '2022-01-01T08:00Z'
    """
    return f"{time.astype('datetime64[m]')}Z"


@dataclass(frozen=True)
class Receptors:
    """All observations of all receptor files.

    Attributes
    ----------
    rows : tuple of Receptor
        Sorted by time, file, line.
    issues : tuple of (str, Issue)
        File and what could not be read of it: rows + issues = records, or a whole file.
    """

    rows: tuple[Receptor, ...]
    issues: tuple[tuple[str, Issue], ...]


def read_receptors(paths: Sequence[Path], settings: ReceptorSettings) -> Receptors:
    """Read receptor files.

    Parameters
    ----------
    paths : sequence of Path
    settings : ReceptorSettings

    Returns
    -------
    Receptors
    """
    rows: list[Receptor] = []
    issues: list[tuple[str, Issue]] = []
    for path in sorted(Path(path) for path in paths):
        try:
            records = open_records(path, settings.dimension)
            _demand(records, settings)
        except FileRefusedError as refusal:
            issues.append((path.name, refusal.issue))
            continue
        for k in range(len(records.text)):
            try:
                rows.append(_receptor(path.name, k, records, settings))
            except BadFieldError as bad:
                issues.append((path.name, bad.issue(k + 1, records.text[k])))
    rows.sort(key=lambda row: (row.time, row.file, row.line))
    return Receptors(tuple(rows), tuple(issues))


def _demand(records: RecordTable, settings: ReceptorSettings) -> None:
    """Refuse a file without the declared variables."""
    wanted = [
        *settings.time,
        *(settings.latitude, settings.longitude, settings.value, settings.background),
        *(settings.background_sd, settings.background_time),
    ]
    lost = [name for name in wanted if name is not None and name not in records.table]
    if lost:
        found = f"variables {', '.join(records.table)} along {settings.dimension!r}"
        hint = "Check stations.receptors in the settings."
        raise FileRefusedError(Issue(0, 0, "columns", found, f"also {', '.join(lost)}", hint))


def _receptor(file: str, k: int, records: RecordTable, settings: ReceptorSettings) -> Receptor:
    """Read one record."""
    record = {name: float(values[k]) for name, values in records.table.items()}
    factor = float(to_canonical(1.0, settings.unit, "mole_fraction"))
    stamp = settings.background_time
    seconds = math.nan if stamp is None else record[stamp]
    rounding = 0.0 if stamp is None else abs(seconds) * records.resolution[stamp]
    clocks = tuple(
        (name, record[name])
        for name, unit in records.units.items()
        if "since 1970" in unit and name not in (*settings.time, stamp) and name != "time"
    )
    time = np.datetime64(instant([record[name] for name in settings.time]), "s")
    sd = math.nan if settings.background_sd is None else record[settings.background_sd]
    return Receptor(
        file=file,
        line=k + 1,
        time=time.astype("datetime64[ns]"),
        latitude=record[settings.latitude],
        longitude=record[settings.longitude],
        mole_fraction=record[settings.value] * factor,
        background=record[settings.background] * factor,
        background_sd=sd * factor,
        background_seconds=seconds,
        rounding_seconds=rounding if math.isfinite(rounding) else 0.0,
        clocks=clocks,
    )

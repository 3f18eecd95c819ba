"""Hourly records of New Zealand come in; one value and standard deviation a day and site go out, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inversion.published.new_zealand_files import DAYS, SITES

if TYPE_CHECKING:
    from inversion.published.new_zealand_files import Files

AS_PUBLISHED, STANDARD_TIME = "as_published", "standard_time"
# Start of the hour read on days with daylight saving [h, New Zealand standard time].
SUMMER_HOUR = {AS_PUBLISHED: 14, STANDARD_TIME: 12}
WINTER_HOUR = 13
# Extreme responses: the site and day of two observations 1000 to 10000 times as sensitive as others.
EXTREME = (("LAU", "2012-09-23"), ("LAU", "2013-04-19"))
_VALUE = {"BHD": "BHD: co2", "LAU": "LAU: CO2_1"}  # RBM is switched off
_DEVIATION = {"BHD": "BHD: sd", "LAU": "LAU: Sigma_1"}
_SCALE = {"BHD": (1.00286417, -1.15254309), "LAU": (0.99904604, 0.45969191)}
_FLOOR_PPM, _INFLATION, _UNKNOWN_PPM = 0.4, 2.9, 10.0
_START, _SAVING = "StartHour(NZST)", "Daylight Saving"
_DATE = ("Year", "Month", "Day")
_FIRST = np.datetime64("2011-01-01", "D")


@dataclass(frozen=True)
class Daily:
    """Observations by site, then day; n of them.

    Attributes
    ----------
    site, day : ndarray of int, (n,)
        Index into `SITES`, and days since 2011-01-01.
    start_hour : ndarray of int, (n,)
        Start of the hour [h, New Zealand standard time].
    mole_fraction : ndarray, (n,)
        On the common scale [ppm].
    standard_deviation : ndarray, (n,)
        The authors' sigma [ppm].
    counts : dict
        What was read, raised, replaced and lost.
    """

    site: np.ndarray
    day: np.ndarray
    start_hour: np.ndarray
    mole_fraction: np.ndarray
    standard_deviation: np.ndarray
    counts: dict[str, Any]


def daily_values(files: Files, daylight_saving: str, *, keep_extreme: bool) -> Daily:
    """Return one observation a day and site.

    Parameters
    ----------
    files : Files
    daylight_saving : str
        A key of `SUMMER_HOUR`.
    keep_extreme : bool
        Whether the two observations `EXTREME` stay.

    Returns
    -------
    Daily

    Notes
    -----
    sigma = 2.9 max(0.4, sqrt(sd^2 + baseline sd^2)) ppm, and 10 ppm where a value has no sd. No
    filter on wind, flags, baseline class or outliers: the authors have none.
    """
    rows = _afternoon(files, daylight_saving)
    saving = _column(files, _SAVING)[rows] == 1
    hour = _column(files, _START)[rows].astype(np.int64)
    sites = {site: _site(files, site, rows, keep_extreme=keep_extreme) for site in _VALUE}
    day = {site: np.flatnonzero(record.kept) for site, record in sites.items()}
    index = {site: np.full(day[site].size, SITES.index(site)) for site in sites}
    dropped = [record.counts.pop("dropped_extreme_response") for record in sites.values()]
    counts = {
        "days": DAYS,
        "days_standard_time": int((~saving).sum()),
        "days_daylight_saving": int(saving.sum()),
        "values": {site: record.counts for site, record in sites.items()},
        "sites_switched_off": [site for site in SITES if site not in _VALUE],
        "kept": sum(days.size for days in day.values()),
        "kept_by_receptor": {site: days.size for site, days in day.items()},
        "dropped": {
            "missing": sum(record.counts["missing"] for record in sites.values()),
            "extreme_response": sum(dropped),
        },
    }
    days = np.concatenate(list(day.values()))
    return Daily(
        site=np.concatenate(list(index.values())),
        day=days,
        start_hour=hour[days],
        mole_fraction=np.concatenate([sites[site].value[day[site]] for site in sites]),
        standard_deviation=np.concatenate([sites[site].deviation[day[site]] for site in sites]),
        counts=counts,
    )


@dataclass(frozen=True)
class _Site:
    """One site's value and sigma of every day [ppm], which of them are kept, and counts."""

    value: np.ndarray
    deviation: np.ndarray
    kept: np.ndarray
    counts: dict[str, int]


def _site(files: Files, site: str, rows: np.ndarray, *, keep_extreme: bool):
    """Return a site's days on the common scale with the authors' sigma."""
    slope, intercept = _SCALE[site]
    value = slope * _column(files, _VALUE[site])[rows] + intercept
    deviation, raised = _deviation(
        _column(files, _DEVIATION[site])[rows], files.baseline_sd[:, SITES.index(site)]
    )
    finite = np.isfinite(value)
    unknown = finite & np.isnan(deviation)
    deviation[unknown] = _UNKNOWN_PPM
    extreme = np.zeros(DAYS, dtype=bool)
    extreme[_extreme_days(site)] = not keep_extreme
    counts = {
        "finite": int(finite.sum()),
        "missing": int((~finite).sum()),
        "standard_deviation_raised_to_floor": int((finite & raised).sum()),
        "standard_deviation_missing": int(unknown.sum()),
        "dropped_extreme_response": int((finite & extreme).sum()),
    }
    return _Site(value, deviation, finite & ~extreme, counts)


def _afternoon(files: Files, daylight_saving: str):
    """Return the row of each day; refuse a table that has not exactly one for each day in order."""
    start, saving = _column(files, _START), _column(files, _SAVING)
    chosen = ((start == WINTER_HOUR) & (saving == 0)) | (
        (start == SUMMER_HOUR[daylight_saving]) & (saving == 1)
    )
    rows = np.flatnonzero(chosen)
    year, month, day = (_column(files, name)[rows].astype(np.int64) for name in _DATE)
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    dates = months.astype("datetime64[D]") + (day - 1)
    if not np.array_equal(dates, _FIRST + np.arange(DAYS)):
        msg = (
            f"the hourly table must have one afternoon row for each of {DAYS} days in order; got "
            f"{rows.size} rows in Data3sites. Take the authors' file unchanged."
        )
        raise ValueError(msg)
    return rows


def _deviation(deviation: np.ndarray, baseline: np.ndarray):
    """Return the authors' sigma [ppm] and where the floor raised it; NaN where there is no sd."""
    total = np.hypot(deviation, baseline)
    raised = total < _FLOOR_PPM
    return _INFLATION * np.where(raised, _FLOOR_PPM, total), raised


def _extreme_days(site: str):
    """Return the days of a site whose response is extreme, from 0."""
    days = [np.datetime64(date, "D") - _FIRST for name, date in EXTREME if name == site]
    return np.array(days, dtype="timedelta64[D]").astype(np.int64)


def _column(files: Files, name: str):
    """Return a column of the hourly table by its name."""
    if name not in files.columns:
        msg = (
            f"Header3sites must hold the column {name!r}; got {len(files.columns)} others in "
            "HourlyData_3sites_common_1113.mat. Take the authors' file unchanged."
        )
        raise ValueError(msg)
    return files.records[:, files.columns.index(name)]

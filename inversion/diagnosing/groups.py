"""Observations come in; the groups by which their fit is told go out: site, hour, day, month, wind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.errors.local_clock import local_clock

if TYPE_CHECKING:
    import xarray as xr

Groups = list[tuple[str, np.ndarray]]

_FEWEST = 2


def labelled(labels: np.ndarray) -> Groups:
    """Return the rows of each label, sorted by label.

    Examples
    --------
    >>> [(name, rows.tolist()) for name, rows in labelled(np.array(["b", "a", "b"]))]
    [('a', [1]), ('b', [0, 2])]
    """
    return [(str(label), np.flatnonzero(labels == label)) for label in np.unique(labels)]


def groupings(
    observations: xr.Dataset,
    prior: xr.Dataset,
    utc_offset_hours: float | None = None,
    wind_sector: np.ndarray | None = None,
) -> dict[str, Groups]:
    """Return every way in which observations are grouped.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    prior : Dataset ``prior``
        Its first period starts at local midnight where no offset is given.
    utc_offset_hours : float, optional
        Local time minus UTC [h].
    wind_sector : ndarray of int, (n,), optional
        From the weather, -1 where it is not known; else ``wind_sector`` of the observations.

    Returns
    -------
    dict of list of (str, ndarray of int)
        ``site``, ``hour`` (local), ``day`` (local date), ``month`` where there are two, and
        ``wind_sector`` where it is known.
    """
    names = observations["receptor"].to_numpy().astype(str)
    day, hour = local_clock(observations, prior, utc_offset_hours)
    date = _dates(observations, day, hour)
    found = {
        "site": labelled(names[observations["receptor_index"].to_numpy()]),
        "hour": labelled(np.array([f"{one:02d}" for one in hour])),
        "day": labelled(date.astype(str)),
    }
    months = labelled(date.astype("datetime64[M]").astype(str))
    if len(months) >= _FEWEST:
        found["month"] = months
    if wind_sector is None and "wind_sector" in observations:
        wind_sector = observations["wind_sector"].to_numpy()
    if wind_sector is not None and (wind_sector >= 0).any():
        sectors = labelled(wind_sector.astype(np.int64))
        found["wind_sector"] = [(name, rows) for name, rows in sectors if name != "-1"]
    return found


def _dates(observations: xr.Dataset, day: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """Return the local date of each observation."""
    if not len(day):
        return np.zeros(0, "datetime64[D]")
    time = observations["time"].to_numpy().astype("datetime64[ns]")
    # local noon of the first observation's day has that day's date in any zone within 12 hours
    noon = time[0] + np.timedelta64(1, "h") * (12 - int(hour[0]))
    return noon.astype("datetime64[D]") + (day - day[0]).astype("timedelta64[D]")

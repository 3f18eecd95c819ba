"""Observations come in; those of every few local days, with each receptor among them, go out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

_DAY_NS = 24 * 3600 * 10**9


def every_few_days(
    observations: xr.Dataset, days: int, utc_offset_hours: float = 0.0
) -> xr.Dataset:
    """Return the observations of every so many local days.

    Parameters
    ----------
    observations : Dataset ``observations``
    days : int
        1 keeps all.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    Dataset ``observations``
        In the same order. A receptor that is silent on all of these days keeps its first day.
        The attribute ``counts`` says how many observations there were and are.

    Notes
    -----
    Whole days are left out, not hours: within a day errors are correlated, so that the days are
    what tells something new.
    """
    offset = np.timedelta64(round(utc_offset_hours * 3600), "s")
    time = observations["time"].to_numpy().astype("datetime64[ns]") + offset
    day = time.astype(np.int64) // _DAY_NS
    first = int(day.min()) if len(day) else 0
    kept = (day - first) % days == (days - 1) // 2
    receptor = observations["receptor_index"].to_numpy()
    for site in np.unique(receptor):
        own = receptor == site
        if not kept[own].any():
            kept |= own & (day == day[own].min())
    counts = {"given": len(day), "sampled": int(kept.sum()), "every_days": days}
    return observations.isel(obs=kept).assign_attrs(counts=json.dumps(counts))

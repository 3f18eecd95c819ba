"""What a run knows beside its posterior and inventory comes in; one frozen record goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Context:
    """Facts about the batch that neither posterior nor inventory holds.

    Attributes
    ----------
    period_name : str
        Name of the batch, such as 2026-06.
    used_stations : tuple of str
        Stations with observations in the batch.
    excluded_stations : mapping of str to str
        Station left out, and why.
    region_names : mapping of str to (str, str)
        Names of a region in English and in the local language.
    members : tuple of Dataset
        Further posteriors of the ensemble, beside the first.
    """

    period_name: str
    used_stations: tuple[str, ...] = ()
    excluded_stations: Mapping[str, str] = field(default_factory=dict)
    region_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    members: tuple[xr.Dataset, ...] = ()


def batch_bounds(posterior: xr.Dataset) -> np.ndarray:
    """Return start and end of the batch, datetime64[ns] (2,), spin-up left out.

    Parameters
    ----------
    posterior : Dataset
        Contract `posterior` with `period_bounds(period, bounds)` and `period_in_batch(period)`.
    """
    if "period_in_batch" not in posterior:
        msg = (
            "a posterior must say which periods lie in the batch; got no period_in_batch in the "
            "posterior. Copy it from the prior."
        )
        raise ValueError(msg)
    bounds = posterior["period_bounds"].values.astype("datetime64[ns]")
    inside = posterior["period_in_batch"].values.astype(bool)
    if not inside.any():
        msg = (
            "a posterior must have at least one period in the batch; got 0 in period_in_batch. "
            "Check the batch's start and end."
        )
        raise ValueError(msg)
    return np.array([bounds[inside, 0].min(), bounds[inside, 1].max()])


def batch_seconds(bounds: np.ndarray) -> float:
    """Return the length of the batch in seconds."""
    return float((bounds[1] - bounds[0]) / np.timedelta64(1, "s"))

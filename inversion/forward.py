"""A Jacobian and a prior come in; what each sector adds to each observation goes out."""

from __future__ import annotations

import numpy as np
import xarray as xr


def contributions(jacobian: xr.Dataset, prior: xr.Dataset) -> xr.DataArray:
    """Return the prior's enhancement of every observation, sector by sector.

    Parameters
    ----------
    jacobian : Dataset ``jacobian``
        n observations; rows of H over the state of g sectors.
    prior : Dataset ``prior``
        With the sectors and the state size of the Jacobian, on a grid or on regions.

    Returns
    -------
    DataArray (obs, sector), (n, g)
        H x_a split by sector [umol mol-1], with ``obs_id``. The fixed part of the prior is no
        sector and not in it (``fixed_mole_fraction`` of the Jacobian).

    Raises
    ------
    ValueError
        Where sectors or the size of the state differ.

    Examples
    --------
    >>> jacobian = xr.Dataset(
    ...     {
    ...         "obs_id": ("obs", ["one"]),
    ...         "row_start": ("row_edge", [0, 2]),
    ...         "state_index": ("nonzero", [0, 1]),
    ...         "sensitivity": ("nonzero", [0.5, 0.25]),
    ...     },
    ...     {"sector": ["power", "roads"]},
    ... )
    >>> flux = ("sector", "period", "region"), [[[2.0]], [[8.0]]]
    >>> prior = xr.Dataset({"flux": flux}, {"sector": ["power", "roads"]})
    >>> contributions(jacobian, prior).values.tolist()
    [[1.0, 2.0]]
    """
    flux = prior["flux"].to_numpy().astype(np.float64)
    _refuse_other_state(jacobian, prior, flux)
    observations, sectors = jacobian.sizes["obs"], flux.shape[0]
    index = jacobian["state_index"].to_numpy().astype(np.int64)
    row = np.repeat(np.arange(observations), np.diff(jacobian["row_start"].to_numpy()))
    place = row * sectors + index // (flux.size // sectors)
    parts = np.bincount(
        place,
        weights=jacobian["sensitivity"].to_numpy() * flux.ravel()[index],
        minlength=observations * sectors,
    )
    return xr.DataArray(
        parts.reshape(observations, sectors),
        dims=("obs", "sector"),
        coords={
            "obs_id": ("obs", jacobian["obs_id"].to_numpy().astype(str)),
            "sector": prior["sector"].to_numpy().astype(str),
        },
        name="contribution",
        attrs={"units": "umol mol-1"},
    )


def _refuse_other_state(jacobian: xr.Dataset, prior: xr.Dataset, flux: np.ndarray) -> None:
    """Raise where the Jacobian belongs to another state than the prior."""
    of_jacobian, of_prior = (
        ds["sector"].to_numpy().astype(str).tolist() for ds in (jacobian, prior)
    )
    size = int(jacobian.attrs.get("state_size", flux.size))
    if of_jacobian != of_prior or size != flux.size:
        msg = (
            "the Jacobian must belong to the prior's state; got sectors "
            f"{of_jacobian} and {size} unknowns in the Jacobian for {of_prior} and {flux.size} in "
            "the prior. Build the Jacobian again from this prior."
        )
        raise ValueError(msg)

"""In come observations, footprints and the prior's hours; out goes H as sparse rows.

Every footprint cell belongs to one emission hour. Its sensitivity, times the hourly profile of a
sector at that hour, is the change of the mole fraction per unit of that sector's mean flux over
the state period the hour lies in. All sectors share one index pattern.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.spaces import StateSpace
from inversion.daily_means import daily_means
from inversion.emission_hours import EmissionHours, emission_hours
from inversion.footprint_join import FootprintRow, join_footprints

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Contribution:
    """One observation's footprint, its cells told by emission hour.

    Attributes
    ----------
    period_cell : ndarray of int64, (k,)
        period * n_space + cell of each element inside the periods.
    hour : ndarray of int64, (k,)
        Index of its emission hour, -1 where the footprint is integrated over time.
    sensitivity : ndarray, (k,)
        [m2 s mol-1]
    outside : float
        Sensitivity to hours outside the periods [m2 s mol-1].
    """

    period_cell: np.ndarray
    hour: np.ndarray
    sensitivity: np.ndarray
    outside: float


def build_jacobian(
    observations: xr.Dataset, footprints: list[xr.Dataset], prior: xr.Dataset
) -> xr.Dataset:
    """Return the dataset ``jacobian``: H of the flux state, row by row.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations, sorted by receptor and time.
    footprints : list of Dataset ``footprints``
        One per station, in any order; each observation must occur in exactly one.
    prior : Dataset ``prior``
        Its grid, state periods, hours and hourly profiles.

    Returns
    -------
    Dataset ``jacobian``
        ``sensitivity`` [m2 s mol-1] of the mole fraction [umol mol-1] to the mean flux
        [umol m-2 s-1] of (sector, period, cell), ordered by ``state_index`` within a row, and
        ``diurnal_mole_fraction`` [umol mol-1] that each sector's profile of the day makes of the
        prior: with it minus with every hour at the mean of its local day.

    Raises
    ------
    ValueError
        Where an observation has no footprint or two, where times or grids differ, or where lag
        bins are not the whole hours of the prior.

    Notes
    -----
    The emission hour of lag bin [a, b) of an observation whose hour ends at e is the hour that
    starts at e - b. Sensitivity to hours before the first or after the last state period is
    counted in ``sensitivity_outside``, with that outside the grid. ``diurnal_mole_fraction`` is a
    modelled quantity that only the time-resolved footprints can give, not a column of H; it is
    zero where a footprint is integrated over time (docs/decisions/0006-nuisance-states.md).

    ASSUME: within a sector every cell has the same hourly profile.
    """
    space = StateSpace(
        tuple(prior["sector"].to_numpy().astype(str)),
        tuple(prior["period"].to_numpy().astype(str)),
        prior["cell_area"].shape,
    )
    rows, report = join_footprints(observations, footprints, prior)
    hours = emission_hours(prior)
    patterns = [np.unique(_contribution(row, hours, space).period_cell) for row in rows]
    values = _values(rows, patterns, hours, prior, space)
    dataset = _assemble(observations, patterns, values, space)
    dataset = dataset.assign_coords(_state_coords(prior))
    dataset.attrs = {
        "title": "sensitivity of each observation to the mean flux of sector, period and cell",
        "synthetic": str(prior.attrs["synthetic"]),
        "grid_crs": str(prior.attrs["grid_crs"]),
        "state_size": space.size,
        **report,
    }
    integrated = int(report["time_integrated_observations"])
    if integrated:
        dataset.attrs["time_integrated_treatment"] = (
            "footprints integrated over time act wholly on the period that holds the observation, "
            "with an hourly profile of 1"
        )
    logger.info(
        "jacobian: %d observations, %d unknowns, %d entries, %d time-integrated",
        len(rows),
        space.size,
        dataset.sizes["nonzero"],
        integrated,
    )
    return dataset


def _contribution(row: FootprintRow, hours: EmissionHours, space: StateSpace) -> Contribution:
    """Return the elements of one footprint with the hour and period in which they were emitted."""
    cell = row.row_index.astype(np.int64) * space.shape[1] + row.column_index
    if row.time_integrated:
        hour_of_lag = np.array([-1])
        period_of_lag = np.array([hours.period_at(row.time)])
    else:
        hour_of_lag = hours.index_of(row.hour_end - row.lag_upper)
        period_of_lag = np.where(hour_of_lag >= 0, hours.period[hour_of_lag], -1)
    period = period_of_lag[row.lag_index]
    inside = period >= 0
    return Contribution(
        period_cell=period[inside] * space.n_space + cell[inside],
        hour=hour_of_lag[row.lag_index][inside],
        sensitivity=row.sensitivity[inside],
        outside=float(row.sensitivity[~inside].sum()),
    )


@dataclass(frozen=True)
class RowValues:
    """Values of all rows: entries, their sums, what lies outside, the fixed and diurnal parts."""

    sensitivity: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    fixed: np.ndarray
    diurnal: np.ndarray


def _values(
    rows: list[FootprintRow],
    patterns: list[np.ndarray],
    hours: EmissionHours,
    prior: xr.Dataset,
    space: StateSpace,
) -> RowValues:
    """Return the entries of H, filled into one array, with the sums the contract keeps."""
    # one more column, 1: a time-integrated footprint has hour index -1
    profile = _with_unit_column(prior["hourly_profile"].to_numpy())
    fixed_profile = _with_unit_column(prior["fixed_hourly_profile"].to_numpy()[None])[0]
    fixed_flux = prior["fixed_flux"].to_numpy().ravel()
    flux = prior["flux"].to_numpy().reshape(len(space.sectors), -1)
    means = daily_means(prior, hours)
    sensitivity = np.empty(len(space.sectors) * sum(len(pattern) for pattern in patterns))
    inside = np.zeros((len(rows), len(space.sectors)))
    outside = np.zeros(len(rows))
    fixed = np.zeros(len(rows))
    diurnal = np.zeros_like(inside)
    start = 0
    for number, (row, pattern) in enumerate(zip(rows, patterns, strict=True)):
        part = _contribution(row, hours, space)
        slot = np.searchsorted(pattern, part.period_cell)
        for sector in range(len(space.sectors)):
            weighted = part.sensitivity * profile[sector, part.hour]
            sensitivity[start : start + len(pattern)] = np.bincount(
                slot, weights=weighted, minlength=len(pattern)
            )
            inside[number, sector] = weighted.sum()
            entries = sensitivity[start : start + len(pattern)]
            diurnal[number, sector] = entries @ flux[sector, pattern]
            start += len(pattern)
        outside[number] = row.sensitivity_outside + part.outside
        cell = part.period_cell % space.n_space
        fixed[number] = part.sensitivity @ (fixed_flux[cell] * fixed_profile[part.hour])
        if row.time_integrated:
            diurnal[number] = 0.0
        else:
            diurnal[number] -= means.seen(part.sensitivity, part.hour, cell)
    return RowValues(sensitivity, inside, outside, fixed, diurnal)


def _with_unit_column(profile: np.ndarray) -> np.ndarray:
    """Return the profile (sector, hour) with a last column of ones."""
    return np.concatenate([profile, np.ones((len(profile), 1))], axis=1)


def _assemble(
    observations: xr.Dataset, patterns: list[np.ndarray], values: RowValues, space: StateSpace
) -> xr.Dataset:
    """Return the rows as a dataset, without coordinates of the state."""
    sector_offset = np.array([space.index(s, 0, 0) for s in range(len(space.sectors))])
    length = np.array([len(pattern) for pattern in patterns], dtype=np.int64) * len(space.sectors)
    index_type = np.int32 if space.size < np.iinfo(np.int32).max else np.int64
    state_index = np.empty(int(length.sum()), dtype=index_type)
    start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    for number, pattern in enumerate(patterns):
        block = state_index[start[number] : start[number + 1]].reshape(len(space.sectors), -1)
        block[...] = sector_offset[:, None] + pattern
    unit = {"units": "m2 s mol-1"}
    return xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "row_start": ("row_edge", start, {"units": "1"}),
            "state_index": ("nonzero", state_index, {"units": "1"}),
            "sensitivity": ("nonzero", values.sensitivity, unit),
            "sensitivity_inside": (("obs", "sector"), values.inside, unit),
            "sensitivity_outside": ("obs", values.outside, unit),
            "fixed_mole_fraction": ("obs", values.fixed, {"units": "umol mol-1"}),
            "diurnal_mole_fraction": (
                ("obs", "sector"),
                values.diurnal,
                {"units": "umol mol-1"},
            ),
        }
    )


def _state_coords(prior: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the coordinates and bounds that describe the state, as the prior has them."""
    row_dim, column_dim = prior["cell_area"].dims
    kept = {"sector", "period", str(row_dim), str(column_dim)}
    kept |= {"period_bounds", f"{row_dim}_bounds", f"{column_dim}_bounds"}
    return {name: prior[name] for name in sorted(kept) if name in prior.variables}

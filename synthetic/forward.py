"""Footprints and the calendar of a prior come in; what a flux adds to the air of each hour goes out.

The certificate's own forward model: it shares no code with the one that is certified.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.sparse import csr_matrix

from contracts.grid import Grid

SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True)
class Forward:
    """Recorded hours and how they see the fluxes.

    Attributes
    ----------
    station : ndarray of str (n,)
    time : ndarray of datetime64[ns] (n,)
        Starts of the recorded hours.
    matrices : tuple of csr_matrix (n, period × cell), m2 s mol-1
        One for each distinct hourly profile.
    profile_of_sector : ndarray of int (sector,)
        Which matrix carries a sector.
    fixed : ndarray (n,), umol mol-1
        What the prior's fixed flux adds.
    inside, beyond, before : ndarray (n,), m2 s mol-1
        Sensitivity that meets fluxes, that beyond the grid, and that to hours outside the periods;
        nothing is emitted in the last two.
    """

    station: np.ndarray
    time: np.ndarray
    matrices: tuple[csr_matrix, ...]
    profile_of_sector: np.ndarray
    fixed: np.ndarray
    inside: np.ndarray
    beyond: np.ndarray
    before: np.ndarray

    def enhancement(self, flux: np.ndarray) -> np.ndarray:
        """Return what fluxes add to the air.

        Parameters
        ----------
        flux : ndarray (sector, period, row, col), umol m-2 s-1

        Returns
        -------
        ndarray (n,), umol mol-1
            The fixed part included.
        """
        by_sector = flux.reshape(len(flux), -1)
        total = self.fixed.copy()
        for number, matrix in enumerate(self.matrices):
            total += matrix @ by_sector[self.profile_of_sector == number].sum(axis=0)
        return total


def forward_of(footprints: Sequence[xr.Dataset], prior: xr.Dataset) -> Forward:
    """Return the forward model of all hours that the footprints hold.

    Parameters
    ----------
    footprints : sequence of Dataset `footprints`
        One per station.
    prior : Dataset `prior`
        Its grid, periods and hourly profiles.

    Returns
    -------
    Forward
        Stations in the order given, hours in the order of the files.

    Raises
    ------
    ValueError
        Where a footprint is integrated over time or lies on another grid.

    Notes
    -----
    An hour that starts at t sees, through lag bin [a, b), the emissions of the hour that starts
    at t + 1 h - b: sum over lags and cells of sensitivity × hourly profile × flux of its period.
    """
    for footprint in footprints:
        _refuse(footprint, prior)
    hours = prior["hour"].to_numpy().astype("datetime64[ns]")
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    period_of_hour = np.searchsorted(bounds[:, 0], hours, side="right") - 1
    profiles, of_sector = np.unique(prior["hourly_profile"].to_numpy(), axis=0, return_inverse=True)
    row, hour, cell, value = _elements(footprints, hours, prior["cell_area"].shape[1])
    known = hour >= 0
    count = sum(footprint.sizes["obs"] for footprint in footprints)
    shape = (count, len(bounds) * prior["cell_area"].size)
    column = period_of_hour[hour[known]] * prior["cell_area"].size + cell[known]

    def carried(profile: np.ndarray) -> csr_matrix:
        weight = value[known] * profile[hour[known]]
        return csr_matrix((weight, (row[known], column)), shape=shape)

    beyond = np.concatenate([f["sensitivity_outside"].to_numpy() for f in footprints])
    return Forward(
        station=np.concatenate([_names(footprint) for footprint in footprints]),
        time=np.concatenate([f["time"].to_numpy().astype("datetime64[ns]") for f in footprints]),
        matrices=tuple(carried(profile) for profile in profiles),
        profile_of_sector=of_sector.ravel(),
        fixed=_fixed(carried, prior, len(bounds), count),
        inside=np.bincount(row[known], weights=value[known], minlength=count),
        beyond=beyond,
        before=np.bincount(row[~known], weights=value[~known], minlength=count),
    )


def _names(footprint: xr.Dataset) -> np.ndarray:
    """Return the station of each hour of one dataset."""
    return np.repeat(str(footprint.attrs["station"]), footprint.sizes["obs"])


def _elements(
    footprints: Sequence[xr.Dataset], hours: np.ndarray, columns: int
) -> tuple[np.ndarray, ...]:
    """Return row, emission hour (-1: none of the prior's), cell and sensitivity of all entries."""
    parts, first = [], 0
    for footprint in footprints:
        size = footprint.sizes["obs"]
        owner = np.repeat(np.arange(size), footprint["row_size"].to_numpy())
        lag_end = footprint["lag_bounds"].to_numpy()[footprint["lag_index"].to_numpy(), 1]
        recorded = footprint["time"].to_numpy().astype("datetime64[s]")[owner]
        back = np.round(lag_end - 3600.0).astype(np.int64) * SECOND
        emitted = (recorded - back).astype("datetime64[ns]")
        place = np.minimum(np.searchsorted(hours, emitted), len(hours) - 1)
        cell = footprint["row_index"].to_numpy().astype(np.int64) * columns
        parts.append(
            (
                first + owner,
                np.where(hours[place] == emitted, place, -1),
                cell + footprint["column_index"].to_numpy(),
                footprint["sensitivity"].to_numpy(),
            )
        )
        first += size
    return tuple(np.concatenate(series) for series in zip(*parts, strict=True))


def _fixed(
    carried: Callable[[np.ndarray], csr_matrix], prior: xr.Dataset, n_period: int, count: int
) -> np.ndarray:
    """Return what the prior's fixed flux adds to each hour, umol mol-1; zero where it has none."""
    if "fixed_flux" not in prior or not prior["fixed_flux"].to_numpy().any():
        return np.zeros(count)
    matrix = carried(prior["fixed_hourly_profile"].to_numpy())
    return matrix @ np.tile(prior["fixed_flux"].to_numpy().ravel(), n_period)


def _refuse(footprint: xr.Dataset, prior: xr.Dataset) -> None:
    """Raise where a footprint cannot carry the fluxes of the prior hour by hour."""
    where = f"the footprints of {footprint.attrs.get('station', 'a station without name')}"
    if footprint.attrs.get("time_integrated") == "yes":
        msg = (
            f"footprints of made records must be told by hour; got time_integrated=yes in {where}. "
            "Bring footprints that are resolved in time, or leave synthetic_records out."
        )
        raise ValueError(msg)
    if "hour" not in prior or "cell_area" not in prior:
        msg = (
            "the prior of made records must hold cells and hours; got neither in prior.nc. Build "
            "it on a grid."
        )
        raise ValueError(msg)
    if not Grid.from_dataset(footprint).same_as(Grid.from_dataset(prior)):
        msg = (
            "footprints of made records must lie on the prior's grid within 1e-3 of a cell; got "
            f"another grid in {where}. Release them on the grid of the run."
        )
        raise ValueError(msg)

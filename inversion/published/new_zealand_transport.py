"""Responses of the sites of New Zealand to its regions come in; the Jacobian of the quarter-month fluxes goes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from inversion.published.new_zealand_files import REGIONS, SITES
from inversion.published.new_zealand_observations import observation_names

if TYPE_CHECKING:
    from inversion.published.new_zealand_files import Files
    from inversion.published.new_zealand_parts import Parts
    from inversion.published.new_zealand_records import Daily

_DAYS_BACK = 4
MOLAR_MASS_G_MOL = 44.0095
_KG_PER_TG, _SECONDS_PER_DAY, _KG_PER_UMOL = 1e9, 86_400.0, MOLAR_MASS_G_MOL * 1e-9


def teragrams_per_flux(parts: Parts, area: np.ndarray) -> np.ndarray:
    """Return Tg CO2 a year for 1 umol m-2 s-1 in each part and region, (p, regions).

    Parameters
    ----------
    parts : Parts
    area : ndarray, (regions,)
        [m2]

    Notes
    -----
    A year is the part's own, 365 or 366 days, so that f_w s summed over a year is its total mass.
    """
    seconds = parts.year_days * _SECONDS_PER_DAY
    return seconds[:, None] * area * (_KG_PER_UMOL / _KG_PER_TG)


def shares_of_parts(day: int, parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Return the parts in which an observation's air took up flux, and their shares.

    Parameters
    ----------
    day : int
        Days since 2011-01-01; the air of this day and the four before it counts.
    parts : Parts

    Returns
    -------
    part : ndarray of int
        One or two parts, ascending.
    share : ndarray
        Share of the release days in each, sum 1.

    Examples
    --------
    >>> from inversion.published.new_zealand_parts import parts_of_months
    >>> part, share = shares_of_parts(8, parts_of_months())
    >>> part.tolist(), share.tolist()
    ([0, 1], [0.6, 0.4])
    """
    release = np.arange(max(0, day - _DAYS_BACK), day + 1)
    part, count = np.unique(parts.of_day(release + 1), return_counts=True)
    return part, count / release.size


def jacobian_of(files: Files, daily: Daily, parts: Parts, density: np.ndarray) -> xr.Dataset:
    """Return the dataset ``jacobian`` of the state (sector, part, region).

    Parameters
    ----------
    files : Files
    daily : Daily
        n observations.
    parts : Parts
    density : ndarray, (n,)
        g m-3 for 1 ppm, to carry each row to ppm.

    Returns
    -------
    Dataset ``jacobian``
        Responses of exactly zero are not stored; nothing else is left out. The pre-subtracted
        fossil mole fraction is ``fixed_mole_fraction``.
    """
    per_flux = teragrams_per_flux(parts, files.area)
    response = files.response[:, daily.day, daily.site].T / density[:, None]
    indices, values, sizes, two = [], [], [], 0
    for row, day in zip(response, daily.day, strict=True):
        part, share = shares_of_parts(int(day), parts)
        state = (part[:, None] * REGIONS + np.arange(REGIONS)).ravel()
        value = (share[:, None] * row * per_flux[part]).ravel()
        stored = np.flatnonzero(value)
        indices.append(state[stored])
        values.append(value[stored])
        sizes.append(stored.size)
        two += len(part) - 1
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    sensitivity = np.concatenate(values)
    number = len(daily.day)
    rows = np.repeat(np.arange(number), sizes)
    inside = np.bincount(rows, sensitivity, minlength=number)[:, None]
    footprint, n_state = {"units": "m2 s mol-1"}, len(parts.year) * REGIONS
    counts = {"observations_in_one_part": number - two, "observations_in_two_parts": two}
    return xr.Dataset(
        {
            "obs_id": ("obs", observation_names(daily)),
            "sector": ("sector", np.array(["natural"], dtype=object)),
            "row_start": ("row_edge", start),
            "state_index": ("nonzero", np.concatenate(indices).astype(np.int32)),
            "sensitivity": ("nonzero", sensitivity, footprint),
            "sensitivity_inside": (("obs", "sector"), inside, footprint),
            "sensitivity_outside": ("obs", np.zeros(number), footprint),
            "fixed_mole_fraction": (
                "obs",
                files.fossil[daily.day, daily.site],
                {"units": "umol mol-1", "long_name": "fossil CO2, subtracted by the authors"},
            ),
        },
        attrs={
            "title": f"response of {', '.join(SITES[:2])} to 25 regions in quarters of months",
            "synthetic": "no",
            "state_size": n_state,
            "counts": json.dumps({**counts, "nonzeros": int(start[-1])}),
        },
    )

"""Footprints of some hours come in; a footprint for every observation, borrowed where it has none, goes out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

_DAY_S, _AS_A_DAY_S = 86400.0, 6 * 3600.0
_ELEMENTS = ("lag_index", "row_index", "column_index", "sensitivity")


def borrowed_footprints(
    observations: xr.Dataset, footprints: list[xr.Dataset]
) -> tuple[list[xr.Dataset], dict[str, int]]:
    """Return a footprint for every observation: its own, or that of a like hour.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    footprints : list of Dataset ``footprints``
        Of some of the observations, known by ``obs_id``; others are left out and counted.

    Returns
    -------
    footprints : list of Dataset ``footprints``
        As many datasets, together with one footprint for each observation.
    counts : dict of int
        ``own``, ``borrowed`` and ``footprints_unused``.

    Raises
    ------
    ValueError
        Where a receptor has no footprint at all, or an observation has two.

    Notes
    -----
    An observation borrows from its own receptor: from the nearest hour of the day, and among
    those from the nearest day (the earlier one where two are as near). Footprints are told by the
    time before their hour, so a borrowed one meets the emissions of the borrower's own hours.

    ASSUME: air comes from where it came from at the same hour of a day nearby. Repeated patterns
    tell less than as many different ones, so a preview from few days promises too little.
    """
    places = _places(observations, footprints)
    lender = _lenders(observations, places)
    own = sum(int(lender[row] == place) for row, place in places.items())
    unused = sum(one.sizes["obs"] for one in footprints) - len(places)
    counts = {"own": own, "borrowed": len(lender) - own, "footprints_unused": unused}
    logger.info("footprints: %d own, %d borrowed, %d unused", *counts.values())
    made = []
    for number, one in enumerate(footprints):
        rows = [row for row, (dataset, _) in enumerate(lender) if dataset == number]
        if rows:
            made.append(_relent(one, [lender[row][1] for row in rows], observations, rows))
    return made, counts


def _places(observations: xr.Dataset, footprints: list[xr.Dataset]):
    """Return where the footprint of each observation lies that has one: (dataset, position)."""
    wanted = {name: row for row, name in enumerate(_names(observations))}
    places: dict[int, tuple[int, int]] = {}
    for number, one in enumerate(footprints):
        for position, name in enumerate(_names(one)):
            row = wanted.get(name)
            if row is None:
                continue
            if row in places:
                msg = (
                    f"an observation must have one footprint; got two for {name} in the "
                    "footprints. Give each station's footprints once."
                )
                raise ValueError(msg)
            places[row] = (number, position)
    return places


def _names(dataset: xr.Dataset) -> list[str]:
    """Return the names of a dataset's observations."""
    return dataset["obs_id"].to_numpy().astype(str).tolist()


def _lenders(observations: xr.Dataset, places: dict[int, tuple[int, int]]):
    """Return the place of the footprint that each observation uses."""
    receptor = observations["receptor_index"].to_numpy()
    time = observations["time"].to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
    known = np.array(sorted(places), dtype=np.int64)
    lender = []
    for row, (site, when) in enumerate(zip(receptor.tolist(), time.tolist(), strict=True)):
        if row in places:
            lender.append(places[row])
            continue
        mates = known[receptor[known] == site]
        if not len(mates):
            name = str(observations["receptor"].to_numpy()[site])
            msg = (
                "every receptor must have at least one footprint to borrow; got none for "
                f"{name} in the footprints. Sample more days, or leave the receptor out."
            )
            raise ValueError(msg)
        lender.append(places[int(mates[_nearest(time[mates] - when)])])
    return lender


def _nearest(apart: np.ndarray) -> int:
    """Return which of some hours is most like one, by how far it lies in days and in the day."""
    turned = np.abs((apart + 0.5 * _DAY_S) % _DAY_S - 0.5 * _DAY_S)
    days = np.rint(np.abs(apart) / _DAY_S)
    return int(np.lexsort((apart, np.abs(apart), turned / _AS_A_DAY_S + days))[0])


def _relent(one: xr.Dataset, positions: list[int], observations: xr.Dataset, rows: list[int]):
    """Return the footprints at some positions under the names and times of some observations."""
    sizes = one["row_size"].to_numpy()
    edges = np.concatenate([[0], np.cumsum(sizes)])
    taken = np.concatenate([*_spans(edges, positions), np.zeros(0, np.int64)]).astype(np.int64)
    unit = one["sensitivity"].attrs
    elements = {name: ("nonzero", one[name].to_numpy()[taken]) for name in _ELEMENTS}
    of_obs = {name: ("obs", one[name].to_numpy()[positions], unit) for name in _TOLD}
    return xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()[rows]),
            "time": ("obs", observations["time"].to_numpy()[rows]),
            "row_size": ("obs", sizes[positions]),
            **elements,
            **of_obs,
            "lag_bounds": one["lag_bounds"],
        },
        coords={name: one[name] for name in one.coords},
        attrs=one.attrs,
    ).assign({"sensitivity": ("nonzero", elements["sensitivity"][1], unit)})


_TOLD = ("sensitivity_total", "sensitivity_outside")


def _spans(edges: np.ndarray, positions: list[int]) -> Iterator[np.ndarray]:
    """Yield the places of the elements of each footprint."""
    for position in positions:
        yield np.arange(edges[position], edges[position + 1])

"""In come drawn truths; out go their mole fractions at the observations and their true totals.

Every join is exact: an hour, a receptor or a total that a draw lacks is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


def draw_mole_fractions(truths: xr.Dataset, observations: xr.Dataset) -> np.ndarray:
    """Return what each draw would have recorded at the observations.

    Parameters
    ----------
    truths : Dataset ``truths``
        ``mole_fraction(draw, receptor, time)`` [umol mol-1].
    observations : Dataset ``observations``
        n observations.

    Returns
    -------
    ndarray, (draw, n)
        [umol mol-1]

    Raises
    ------
    ValueError
        Where the draws lack a receptor or an hour.
    """
    names = observations["receptor"].to_numpy().astype(str)
    used = names[np.unique(observations["receptor_index"].to_numpy())]
    place = _places(truths["receptor"].to_numpy().astype(str), used, "receptor")
    column = np.array([place.get(str(name), -1) for name in names])
    receptor = column[observations["receptor_index"].to_numpy()]
    hours = truths["time"].to_numpy().astype("datetime64[ns]")
    wanted = observations["time"].to_numpy().astype("datetime64[ns]")
    slot = np.searchsorted(hours, wanted)
    found = hours[np.minimum(slot, len(hours) - 1)] == wanted
    if not found.all():
        msg = (
            f"truths must hold every observation's hour; got none for {int((~found).sum())} of "
            f"{len(wanted)} observations, the first {wanted[~found][0]}, in truths.nc. Draw the "
            "truths for all hours of the batch that are observed."
        )
        raise ValueError(msg)
    return truths["mole_fraction"].to_numpy()[:, receptor, slot]


def true_totals(truths: xr.Dataset, region: tuple[str, ...], sector: tuple[str, ...]) -> np.ndarray:
    """Return the true totals of each draw.

    Parameters
    ----------
    truths : Dataset ``truths``
        ``true_total(draw, region, sector)`` [kg s-1].
    region, sector : tuple of str, (k,)
        The totals asked for.

    Returns
    -------
    ndarray, (draw, k)
        [kg s-1]

    Raises
    ------
    ValueError
        Where the draws lack a region or a sector.
    """
    rows = _places(truths["region"].to_numpy().astype(str), np.array(region), "region")
    columns = _places(truths["sector"].to_numpy().astype(str), np.array(sector), "sector")
    values = truths["true_total"].to_numpy()
    return values[:, [rows[name] for name in region], [columns[name] for name in sector]]


def _places(names: np.ndarray, wanted: np.ndarray, kind: str) -> dict[str, int]:
    """Return the place of each name, or refuse names that are not there."""
    place = {name: number for number, name in enumerate(names.tolist())}
    absent = sorted(frozenset(wanted.tolist()) - frozenset(place))
    if absent:
        msg = (
            f"truths must hold every {kind} of the problem; got none for {absent} in truths.nc. "
            f"Draw the truths with this {kind}."
        )
        raise ValueError(msg)
    return place

"""Maps of the prior, or columns of one's own, come in; the columns X of a trend X b go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from inversion.linalg.maps import LinearMap, Product, SparseMap

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

MAPS = ("sector_maps", "kind_maps")
INVENTORY = "inventory"


@dataclass(frozen=True)
class Trend:
    """Columns whose strengths b nothing is known of beforehand.

    Attributes
    ----------
    names : tuple of str, (p,)
    columns : LinearMap, (n_flux, p)
        X; in the unit of the fluxes where b is to be a factor.
    """

    names: tuple[str, ...]
    columns: LinearMap

    def __post_init__(self) -> None:
        if len(self.names) != self.columns.shape[1] or not self.names:
            msg = (
                "a trend must have one name for each column and at least one column; got "
                f"{len(self.names)} names and {self.columns.shape[1]} columns in Trend. Name each."
            )
            raise ValueError(msg)

    def only(self, members: Sequence[int]) -> Trend:
        """Return some of the columns, in the order asked for."""
        kept = list(members)
        mix = np.eye(len(self.names))[:, kept]
        return Trend(tuple(self.names[k] for k in kept), Product(self.columns, mix))


def trend_of(prior: xr.Dataset, maps: str = "sector_maps") -> Trend:
    """Return the prior's own maps as a trend; b = 1 everywhere gives the prior back.

    Parameters
    ----------
    prior : Dataset ``prior``
        g sectors.
    maps : {"sector_maps", "kind_maps"}
        One column for each sector; or one for all sectors the inventory counts together and one
        for each other sector.

    Raises
    ------
    ValueError
        Where a column would be zero everywhere.

    Notes
    -----
    A column takes from the inventory where and when it emits, and not how much.
    """
    if maps not in MAPS:
        msg = f"solver.trend must be one of {', '.join(MAPS)}; got {maps!r}. Name one of these."
        raise ValueError(msg)
    flux = prior["flux"].to_numpy().astype(np.float64, copy=False)
    sectors = prior["sector"].to_numpy().astype(str).tolist()
    kinds = prior["sector_kind"].to_numpy().astype(str).tolist()
    labels = [
        INVENTORY if maps == "kind_maps" and kind == INVENTORY else name
        for name, kind in zip(sectors, kinds, strict=True)
    ]
    names = tuple(dict.fromkeys(labels))
    column = np.repeat([names.index(label) for label in labels], flux[0].size)
    shape = (flux.size, len(names))
    matrix = scipy.sparse.csr_matrix(
        (flux.ravel(), column.astype(np.int32), np.arange(flux.size + 1)), shape=shape
    )
    return _refuse_empty(Trend(names, SparseMap(matrix)), np.abs(matrix).sum(axis=0))


def _refuse_empty(trend: Trend, sizes: np.ndarray) -> Trend:
    """Return the trend, or refuse columns without any flux."""
    empty = [
        name for name, size in zip(trend.names, np.asarray(sizes).ravel(), strict=True) if not size
    ]
    if empty:
        msg = (
            f"each column of a trend must have a flux somewhere; got none for {empty} in prior.nc. "
            "Leave these sectors out of the state, or give columns of your own."
        )
        raise ValueError(msg)
    return trend

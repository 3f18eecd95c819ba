"""A problem's B and R come in; the parts of S that one variance each scales go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.errors.correlations import mismatch_covariance
from inversion.hyperparameters.family import Part
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.with_totals import WithTotals

if TYPE_CHECKING:
    import xarray as xr

    from inversion.linalg.covariance import Covariance
    from inversion.linalg.maps import LinearMap
    from inversion.nuisance.states import Nuisance

CELLS, DECLARED, WHOLE = "cells", "declared", "mismatch"


def flux_parts(
    covariance: Covariance,
    jacobian: LinearMap,
    weights: LinearMap,
    node: tuple[int, ...] = (),
    sectors: tuple[str, ...] = (),
) -> list[Part]:
    """Return the parts of the fluxes' share of S.

    Parameters
    ----------
    covariance : Covariance, (fluxes, fluxes)
        B of the fluxes.
    jacobian : LinearMap, (n, fluxes)
    weights : LinearMap, (fluxes, k)
        W: totals asked for.
    node : tuple of int
        Place on the grid of lengths.
    sectors : tuple of str
        Where given, cells get a part for each sector, ``cells_<sector>``.

    Returns
    -------
    list of Part
        ``cells``, and ``declared`` where totals are declared.

    Notes
    -----
    With declared totals B = (K - U G U^T) + U C U^T (SCIENCE 2.2): the fluxes given their totals,
    and the totals, independent of each other. K times s leaves U = K W G^-1 as it is, so that B is
    linear in the variance of the cells given the totals and in that of the totals.

    ASSUME: the covariance between declared totals keeps the shape it has at the configured size
    of the cells' errors.
    """
    if sectors:
        return _by_sector(covariance, jacobian, weights, node, sectors)
    if not isinstance(covariance, WithTotals):
        gram, (cross,) = covariance.gram_and_cross(jacobian, [weights])
        return [Part(CELLS, gram, cross, covariance.quadratic(weights), node)]
    gram, (reached, cross) = covariance.base.gram_and_cross(jacobian, [covariance.weights, weights])
    quadratic = covariance.base.quadratic(weights)
    shared = covariance.base.quadratic(covariance.weights, weights)
    factor = scipy.linalg.cho_factor(covariance.given, lower=True)
    seen = scipy.linalg.cho_solve(factor, reached.T)  # (H U)^T, (totals, n)
    summed = scipy.linalg.cho_solve(factor, shared)  # U^T W, (totals, k)
    parts = []
    for name, middle, whole in (
        (CELLS, -covariance.given, (gram, cross, quadratic)),
        (DECLARED, covariance.wanted, (0.0, 0.0, 0.0)),
    ):
        own = seen.T @ middle @ seen
        parts.append(
            Part(
                name,
                whole[0] + 0.5 * (own + own.T),
                whole[1] + seen.T @ middle @ summed,
                whole[2] + summed.T @ middle @ summed,
                node,
            )
        )
    return parts


def _by_sector(
    covariance: Covariance,
    jacobian: LinearMap,
    weights: LinearMap,
    node: tuple[int, ...],
    sectors: tuple[str, ...],
):
    """Return a part for each sector; refuse a B that is no sum over sectors."""
    alone = isinstance(covariance, ScaledKronecker) and not np.any(
        covariance.base.sector.matrix - np.diag(covariance.base.sector.diagonal())
    )
    if not alone:
        msg = (
            "tune.by_sector must have sectors that are not correlated, no daily part and no "
            f"declared totals; got a {type(covariance).__name__} in prior_covariance.nc. Set "
            "tune.by_sector to false, or errors.prior.declared.enabled to false."
        )
        raise ValueError(msg)
    parts = []
    for index, name in enumerate(sectors):
        field = np.zeros_like(covariance.field)
        field[index] = covariance.field[index]
        one = ScaledKronecker(field, covariance.base)
        gram, (cross,) = one.gram_and_cross(jacobian, [weights])
        parts.append(Part(f"{CELLS}_{name}", gram, cross, one.quadratic(weights), node))
    return parts


def mismatch_parts(mismatch: xr.Dataset, observations: xr.Dataset) -> list[Part]:
    """Return one part for each named term of R, or one for an R given as a matrix.

    Parameters
    ----------
    mismatch : Dataset ``mismatch``
    observations : Dataset ``observations``
    """
    if "covariance" in mismatch:
        return [Part(WHOLE, mismatch_covariance(mismatch, observations))]
    return [
        Part(str(name), mismatch_covariance(mismatch.isel(term=[number]), observations))
        for number, name in enumerate(mismatch["term"].to_numpy().astype(str).tolist())
    ]


def nuisance_parts(nuisance: Nuisance | None) -> list[Part]:
    """Return one part for each kind of state that is no flux, those common to the batch apart.

    Parameters
    ----------
    nuisance : Nuisance or None

    Raises
    ------
    ValueError
        Where states of two kinds are correlated: they have no sizes of their own.
    """
    if nuisance is None or not nuisance.names:
        return []
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(nuisance.names):
        groups.setdefault(kind_of(name), []).append(number)
    told = list(groups.items())
    for k, (one, members) in enumerate(told):
        for two, others in told[:k]:
            if nuisance.covariance[np.ix_(members, others)].any():
                msg = (
                    "nuisance states of different kinds must be independent; got correlated "
                    f"states of {two} and {one} in Nuisance. Keep both fixed as one kind."
                )
                raise ValueError(msg)
    return [Part(name, nuisance.only(members).modelled_covariance) for name, members in told]


def kind_of(name: str) -> str:
    """Return the parameter that scales a nuisance state: its kind, and whether it is common.

    Examples
    --------
    >>> kind_of("transport:common"), kind_of("transport:2025-06-01T16"), kind_of("diurnal:road")
    ('state_transport_common', 'state_transport_daily', 'state_diurnal')
    """
    kind, label = name.split(":", 1)
    if kind == "diurnal":
        return "state_diurnal"
    when = "common" if label == "common" or label.endswith("_common") else "daily"
    return f"state_{kind}_{when}"

"""In come a batch's datasets and drawn truths; out goes the certificate of its intervals.

The gain of the inversion does not depend on the data, so a drawn truth costs one right-hand side.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from contracts.settings.gas import GasSettings
from inversion.aggregates import batch_totals, layout_of
from inversion.cluster import open_cluster
from inversion.coverage import Totals, certificate
from inversion.drawn_truths import draw_mole_fractions, true_totals
from inversion.linalg.maps import Product
from inversion.solve import solve_problem

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.errors import ErrorSettings
    from contracts.settings.model import Settings
    from contracts.settings.osse import OsseSettings
    from contracts.settings.solver import SolverSettings
    from inversion.cluster import Pool

logger = logging.getLogger(__name__)

SHRINK = 0.8
PLANTED = {
    "shrunk": f"standard deviations times {SHRINK}",
    "diagonal": "diagonal R, no background and no transport states",
}


@dataclass(frozen=True)
class OsseSections:
    """The sections of the settings a certificate depends on."""

    errors: ErrorSettings
    solver: SolverSettings
    osse: OsseSettings
    gas: GasSettings = field(default_factory=GasSettings)


@dataclass(frozen=True)
class FixedGain:
    """The linear map of an inversion from innovations to totals.

    Attributes
    ----------
    region, sector, family : tuple of str, (k,)
        The judged totals.
    prior : ndarray, (k,)
        [kg s-1]
    standard_deviation, prior_standard_deviation : ndarray, (k,)
        Posterior and prior [kg s-1].
    gain : ndarray, (k, n)
        W^T B H^T S^-1 [kg s-1 per umol mol-1].
    modelled : ndarray, (n,)
        b + fixed + H x_a [umol mol-1].
    """

    region: tuple[str, ...]
    sector: tuple[str, ...]
    family: tuple[str, ...]
    prior: np.ndarray
    standard_deviation: np.ndarray
    prior_standard_deviation: np.ndarray
    gain: np.ndarray
    modelled: np.ndarray

    def totals(self, truth: np.ndarray, estimate: np.ndarray, scale: float = 1.0) -> Totals:
        """Return estimates (draw, k) beside their truths, standard deviations times `scale`."""
        return Totals(
            self.family,
            self.region,
            self.sector,
            truth,
            estimate,
            self.prior,
            scale * self.standard_deviation,
            self.prior_standard_deviation,
        )


def certify(
    datasets: dict[str, xr.Dataset],
    posterior: xr.Dataset | None,
    truths: xr.Dataset,
    sections: OsseSections,
    workers: int = 1,
) -> dict:
    """Return the certificate of a batch (SCIENCE 2.13).

    Parameters
    ----------
    datasets : dict of Dataset
        The six datasets of the problem; the observed mole fractions are not used.
    posterior : Dataset ``posterior`` or None
        The result that is certified: its standard deviations must be those of this problem.
    truths : Dataset ``truths``
        Drawn truths and noises at all hours of all receptors.
    sections : OsseSections
        Errors, solver, gas, and ``osse`` (draws, chunks, planted faults).
    workers : int
        Threads of the rule.

    Returns
    -------
    dict
        The certificate (`inversion.coverage.certificate`), ``planted`` where asked for.

    Raises
    ------
    ValueError
        Where there are fewer draws than asked for, a draw lacks an observation's hour or a
        total, or the posterior does not belong to the problem.

    Notes
    -----
    A draw holds its own fluxes, background, transport and instrument errors and its own human
    respiration, whose error is therefore part of what the intervals must cover. Truths and noise
    are both drawn anew: redrawing the noise of one truth does not give 95 %.
    """
    truths = _first_draws(truths, sections.osse.draws)
    observed = draw_mole_fractions(truths, datasets["observations"])
    title = str(truths.attrs.get("family", "drawn truths"))
    fixed = fixed_gain(datasets, sections)
    if posterior is not None:
        _require_same_intervals(fixed, posterior)
    truth = true_totals(truths, fixed.region, fixed.sector)
    with open_cluster(workers, kind="threads" if workers > 1 else "serial") as pool:
        estimate = estimate_totals(fixed, observed, sections.osse.chunk_draws, pool)
        made = certificate(fixed.totals(truth, estimate), title)
        if sections.osse.planted:
            blind = fixed_gain(*without_correlations(datasets, sections))
            wrong = estimate_totals(blind, observed, sections.osse.chunk_draws, pool)
            made["planted"] = {
                "shrunk": certificate(fixed.totals(truth, estimate, SHRINK), PLANTED["shrunk"]),
                "diagonal": certificate(blind.totals(truth, wrong), PLANTED["diagonal"]),
            }
    logger.info("osse: %d draws, passed: %s", made["draws"], made["passed"])
    return made


def fixed_gain(datasets: dict[str, xr.Dataset], sections: OsseSections) -> FixedGain:
    """Return the gain of the inversion for the judged totals.

    Parameters
    ----------
    datasets : dict of Dataset
        The six datasets of the problem.
    sections : OsseSections
        Errors and solver.

    Returns
    -------
    FixedGain

    Notes
    -----
    With Z = L^-1 H B W and S = L L^T, the gain is Z^T L^-1 and the reduction of the totals'
    covariance Z^T Z (SCIENCE 2.3).
    """
    layout = layout_of(datasets["prior"], sections.gas.molar_mass_g_mol)
    totals = batch_totals(layout)
    keep, family = judged_totals(totals.regions, totals.sectors, datasets["prior"], layout.apart)
    weights = Product(totals.weights, np.eye(len(totals.regions))[:, keep])
    posterior = solve_problem(datasets, cast("Settings", sections), (weights,))
    whitened = posterior.whitened(weights)
    prior_variance = np.diagonal(posterior.prior_covariance_of(weights))
    variance = prior_variance - np.einsum("ij,ij->j", whitened, whitened)
    gain = posterior.unwhiten(whitened).T
    return FixedGain(
        region=tuple(totals.regions[i] for i in keep),
        sector=tuple(totals.sectors[i] for i in keep),
        family=family,
        prior=weights.rmatvec(datasets["prior"]["flux"].to_numpy().ravel()),
        standard_deviation=np.sqrt(variance),
        prior_standard_deviation=np.sqrt(prior_variance),
        gain=gain,
        modelled=posterior.modelled_prior,
    )


def judged_totals(
    region: tuple[str, ...], sector: tuple[str, ...], prior: xr.Dataset, apart: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return which totals of the batch a certificate holds, and the family of each.

    Notes
    -----
    The city and its districts by the sum of the inventory's sectors; each sector for the city.
    """
    kinds = dict(
        zip(
            prior["sector"].to_numpy().astype(str).tolist(),
            prior["sector_kind"].to_numpy().astype(str).tolist(),
            strict=True,
        )
    )
    of_kind = {"inventory": "sectors", "biosphere": "biosphere"}
    keep, family = [], []
    for number, (place, name) in enumerate(zip(region, sector, strict=True)):
        if place in apart:
            continue
        if name == "all":
            found = "city" if place == "all" else "districts"
        elif place == "all" and name in kinds:
            found = of_kind[kinds[name]]
        else:
            continue
        keep.append(number)
        family.append(found)
    return np.array(keep), tuple(family)


def estimate_totals(fixed: FixedGain, observed: np.ndarray, chunk: int, pool: Pool) -> np.ndarray:
    """Return the totals estimated from each draw.

    Parameters
    ----------
    fixed : FixedGain
        The inversion.
    observed : ndarray, (draw, n)
        Mole fractions of the draws at the observations [umol mol-1].
    chunk : int
        Draws in one task.
    pool : Pool
        From `inversion.cluster.open_cluster`.

    Returns
    -------
    ndarray, (draw, k)
        [kg s-1]
    """

    def estimate(rows: slice) -> np.ndarray:
        return fixed.prior + (observed[rows] - fixed.modelled) @ fixed.gain.T

    chunks = [slice(start, start + chunk) for start in range(0, len(observed), chunk)]
    return np.concatenate(pool.map(estimate, chunks))


def without_correlations(
    datasets: dict[str, xr.Dataset], sections: OsseSections
) -> tuple[dict[str, xr.Dataset], OsseSections]:
    """Return the same problem with a diagonal R and without any state that is no flux.

    A planted fault: it looks precise, and its certificate must fail.
    """
    mismatch = datasets["mismatch"].assign_attrs(diagonal="yes")
    background = datasets["background"].isel(parameter=slice(0, 0))
    nuisance = sections.errors.nuisance.without_states()
    errors = sections.errors.model_copy(update={"nuisance": nuisance})
    changed = {**datasets, "mismatch": mismatch, "background": background}
    return changed, replace(sections, errors=errors)


def _first_draws(truths: xr.Dataset, wanted: int) -> xr.Dataset:
    """Return as many draws as the settings ask for, or refuse."""
    if truths.sizes["draw"] < wanted:
        msg = (
            f"truths must hold osse.draws = {wanted} draws; got {truths.sizes['draw']} in "
            "truths.nc. Draw more truths, or lower osse.draws."
        )
        raise ValueError(msg)
    return truths.isel(draw=slice(0, wanted))


def _require_same_intervals(fixed: FixedGain, posterior: xr.Dataset) -> None:
    """Raise where the posterior's standard deviations are not those that are certified."""
    names = zip(
        posterior["total_region"].to_numpy().astype(str).tolist(),
        posterior["total_sector"].to_numpy().astype(str).tolist(),
        strict=True,
    )
    whole = posterior["total_interval"].to_numpy().astype(str) == ""
    place = {name: k for k, (name, kept) in enumerate(zip(names, whole, strict=True)) if kept}
    wanted = list(zip(fixed.region, fixed.sector, strict=True))
    absent = [name for name in wanted if name not in place]
    if absent:
        msg = (
            f"the posterior must hold every certified total; got none for {absent[:5]} in "
            "posterior.nc. Solve this batch again."
        )
        raise ValueError(msg)
    variance = np.diagonal(posterior["total_covariance"].to_numpy())
    found = np.sqrt(variance[[place[name] for name in wanted]])
    difference = float(np.max(np.abs(found / fixed.standard_deviation - 1.0)))
    if not difference < 1e-5:
        msg = (
            "the posterior must come from the problem that is certified; got standard deviations "
            f"that differ by up to {difference:.2g} in posterior.nc. Solve this batch again."
        )
        raise ValueError(msg)

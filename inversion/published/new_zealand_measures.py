"""The solved problem of New Zealand comes in; the numbers its authors print go out: yearly fluxes, misfit, chi square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inversion.published.new_zealand_parts import parts_of_months
from inversion.published.new_zealand_regions import GROUPS, group_weights
from inversion.published.new_zealand_transport import teragrams_per_flux

if TYPE_CHECKING:
    import xarray as xr

    from inversion.posterior import Posterior

_TG, _DENSITY = "Tg yr-1", "g m-3"
_COMPARED = "land"  # the one sum of regions whose three-year sd the authors' code prints in full
_MONTHS = 36


@dataclass(frozen=True)
class Yearly:
    """Fluxes of the regions in the unit of the authors.

    Attributes
    ----------
    posterior, expected, published : ndarray, (regions, months)
        Share of each month in its year's flux, sum over a year = Tg of that year: solution,
        effective prior mean, and the file's prior.
    covariance, expected_covariance : ndarray, (regions, months, regions, months)
        Of the solution and of the effective prior [Tg2 yr-2].
    published_variance : ndarray, (regions, months)
        Of the file's prior, independent from part to part [Tg2 yr-2].
    """

    posterior: np.ndarray
    expected: np.ndarray
    published: np.ndarray
    covariance: np.ndarray
    expected_covariance: np.ndarray
    published_variance: np.ndarray


def measures(posterior: Posterior, datasets: dict[str, xr.Dataset]) -> list[dict[str, Any]]:
    """Return the authors' summary numbers as rows of `MEASURE_COLUMNS`.

    Parameters
    ----------
    posterior : Posterior
        The product's solution of ``datasets``.
    datasets : dict of Dataset
        As the reader returned them.

    Returns
    -------
    list of dict
        ``annual_flux`` and ``effective_prior_annual_flux`` by region, sum of regions and year, with
        the mean of the three years (1/3 each); misfits; chi squares. Values that do not exist are
        None.
    """
    yearly = yearly_fluxes(posterior, datasets["prior"])
    names = datasets["prior"]["region"].to_numpy().astype(str).tolist()
    weights = dict(zip(names, np.eye(len(names)), strict=True)) | group_weights(tuple(names))
    rows = []
    for region, of_region in weights.items():
        for period, of_month in _periods().items():
            rows += _flux_rows(yearly, region, period, np.outer(of_region, of_month))
    return rows + fit_rows(posterior, datasets)


def yearly_fluxes(posterior: Posterior, prior: xr.Dataset) -> Yearly:
    """Return the fluxes of regions and months, weighted by their share in the year.

    Parameters
    ----------
    posterior : Posterior
    prior : Dataset ``prior``
        With the file's own fluxes beside the effective ones.
    """
    parts = parts_of_months()
    per_flux = teragrams_per_flux(parts, prior["region_area"].to_numpy())
    p, regions = per_flux.shape
    share = per_flux * parts.year_share[:, None]
    weights = np.zeros((p, regions, regions, _MONTHS))
    part, region = np.indices((p, regions))
    weights[part, region, region, parts.month[:, None]] = share
    flat = weights.reshape(p * regions, regions * _MONTHS)
    shape = (regions, _MONTHS)
    mean = posterior.problem.prior[: posterior.problem.n_flux]
    file = prior["published_flux"].to_numpy().ravel()
    variance = prior["published_flux_standard_deviation"].to_numpy().ravel() ** 2
    before = posterior.prior_covariance_of(flat)
    return Yearly(
        posterior=(flat.T @ posterior.state_mean).reshape(shape),
        expected=(flat.T @ mean).reshape(shape),
        published=(flat.T @ file).reshape(shape),
        covariance=(before - posterior.reduction_of(flat)).reshape(shape * 2),
        expected_covariance=before.reshape(shape * 2),
        published_variance=((flat**2).T @ variance).reshape(shape),
    )


def published_variance_of(covariance: np.ndarray, weights: np.ndarray) -> float:
    """Return the variance of a sum as the published code adds it up.

    Parameters
    ----------
    covariance : ndarray, (regions, months, regions, months)
        Of the months of one year.
    weights : ndarray, (regions, months)

    Returns
    -------
    float
        May be negative: of two different regions only the pairs are added in which the month of the
        later region is not before that of the earlier one, so it is no variance of anything.
    """
    region, month = np.indices(weights.shape)
    one, two = (region[:, :, None, None], month[:, :, None, None]), (region, month)
    kept = (
        (one[0] == two[0])
        | ((one[0] > two[0]) & (one[1] >= two[1]))
        | ((one[0] < two[0]) & (one[1] <= two[1]))
    )
    return float(np.sum(weights[:, :, None, None] * weights * covariance * kept))


def fit_rows(posterior: Posterior, datasets: dict[str, xr.Dataset]) -> list[dict[str, Any]]:
    """Return misfits in g m-3, chi squares and the sites' offsets.

    Parameters
    ----------
    posterior : Posterior
    datasets : dict of Dataset

    Notes
    -----
    The authors' reduced chi square is (sum ((G s - y) / sigma)^2 + sum ((s - s0) / u)^2) / n, the
    second sum over all fluxes with the file's u; extra equations and offsets are left out, and n
    counts observations only. The product's own is d^T S^-1 d / n with everything in it.
    """
    prior, density = datasets["prior"], datasets["observations"]["density_per_ppm"].to_numpy()
    file, deviation = (
        prior[name].to_numpy().ravel()
        for name in ("published_flux", "published_flux_standard_deviation")
    )
    problem = posterior.problem
    offsets = np.zeros(len(problem.prior) - problem.n_flux)
    modelled = problem.background + problem.jacobian.matvec(np.concatenate([file, offsets]))
    before, after = (problem.observations - modelled) * density, posterior.residual * density
    sigma = datasets["mismatch"]["standard_deviation"].to_numpy()[0] * density
    squares = np.sum((after / sigma) ** 2) + np.sum(
        ((posterior.state_mean - file) / deviation) ** 2
    )
    number = len(after)
    rows = [
        _row("observations", value=float(number), unit="1"),
        _row("misfit_prior", value=_root_mean_square(before), unit=_DENSITY),
        _row("misfit_posterior", value=_root_mean_square(after), unit=_DENSITY),
        _row("reduced_chi_square", value=float(squares) / number, unit="1"),
        _row("reduced_chi_square_of_innovations", value=posterior.chi_square, unit="1"),
    ]
    deviations = np.sqrt(np.diagonal(posterior.nuisance_covariance))
    states = problem.nuisance
    for index, name in enumerate(states.names):
        rows.append(
            _row(
                name.removeprefix("background:"),
                value=float(posterior.nuisance_mean[index]),
                sd_full=float(deviations[index]),
                prior=0.0,
                prior_sd=float(states.standard_deviation[index]),
                unit=states.units[index],
            )
        )
    return rows


def _flux_rows(yearly: Yearly, region: str, period: str, weights: np.ndarray):
    """Return the solution and the effective prior of one region and period, beside the file's prior."""
    prior = {
        "prior": float(np.sum(weights * yearly.published)),
        "prior_sd": float(np.sqrt(np.sum(weights**2 * yearly.published_variance))),
        "unit": _TG,
    }
    full = _deviation(yearly.covariance, weights)
    return [
        _row(
            "annual_flux",
            region,
            period,
            value=float(np.sum(weights * yearly.posterior)),
            sd_full=full,
            sd_as_published_code=_published(yearly.covariance, weights, region, period, full),
            **prior,
        ),
        _row(
            "effective_prior_annual_flux",
            region,
            period,
            value=float(np.sum(weights * yearly.expected)),
            sd_full=_deviation(yearly.expected_covariance, weights),
            **prior,
        ),
    ]


def _published(covariance: np.ndarray, weights: np.ndarray, region: str, period: str, full: float):
    """Return the sd that the published code gives; None where it gives none."""
    if period in _years() and region in GROUPS:
        variance = published_variance_of(covariance, weights)
        return float(np.sqrt(variance)) if variance >= 0.0 else None
    if period in _years() or region == _COMPARED or region not in GROUPS:
        return full
    return None


def _deviation(covariance: np.ndarray, weights: np.ndarray):
    return float(np.sqrt(np.einsum("rm,rmqn,qn->", weights, covariance, weights, optimize=True)))


def _years():
    """Return the months of each year, (months,) of 0 and 1 by its name."""
    number = np.arange(_MONTHS)
    return {str(2011 + year): (number // 12 == year) * 1.0 for year in range(_MONTHS // 12)}


def _periods():
    """Return the months' weights of each year and of the mean of the three."""
    years = _years()
    return years | {"2011-2013": sum(years.values()) / len(years)}


def _root_mean_square(values: np.ndarray):
    return float(np.sqrt(np.mean(values**2)))


def _row(quantity: str, region: str = "", period: str = "", **values: Any):
    """Return one row; what is not given does not exist."""
    empty = dict.fromkeys(("value", "sd_full", "sd_as_published_code", "prior", "prior_sd"))
    return {"quantity": quantity, "region": region, "period": period, **empty, **values}

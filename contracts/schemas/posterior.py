"""Contract `posterior`: fluxes after the air was asked, with the full covariance of the totals."""

from contracts import rules
from contracts.schema import Schema, Variable, text, times

FLUX, TOTAL, COVARIANCE, PPM = "umol m-2 s-1", "kg s-1", "kg2 s-2", "umol mol-1"
_MAP, _DAILY = "map_sector space", "daily_sector period"
SCHEMA = Schema(
    name="posterior",
    attributes=(
        "reduced_chi_square",
        "dofs",
        "log_evidence",
        "solver",
        "n_observations",
        "n_state",
    ),
    variables={
        "sector": text("sector"),
        "period_bounds": times("period bounds"),
        "flux": Variable("sector period space", FLUX),
        "flux_prior": Variable("sector period space", FLUX),
        "map_sector": text("map_sector"),
        "mean_flux": Variable(_MAP, FLUX),
        "mean_flux_prior": Variable(_MAP, FLUX),
        "mean_flux_standard_deviation": Variable(_MAP, FLUX, low=0),
        "mean_flux_prior_standard_deviation": Variable(_MAP, FLUX, low=0),
        "information": Variable(_MAP, "1", low=-1e-6, high=1 + 1e-6, missing=True),
        "total_region": text("total"),
        "total_sector": text("total"),
        "total": Variable("total", TOTAL),
        "total_prior": Variable("total", TOTAL),
        "total_covariance": Variable("total total_2", COVARIANCE),
        "total_prior_covariance": Variable("total total_2", COVARIANCE),
        "total_covariance_reduction": Variable("total total_2", COVARIANCE),
        "daily_sector": text("daily_sector"),
        "daily_total": Variable(_DAILY, TOTAL),
        "daily_total_prior": Variable(_DAILY, TOTAL),
        "daily_total_standard_deviation": Variable(_DAILY, TOTAL, low=0),
        "daily_total_prior_standard_deviation": Variable(_DAILY, TOTAL, low=0),
        "region": text("region"),
        "fixed_total": Variable("region", TOTAL),
        "fixed_standard_deviation": Variable("region", TOTAL, low=0),
        "obs_id": text("obs"),
        "time": times("obs"),
        "observed": Variable("obs", PPM),
        "background": Variable("obs", PPM),
        "modelled_prior": Variable("obs", PPM),
        "modelled": Variable("obs", PPM),
        "residual": Variable("obs", PPM),
        "innovation": Variable("obs", PPM),
        "innovation_standard_deviation": Variable("obs", PPM, low=0),
        "nuisance": text("nuisance"),
        "nuisance_mean": Variable("nuisance"),
        "nuisance_standard_deviation": Variable("nuisance", low=0),
        "nuisance_prior_standard_deviation": Variable("nuisance", low=0),
        "nuisance_unit": text("nuisance"),
    },
    rules=(
        rules.unique("obs_id"),
        rules.symmetric("total_covariance"),
        rules.symmetric("total_prior_covariance"),
    ),
)

"""Contract `prior_covariance`: how errors of the prior hang together, and the declared uncertainty of totals."""

from contracts import rules
from contracts.schema import Schema, Variable, text

SCHEMA = Schema(
    name="prior_covariance",
    attributes=("spatial_kernel", "temporal_kernel"),
    variables={
        "sector_correlation": Variable("sector sector_2", "1", low=-1, high=1, optional=True),
        "region_correlation": Variable("region region_2", "1", low=-1, high=1, optional=True),
        "period_correlation": Variable("period period_2", "1", low=-1, high=1, optional=True),
        "spatial_efolding_m": Variable("sector", "m", low=0, optional=True),
        "daily_sector_standard_deviation": Variable("sector", "1", low=0, high=5, optional=True),
        "covariance": Variable("state state_2", "umol2 m-4 s-2", optional=True),
        "declared_region": text("declared"),
        "declared_sector": text("declared"),
        "declared_standard_deviation": Variable("declared", "kg s-1", low=0),
    },
    rules=(
        *(
            rules.correlations(name)
            for name in ("sector_correlation", "region_correlation", "period_correlation")
        ),
        rules.symmetric("covariance"),
    ),
)

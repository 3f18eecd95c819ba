"""Contract `prior_covariance`: how errors of the prior hang together, and the declared uncertainty of totals."""

from contracts import rules
from contracts.schema import Schema, Variable, text

SCHEMA = Schema(
    name="prior_covariance",
    attributes=("spatial_kernel", "temporal_kernel"),
    variables={
        "sector_correlation": Variable("sector sector_2", "1", low=-1, high=1),
        "region_correlation": Variable("region region_2", "1", low=-1, high=1, optional=True),
        "declared_region": text("declared"),
        "declared_sector": text("declared"),
        "declared_standard_deviation": Variable("declared", "kg s-1", low=0),
    },
    rules=(rules.symmetric("sector_correlation"), rules.symmetric("region_correlation")),
)

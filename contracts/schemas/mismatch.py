"""Contract `mismatch`: named terms of the difference between model and observation, with their correlation rules."""

from contracts import rules
from contracts.schema import Schema, Variable, text

SCHEMA = Schema(
    name="mismatch",
    variables={
        "obs_id": text("obs"),
        "term": text("term"),
        "covariance": Variable("obs obs_2", "umol2 mol-2", optional=True),
        "standard_deviation": Variable("term obs", "umol mol-1", low=0),
        "correlation_time": Variable("term", "s", low=0),
        "cross_site_correlation": Variable("term", "1", low=0, high=1),
    },
    rules=(rules.unique("obs_id"), rules.unique("term"), rules.symmetric("covariance")),
)

"""Contract `truth`: the fluxes of a made city, for `osse` and the report only."""

from contracts import rules
from contracts.schema import Schema, Variable, text, times

SCHEMA = Schema(
    name="truth",
    variables={
        "sector": text("sector"),
        "period_bounds": times("period bounds"),
        "flux": Variable("sector period space", "umol m-2 s-1"),
        "region": text("region"),
        "total_sector": text("total_sector"),
        "true_total": Variable("region total_sector", "kg s-1"),
    },
    rules=(rules.unique("region"), rules.unique("total_sector")),
)

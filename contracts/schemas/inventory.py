"""Contract `inventory`: totals somebody reports, with scope and their own declared uncertainty."""

from contracts import rules
from contracts.schema import Schema, Variable, text, times

SCHEMA = Schema(
    name="inventory",
    attributes=("scope", "gas", "inventory_name", "period_like"),
    variables={
        "region": text("region"),
        "sector": text("sector"),
        "period_bounds": times("period bounds"),
        "total": Variable("region period sector", "kg s-1"),
        "standard_deviation": Variable("region period sector", "kg s-1", low=0, missing=True),
    },
    rules=(rules.unique("region"), rules.unique("sector"), rules.disjoint("period_bounds")),
)

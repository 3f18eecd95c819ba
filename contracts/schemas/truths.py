"""Contract `truths`: drawn truths: what the towers would have recorded, and the totals behind it."""

from contracts import rules
from contracts.schema import Schema, Variable, text, times

SCHEMA = Schema(
    name="truths",
    variables={
        "receptor": text("receptor"),
        "time": times("time"),
        "mole_fraction": Variable(
            "draw receptor time", "umol mol-1", low=0, high=5000, missing=True
        ),
        "region": text("region"),
        "sector": text("sector"),
        "true_total": Variable("draw region sector", "kg s-1"),
        "mixing_height_factor": Variable("draw", "1", low=0.1, high=10),
    },
    rules=(rules.unique("receptor"), rules.ascending("time"), rules.unique("region")),
)

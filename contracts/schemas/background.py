"""Contract `background`: the air that enters, and how its error hangs together."""

from contracts import rules
from contracts.schema import Schema, Variable, text

PPM = "umol mol-1"
SCHEMA = Schema(
    name="background",
    variables={
        "obs_id": text("obs"),
        "background": Variable("obs", PPM, low=0, high=5000),
        "background_standard_deviation": Variable("obs", PPM, low=0),
        "background_pattern": Variable("obs parameter", "1"),
        "parameter": text("parameter"),
        "parameter_kind": text("parameter", optional=True),
        "parameter_standard_deviation": Variable("parameter", PPM, low=0),
    },
    rules=(rules.unique("obs_id"), rules.unique("parameter")),
)

"""Contract `jacobian`: sensitivity of every observation to every unknown flux, compressed rows."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, text

FOOTPRINT = "m2 s mol-1"
SCHEMA = Schema(
    name="jacobian",
    attributes=("state_size",),
    variables={
        "obs_id": text("obs"),
        "sector": text("sector"),
        "row_start": integers("row_edge", 0),
        "state_index": integers("nonzero", 0),
        "sensitivity": Variable("nonzero", FOOTPRINT),
        "sensitivity_inside": Variable("obs sector", FOOTPRINT),
        "sensitivity_outside": Variable("obs", FOOTPRINT),
        "fixed_mole_fraction": Variable("obs", "umol mol-1"),
        "diurnal_mole_fraction": Variable("obs sector", "umol mol-1", optional=True),
    },
    rules=(rules.unique("obs_id"), rules.row_sums()),
)

"""Contract `footprints`: where, and how long before, the air of each observation touched the ground."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, text, times

FOOTPRINT = "m2 s mol-1"
SCHEMA = Schema(
    name="footprints",
    attributes=("grid_crs",),
    variables={
        "obs_id": text("obs"),
        "time": times("obs"),
        "row_size": integers("obs", 0),
        "lag_index": integers("nonzero", 0),
        "row_index": integers("nonzero", 0),
        "column_index": integers("nonzero", 0),
        "sensitivity": Variable("nonzero", FOOTPRINT, low=0),
        "lag_bounds": Variable("lag bounds", "s", low=0),
        "sensitivity_total": Variable("obs", FOOTPRINT, low=0),
        "sensitivity_outside": Variable("obs", FOOTPRINT),
    },
    rules=(rules.unique("obs_id"), rules.inside_and_outside(), rules.disjoint("lag_bounds")),
)

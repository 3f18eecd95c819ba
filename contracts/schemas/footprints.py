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
        # of particles: noise of the total, and of single cells together (split halves)
        "sensitivity_noise": Variable("obs", FOOTPRINT, low=0, optional=True),
        "cell_noise": Variable("obs", "1", low=0, optional=True),
        # where, when and why each particle ended, for the background
        "exit_northing": Variable("obs particle", "m", optional=True),
        "exit_easting": Variable("obs particle", "m", optional=True),
        "exit_height": Variable("obs particle", "m", low=0, optional=True),
        "exit_time": times("obs particle", optional=True),
        "exit_reason": integers("obs particle", 0, optional=True),
        # the same sparse form for emissions into elevated layers
        "layer_bounds": Variable("layer bounds", "m", low=0, optional=True),
        "aloft_row_size": integers("obs", 0, optional=True),
        "aloft_layer_index": integers("nonzero_aloft", 0, optional=True),
        "aloft_lag_index": integers("nonzero_aloft", 0, optional=True),
        "aloft_row_index": integers("nonzero_aloft", 0, optional=True),
        "aloft_column_index": integers("nonzero_aloft", 0, optional=True),
        "aloft_sensitivity": Variable("nonzero_aloft", FOOTPRINT, low=0, optional=True),
    },
    rules=(
        rules.unique("obs_id"),
        rules.inside_and_outside(),
        rules.disjoint("lag_bounds"),
        rules.disjoint("layer_bounds"),
        rules.counted("aloft_row_size", "nonzero_aloft"),
    ),
)

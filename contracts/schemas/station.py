"""Contract `station`: hourly mole fractions of one inlet, gaps flagged."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, times

PPM = "umol mol-1"
SCHEMA = Schema(
    name="station",
    attributes=("station", "calibration_scale", "latitude", "longitude", "ground_height", "role"),
    variables={
        "time": times("time"),
        "time_bounds": times("time bounds"),
        "mole_fraction": Variable("time", PPM, low=0, missing=True),
        "standard_error": Variable("time", PPM, low=0, missing=True),
        "spread": Variable("time", PPM, low=0, missing=True),
        "n_samples": integers("time", 0),
        "quality_flag": integers("time"),
        "inlet_height": Variable("time", "m", low=0, high=2000),
        "baseline": Variable("time", PPM, low=0, optional=True),
        "baseline_standard_deviation": Variable("time", PPM, low=0, optional=True),
    },
    rules=(
        rules.ascending("time"),
        rules.bounded("time", "time_bounds"),
        rules.flagged_gaps("mole_fraction", "quality_flag"),
    ),
)

"""Contract `observations`: what the inversion looks at, sorted by receptor, then time."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, text, times

PPM = "umol mol-1"
SCHEMA = Schema(
    name="observations",
    variables={
        "obs_id": text("obs"),
        "time": times("obs"),
        "time_bounds": times("obs bounds"),
        "receptor_index": integers("obs", 0),
        "mole_fraction": Variable("obs", PPM, low=0, high=5000),
        "instrument_error": Variable("obs", PPM),
        "spread": Variable("obs", PPM, low=0, missing=True, optional=True),
        "receptor": text("receptor"),
        "latitude": Variable("receptor", "degrees_north", low=-90, high=90),
        "longitude": Variable("receptor", "degrees_east", low=-180, high=360),
        "ground_height": Variable("receptor", "m", low=-500, high=9000),
        "inlet_height": Variable("receptor", "m", low=0, high=2000),
        "instrument_class": text("receptor", optional=True),
        "wind_sector": integers("obs", 0, optional=True),
    },
    rules=(
        rules.unique("obs_id"),
        rules.positive("instrument_error"),
        rules.bounded("time", "time_bounds"),
        rules.receptor_then_time(),
    ),
)

"""Contract `meteorology`: hourly wind and mixing over the receptors' windows."""

from contracts import rules
from contracts.schema import Schema, Variable, times

SCHEMA = Schema(
    name="meteorology",
    variables={
        "time": times("time"),
        "level": Variable("level", "m", low=0),
        "eastward_wind": Variable("time level row col", "m s-1", low=-150, high=150),
        "northward_wind": Variable("time level row col", "m s-1", low=-150, high=150),
        "mixing_height": Variable("time row col", "m", low=1, high=10_000),
        "vertical_velocity_deviation": Variable("time row col", "m s-1", low=0, high=20),
        "lateral_velocity_deviation": Variable("time row col", "m s-1", low=0, high=20),
        "air_molar_density": Variable("time row col", "mol m-3", low=1, high=100),
    },
    rules=(rules.ascending("time"), rules.ascending("level")),
)

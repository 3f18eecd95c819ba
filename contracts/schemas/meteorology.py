"""Contract `meteorology`: wind, air and turbulence at instants over the receptors' windows.

Instants (no bounds), levels in m above ground, winds along the axes of the grid of `grid_crs`
whose coordinates ascend. What a model needs of the optional variables it asks for itself
(`transport.meteorology.needs`).
"""

from contracts import rules
from contracts.schema import Schema, Variable, times

SPACE, SURFACE, AIR = "row col", "time row col", "time level row col"

SCHEMA = Schema(
    name="meteorology",
    variables={
        "time": times("time"),
        "level": Variable("level", "m", low=0),
        "eastward_wind": Variable(AIR, "m s-1", low=-150, high=150),
        "northward_wind": Variable(AIR, "m s-1", low=-150, high=150),
        "mixing_height": Variable(SURFACE, "m", low=1, high=10_000),
        # of a model that resolves the air
        "vertical_wind": Variable(AIR, "m s-1", low=-100, high=100, optional=True),
        "air_density": Variable(AIR, "kg m-3", low=0.05, high=2, optional=True),
        "specific_humidity": Variable(AIR, "1", low=0, high=0.1, optional=True),
        "friction_velocity": Variable(SURFACE, "m s-1", low=0, high=10, optional=True),
        "inverse_obukhov_length": Variable(SURFACE, "m-1", low=-10, high=10, optional=True),
        "roughness_length": Variable(SURFACE, "m", low=1e-7, high=20, optional=True),
        "displacement_height": Variable(SURFACE, "m", low=0, high=200, optional=True),
        "ground_height": Variable(SPACE, "m", low=-500, high=9000, optional=True),
        "map_factor": Variable(SPACE, "1", low=0.5, high=2, optional=True),
        # of a plume
        "vertical_velocity_deviation": Variable(SURFACE, "m s-1", low=0, high=20, optional=True),
        "lateral_velocity_deviation": Variable(SURFACE, "m s-1", low=0, high=20, optional=True),
        "air_molar_density": Variable(SURFACE, "mol m-3", low=1, high=100, optional=True),
    },
    rules=(rules.ascending("time"), rules.ascending("level")),
)

"""Contract `prior`: fluxes expected before the air is asked, with their standard deviation."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, text, times

FLUX = "umol m-2 s-1"
SCHEMA = Schema(
    name="prior",
    attributes=("city_name",),
    variables={
        "sector": text("sector"),
        "sector_kind": text("sector"),
        "period_bounds": times("period bounds"),
        "period_in_batch": integers("period", 0),
        "flux": Variable("sector period space", FLUX, low=-1e6, high=1e6),
        "flux_standard_deviation": Variable("sector period space", FLUX, low=0, high=1e6),
        "cell_area": Variable("row col", "m2", low=1, optional=True),
        "region_area": Variable("region", "m2", low=1, optional=True),
        "region": text("region"),
        "region_name": text("region"),
        "region_name_local": text("region"),
        "region_fraction": Variable("region row col", "1", low=0, high=1, optional=True),
        "region_inside": integers("region", 0, optional=True),
        "region_outline": text("region", optional=True),
        "group": text("group", optional=True),
        "group_name": text("group", optional=True),
        "group_name_local": text("group", optional=True),
        "group_weight": Variable("group region", "1", low=0, high=1, optional=True),
        "hour": times("hour", optional=True),
        "hourly_profile": Variable("sector hour", "1", low=0, optional=True),
        "fixed_flux": Variable("space", FLUX, low=0, high=1e6, optional=True),
        "fixed_hourly_profile": Variable("hour", "1", low=0, optional=True),
    },
    rules=(
        rules.unique("sector"),
        rules.disjoint("period_bounds"),
        rules.fractions_of_one("region_fraction"),
    ),
)

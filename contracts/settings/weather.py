"""The section `transport.weather` of the config comes in; its checked, frozen settings go out."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, field_validator

from contracts.settings.base import Section

LEVELS_M = (
    *(10.0, 20.0, 35.0, 50.0, 75.0, 100.0, 130.0, 170.0, 220.0, 280.0, 350.0, 430.0, 530.0, 650.0),
    *(800.0, 1000.0, 1200.0, 1400.0, 1600.0, 1800.0, 2000.0, 2300.0, 2600.0, 3000.0, 3500.0),
    *(4000.0, 4500.0, 5000.0),
)


class WeatherSettings(Section):
    """How files of WRF or ERA5 become the meteorology of a run."""

    diagnose: bool = Field(
        False,
        description="whether mixing height, friction velocity, heat flux, roughness and vertical "
        "wind that the files lack are worked out from wind and temperature; else they are refused",
    )
    levels_m: tuple[float, ...] = Field(
        LEVELS_M, min_length=2, description="heights above ground to which columns are brought"
    )
    margin_km: float = Field(
        20.0, ge=0, description="margin around the grid of the run that the weather covers"
    )
    spacing_km: float | None = Field(
        None, gt=0, description="distance of the weather's points; empty: that of the files"
    )
    roughness_m: float | None = Field(
        None,
        gt=0,
        le=5,
        description="roughness length of the whole domain where the files have none; empty: the "
        "files must have it, or 0.1 m with `diagnose`",
    )
    least_mixing_height_m: float = Field(
        50.0, ge=1, le=500, description="mixing heights below this are raised to it, and counted"
    )

    @field_validator("levels_m")
    @classmethod
    def _ascend(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        """Refuse levels that do not ascend from above the ground."""
        if values[0] <= 0.0 or not all(low < high for low, high in pairwise(values)):
            msg = (
                f"levels_m must ascend from above 0 m; got {list(values)} in transport.weather. "
                "Sort the heights; the ground itself is no level."
            )
            raise ValueError(msg)
        return values

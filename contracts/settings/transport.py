"""The section `transport` of the config comes in; its checked, frozen settings go out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from contracts.settings.base import Section
from contracts.settings.footprint_files import FootprintFileSettings
from contracts.settings.particles import ParticleSettings
from contracts.settings.weather import WeatherSettings

MODELS = ("particles", "plume")  # readers that compute footprints from meteorology


class PlumeSettings(Section):
    """The backward Gaussian puff with which footprints are computed from meteorology."""

    initial_width_m: float = Field(
        200.0, gt=0, description="horizontal standard deviation at release"
    )
    vertical_timescale_s: float = Field(
        200.0, gt=0, description="Lagrangian timescale of vertical turbulence"
    )
    lateral_timescale_s: float = Field(
        600.0, gt=0, description="Lagrangian timescale of horizontal turbulence"
    )


class NameSettings(Section):
    """How NAME netCDF footprints are read."""

    time_label: Literal["start"] = Field(
        "start", description="which end of the hour the file's time stamps name"
    )
    integrated_hours: int = Field(
        720, ge=1, description="length of the history that the integrated footprint covers"
    )
    receptor_tolerance_degrees: float = Field(
        0.02, gt=0, description="largest distance of a file's release point from the receptor"
    )


class StiltSettings(Section):
    """How STILT netCDF footprints are read, one file for each receptor hour."""

    time_label: Literal["start", "end"] = Field(
        "start",
        description="whether the observation's hour starts or ends at the time in the file's name",
    )
    receptor_tolerance_degrees: float = Field(
        0.01, gt=0, description="largest distance of the place in a file's name from the receptor"
    )
    receptor_tolerance_m: float = Field(
        1.0, gt=0, description="largest difference of the height in a file's name from the inlet"
    )


class TransportSettings(Section):
    """Where footprints come from."""

    reader: str = Field(
        "plume",
        description="`particles` and `plume` compute footprints from meteorology, `name` reads NAME files, "
        "`stilt` STILT files, `files` footprint files of any format",
    )
    meteorology: str | None = Field(
        None,
        description="kind of the weather files: `wrf`, `era5` or `synthetic`; absent where "
        "footprints are read",
    )
    files: tuple[str, ...] = Field(
        (), description="weather or footprint files, relative to data_root; empty: the synthetic's"
    )
    regrid: bool = Field(
        False,
        description="whether footprints of files are shared among the run's own cells by area "
        "(`grid.source: regions`)",
    )
    hours_back: int = Field(
        24, ge=2, le=240, description="clock hours of emissions looked back, the observed included"
    )
    weather: WeatherSettings = Field(
        default_factory=WeatherSettings, description="how weather files are read"
    )
    particles: ParticleSettings = Field(
        default_factory=ParticleSettings, description="particle model"
    )
    plume: PlumeSettings = Field(default_factory=PlumeSettings, description="puff model")
    name: NameSettings = Field(default_factory=NameSettings, description="reader of NAME files")
    stilt: StiltSettings = Field(default_factory=StiltSettings, description="reader of STILT files")
    footprint_files: FootprintFileSettings = Field(
        default_factory=FootprintFileSettings, description="reader of files of any format"
    )

    @model_validator(mode="before")
    @classmethod
    def _models_need_meteorology(cls, values: Any) -> Any:
        """Fill in the meteorology that a model reads where none is named."""
        if isinstance(values, dict) and values.get("meteorology") is None:
            reader = values.get("reader", "plume")
            return {**values, "meteorology": "synthetic" if reader in MODELS else None}
        return values

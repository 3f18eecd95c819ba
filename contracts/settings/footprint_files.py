"""The section `transport.footprint_files` of the config comes in; its checked, frozen settings go out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from contracts.settings.base import Section


class FileReceptor(Section):
    """The receptor of one file, as far as neither the file nor its name says it."""

    time_utc: datetime | None = Field(
        None, description="time of the receptor, UTC without an offset, a whole hour"
    )
    longitude_degrees: float | None = Field(
        None, ge=-180, le=360, description="longitude of the receptor"
    )
    latitude_degrees: float | None = Field(
        None, ge=-90, le=90, description="latitude of the receptor"
    )
    height_m: float | None = Field(None, ge=0, description="height of the receptor above ground")

    @model_validator(mode="after")
    def _utc_without_offset(self) -> FileReceptor:
        """Refuse a time with an offset, which would be lost."""
        if self.time_utc is not None and self.time_utc.tzinfo is not None:
            msg = (
                f"time_utc must be UTC without an offset; got {self.time_utc} in "
                "transport.footprint_files.receptors. Write it like 2015-12-10T00:00."
            )
            raise ValueError(msg)
        return self


class ParticleGridSettings(Section):
    """The grid on which particles of STILT become a footprint, by STILT's rules."""

    west_degrees: float = Field(ge=-180, le=360, description="western edge")
    south_degrees: float = Field(ge=-90, le=90, description="southern edge")
    cell_width_degrees: float = Field(gt=0, description="width of a cell in longitude")
    cell_height_degrees: float = Field(gt=0, description="height of a cell in latitude")
    columns: int = Field(ge=1, description="number of columns")
    rows: int = Field(ge=1, description="number of rows")
    smooth_factor: float = Field(
        1.0, ge=0, description="STILT's factor on the width of its kernel; 0: no smoothing"
    )


class CdumpSettings(Section):
    """What a HYSPLIT concentration file does not say."""

    quantity: Literal["concentration", "mixing_ratio"] | None = Field(
        None,
        description="`concentration`: emitted units per m3 (needs air_density_kg_m3); "
        "`mixing_ratio`: emitted units per kg of air",
    )
    emitted_units: float | None = Field(
        None, gt=0, description="units released in all: rate times hours of emission"
    )
    air_density_kg_m3: float | None = Field(
        None, gt=0, description="density of moist air in the lowest layer"
    )


class FootprintFileSettings(Section):
    """How footprint files of other models are read, their format found in their content."""

    time_label: Literal["start", "end"] = Field(
        "start",
        description="whether the observation's hour starts or ends at the time of a receptor that "
        "is an instant (STILT, ICOS, LUMIA, HYSPLIT, and FLEXPART where its release is one)",
    )
    receptor_tolerance_degrees: float = Field(
        0.02, gt=0, description="largest distance of a file's release point from the receptor"
    )
    receptor_tolerance_m: float = Field(
        1.0, gt=0, description="largest difference of a file's release height from the inlet"
    )
    integrated_hours: int = Field(
        720, ge=1, description="history that an integrated footprint covers where its file is mute"
    )
    time_resolved: bool = Field(
        True, description="whether `fp_HiTRes` of NAME is used where it is whole"
    )
    remainder_hours: int = Field(
        0,
        ge=0,
        description="hours over which the last, older bin of `fp_HiTRes` is spread evenly; 0: it "
        "counts as sensitivity outside",
    )
    mole_fraction_basis: Literal["dry", "moist"] | None = Field(
        None, description="the air that mole fractions refer to, where the model leaves it open"
    )
    lumia_unit: str | None = Field(
        None, description="unit of LUMIA's `resp`, which its files do not say"
    )
    receptors: dict[str, FileReceptor] = Field(
        default_factory=dict,
        description="by file name: time, place and height that neither file nor name says",
    )
    particles: ParticleGridSettings | None = Field(
        None, description="grid for particle files of STILT"
    )
    cdump: CdumpSettings = Field(
        default_factory=CdumpSettings, description="concentration files of HYSPLIT"
    )

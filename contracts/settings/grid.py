"""Section `grid`: the cells on which fluxes are sought."""

from typing import Literal

from pydantic import Field, model_validator

from contracts.settings.base import Section


class GridSettings(Section):
    """A projected grid around the regions, or the footprints' own grid."""

    source: Literal["regions", "footprints"] = Field(
        "regions", description="`regions`: drawn around them; `footprints`: the files' own cells"
    )
    crs: str = Field("EPSG:4549", description="coordinate reference system of the grid")
    cell_size_m: float | None = Field(2000.0, gt=0, description="side of a cell, m")
    margin_km: float = Field(10.0, ge=0, description="margin around the regions, km")

    @model_validator(mode="after")
    def _size(self) -> "GridSettings":
        if self.source == "regions" and self.cell_size_m is None:
            msg = "cell_size_m must be given where the grid is drawn around the regions"
            raise ValueError(msg)
        return self

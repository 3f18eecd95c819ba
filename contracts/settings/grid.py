"""Section `grid`: the cells on which fluxes are sought."""

from typing import Any, Literal

from pydantic import Field, model_validator

from contracts.settings.base import Section

GEOGRAPHIC = "EPSG:4326"
_BOX = ("west_degrees", "south_degrees", "cell_size_degrees", "columns", "rows")


class GridSettings(Section):
    """A projected grid around the regions, the footprints' own grid, or a box of degrees."""

    source: Literal["regions", "footprints", "box"] = Field(
        "regions",
        description="`regions`: drawn around them; `footprints`: the files' own cells; `box`: "
        "cells of longitude and latitude from a corner on",
    )
    crs: str = Field(
        "EPSG:4549", description="coordinate reference system of the grid; EPSG:4326 for a box"
    )
    cell_size_m: float | None = Field(2000.0, gt=0, description="side of a cell, m")
    margin_km: float = Field(10.0, ge=0, description="margin around the regions, km")
    west_degrees: float | None = Field(
        None, ge=-180, lt=360, description="western edge of a box, degrees east"
    )
    south_degrees: float | None = Field(
        None, ge=-90, lt=90, description="southern edge of a box, degrees north"
    )
    cell_size_degrees: float | None = Field(
        None, gt=0, le=10, description="side of a box's cell in longitude and in latitude"
    )
    columns: int | None = Field(None, ge=1, description="cells of a box from west to east")
    rows: int | None = Field(None, ge=1, description="cells of a box from south to north")

    @model_validator(mode="before")
    @classmethod
    def _box_in_degrees(cls, values: Any) -> Any:
        """Fill in the system of coordinates of a box where none is named."""
        if isinstance(values, dict) and values.get("source") == "box":
            return {"crs": GEOGRAPHIC, **values}
        return values

    @model_validator(mode="after")
    def _size(self) -> "GridSettings":
        if self.source == "regions" and self.cell_size_m is None:
            msg = "cell_size_m must be given where the grid is drawn around the regions"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _box(self) -> "GridSettings":
        given = [name for name in _BOX if getattr(self, name) is not None]
        wanted = list(_BOX) if self.source == "box" else []
        if given != wanted:
            msg = (
                f"{', '.join(_BOX)} must be given for source: box and only there; got "
                f"{given or 'none'} with source: {self.source} in grid. Write all five, or none."
            )
            raise ValueError(msg)
        if self.source == "box" and self.crs != GEOGRAPHIC:
            msg = (
                f"a box must lie on {GEOGRAPHIC}; got {self.crs!r} in grid.crs. Leave crs out, or "
                "draw the grid around regions."
            )
            raise ValueError(msg)
        if self.source == "box" and self.south_degrees + self.rows * self.cell_size_degrees > 90:
            msg = (
                f"a box must end at 90 degrees north; got {self.rows} rows of "
                f"{self.cell_size_degrees} from {self.south_degrees} in grid. Take fewer rows."
            )
            raise ValueError(msg)
        return self

"""The section `inventories` of the config comes in; its checked, frozen settings go out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section


class GriddedSettings(Section):
    """A gridded flux on longitude and latitude, and what it stands for in time."""

    file: str = Field(description="netCDF file with cell centres lat, lon, relative to data_root")
    variable: str = Field("flux", description="name of the flux; its unit is read from the file")
    unit: str | None = Field(
        None,
        description="unit of the numbers where the file does not tell it in a known way; recorded",
    )
    repeat: Literal["none", "constant", "mean", "snapshot"] = Field(
        "none",
        description="`none`: the file must cover every period; `constant`: the mean of the hours "
        "named below stands for all periods; `mean`: the mean of the whole file does; `snapshot`: "
        "the file has no time, its one field does",
    )
    start: datetime | None = Field(None, description="first hour of `constant`, UTC")
    end: datetime | None = Field(None, description="end of `constant`, UTC, not included")
    standard_deviation_percent: float | None = Field(
        None, gt=0, le=500, description="declared 1-sigma of the totals; empty: undeclared"
    )

    @model_validator(mode="after")
    def _constant_names_its_hours(self) -> GriddedSettings:
        """Refuse a constant flux whose hours are not declared."""
        if (self.repeat == "constant") != (self.start is not None and self.end is not None):
            msg = (
                f"start and end must be given for repeat: constant and only there; got repeat: "
                f"{self.repeat}, start {self.start}, end {self.end} in inventories.sectors. "
                "Name the hours whose mean is repeated."
            )
            raise ValueError(msg)
        return self


class SectorSettings(Section):
    """One sector of the state: where its prior flux comes from and how it runs through the day."""

    kind: Literal["inventory", "biosphere"] = Field(
        "inventory", description="counted by the inventory, or of plants and soils"
    )
    proxy: str | None = Field(
        None, description="field of the proxies along which the district table is spread"
    )
    proxy_per: Literal["cell", "area"] = Field(
        "cell", description="whether the proxy counts per cell (persons) or per area (density)"
    )
    field: str | None = Field(
        None, description="field of the proxies that is the flux itself, umol m-2 s-1"
    )
    gridded: GriddedSettings | None = Field(None, description="a gridded flux of its own file")
    hourly_profile: tuple[float, ...] = Field(
        (1.0,) * 24, description="24 factors for the local hours 0 to 23, any mean"
    )
    weekday_profile: tuple[float, ...] = Field(
        (1.0,) * 7, description="7 factors from Monday to Sunday, any mean"
    )

    @field_validator("hourly_profile", "weekday_profile")
    @classmethod
    def _not_negative(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        """Refuse factors that are negative or all zero."""
        if any(factor < 0 for factor in factors) or not sum(factors) > 0:
            msg = (
                f"factors of a profile must be >= 0 and not all 0; got {list(factors)} in "
                "inventories.sectors. Correct the profile."
            )
            raise ValueError(msg)
        return factors

    @model_validator(mode="after")
    def _one_source(self) -> SectorSettings:
        """Refuse a sector with no source or several, and profiles of wrong length."""
        sources = [s for s in ("proxy", "field", "gridded") if getattr(self, s) is not None]
        if len(sources) != 1:
            msg = (
                f"a sector must have one of proxy, field, gridded; got {sources or 'none'} in "
                "inventories.sectors. Name one."
            )
            raise ValueError(msg)
        for name, length in (("hourly_profile", 24), ("weekday_profile", 7)):
            if len(getattr(self, name)) != length:
                msg = (
                    f"{name} must hold {length} numbers; got {len(getattr(self, name))} in "
                    "inventories.sectors. Write one number for each."
                )
                raise ValueError(msg)
        return self


class HumanRespirationSettings(Section):
    """What people breathe out: a fixed part of the prior mean."""

    population: str = Field("population", description="field of the proxies, persons per cell")
    grams_carbon_per_person_day: float = Field(
        246.0, gt=0, le=1000, description="carbon breathed out by one person in one day"
    )
    relative_standard_deviation: float = Field(
        0.10, gt=0, le=1, description="1-sigma as a share, common to all cells"
    )


class InventorySettings(Section):
    """What was known before: the inventory, its place and time, and natural fluxes."""

    name: str = Field("inventory", description="name of the inventory, as readers know it")
    scope: str = Field("1", description="scope of the rows used; others are counted and left out")
    boundary_version: str = Field("", description="version of the district boundaries counted by")
    table: str | None = Field(
        None, description="district table (CSV), relative to data_root; empty: the synthetic city's"
    )
    proxies: str | None = Field(
        None, description="proxies (netCDF), relative to data_root; empty: the synthetic city's"
    )
    table_repeat: Literal["none", "constant"] = Field(
        "none",
        description="`constant`: a table of another period stands for the batch at its mean rate",
    )
    deviation_correlation_regions: Literal[0, 1] = Field(
        1, description="correlation of the declared errors of districts within a sector"
    )
    deviation_correlation_sectors: Literal[0, 1] = Field(
        0, description="correlation of the declared errors of sectors within a region"
    )
    sectors: dict[str, SectorSettings] = Field(
        description="sectors of the state, in the state's order"
    )
    human_respiration: HumanRespirationSettings | None = Field(
        None, description="absent: no human respiration in the prior"
    )

    @field_validator("sectors")
    @classmethod
    def _reserved_names(cls, sectors: dict[str, SectorSettings]) -> dict[str, SectorSettings]:
        """Refuse no sectors, and the names of aggregates."""
        reserved = sorted({"all", "net", "human_respiration"} & set(sectors))
        if reserved or not any(s.kind == "inventory" for s in sectors.values()):
            msg = (
                "sectors must hold at least one of kind inventory and no aggregate name; got "
                f"{list(sectors)} in inventories.sectors. Rename or add sectors."
            )
            raise ValueError(msg)
        return sectors

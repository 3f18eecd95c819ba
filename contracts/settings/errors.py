"""Settings of all error statistics: the prior's, the mismatch's and the nuisance states'."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section
from contracts.settings.mismatch import MismatchSettings
from contracts.settings.nuisance import NuisanceSettings
from contracts.settings.state_or_mismatch import counted_twice


class SectorCorrelation(Section):
    """One correlation between the prior errors of two state sectors."""

    sectors: tuple[str, str] = Field(description="The two state sectors.")
    correlation: float = Field(
        gt=-1.0, lt=1.0, description="Correlation of their prior errors in one cell and period."
    )

    @field_validator("sectors")
    @classmethod
    def _two_different(cls, sectors: tuple[str, str]) -> tuple[str, str]:
        """Refuse a sector paired with itself."""
        if sectors[0] == sectors[1]:
            msg = (
                f"errors.prior.sector_correlations must pair two different sectors; got "
                f"{list(sectors)}. Name another sector or remove the entry."
            )
            raise ValueError(msg)
        return sectors


class DeclaredSettings(Section):
    """Declared 1-sigma of totals, each as a share of that total's absolute prior."""

    enabled: bool = Field(
        default=True,
        description="Whether the totals get exactly these uncertainties; without them the "
        "correlation lengths alone decide, usually a few per cent for the city.",
    )
    averaging: Literal["batch", "year"] = Field(
        default="batch",
        description="Which mean the shares are of. `batch`: of this batch's. `year`: of a year's; "
        "a shorter batch gets as much more as the error's own correlation in time says, so that "
        "its months together have the declared share again.",
    )
    efolding_days: float = Field(
        default=365.0,
        gt=0.0,
        le=36600.0,
        description="For `averaging: year`: e-folding time, in days, of the error of a total.",
    )
    city: float = Field(
        default=0.20, gt=0.0, le=5.0, description="City total of all inventory sectors."
    )
    district: float = Field(
        default=0.40, gt=0.0, le=5.0, description="Each district's total of all inventory sectors."
    )
    districts: dict[str, float] = Field(
        default_factory=dict, description="Exceptions: region code to share."
    )
    sector: float = Field(
        default=0.35, gt=0.0, le=5.0, description="Each inventory sector's total over the city."
    )
    sectors: dict[str, float] = Field(
        default_factory=dict, description="Exceptions: inventory sector to share."
    )
    gpp: float = Field(default=0.30, gt=0.0, le=5.0, description="City total of photosynthesis.")
    respiration: float = Field(
        default=0.30, gt=0.0, le=5.0, description="City total of ecosystem respiration."
    )

    @field_validator("districts", "sectors")
    @classmethod
    def _positive(cls, shares: dict[str, float]) -> dict[str, float]:
        """Refuse shares outside (0, 5]."""
        wrong = {name: share for name, share in shares.items() if not 0.0 < share <= 5.0}
        if wrong:
            msg = (
                f"declared shares must lie in (0, 5]; got {wrong} in errors.prior.declared. "
                "Write a share such as 0.3 for 30 %."
            )
            raise ValueError(msg)
        return shares


class PriorErrorSettings(Section):
    """The prior covariance B before and after the declared totals."""

    cell_relative: float = Field(
        default=1.0,
        gt=0.0,
        le=10.0,
        description="Standard deviation of one cell and period as a share of its absolute flux.",
    )
    cell_relative_by_sector: dict[str, float] = Field(
        default_factory=dict, description="Exceptions: state sector to share."
    )
    cell_floor_umol_m2_s: float = Field(
        default=0.05,
        ge=0.0,
        description="Standard deviation, in umol m-2 s-1, where the prior flux vanishes; added in "
        "quadrature, so that an emission the inventory missed can be found.",
    )
    spatial_kernel: Literal["exponential", "matern32", "matern52", "gaussian"] = Field(
        default="exponential",
        description="Shape of the correlation in space, from rough fields to smooth ones.",
    )
    spatial_efolding_km: float = Field(
        default=5.0,
        gt=0.0,
        le=1000.0,
        description="Distance, in km, at which the correlation in space is 1/e, whatever its shape.",
    )
    spatial_efolding_km_by_sector: dict[str, float] = Field(
        default_factory=dict,
        description="Exceptions: state sector to length. Sectors of different length must not be "
        "correlated with each other.",
    )
    likeness_of_sector_mix: bool = Field(
        default=False,
        description="Whether the correlation in space of inventory sectors is weighted by how alike "
        "two cells' mixes of sectors are: a road cell and a plant cell are not.",
    )
    temporal_efolding_days: float = Field(
        default=7.0,
        gt=0.0,
        le=3660.0,
        description="E-folding time, in days, of the exponential correlation between periods.",
    )
    temporal_day_to_day_share: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Share of the variance that is constant within a local day and changes from day "
        "to day; what the shares leave is the exponential part.",
    )
    temporal_day_to_day_efolding_days: float = Field(
        default=7.0, gt=0.0, le=3660.0, description="E-folding time, in days, of that part."
    )
    temporal_same_hour_share: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Share of the variance that returns at the same hour of the next days and does "
        "not correlate with other hours; with periods of a day, another part from day to day.",
    )
    temporal_same_hour_efolding_days: float = Field(
        default=7.0, gt=0.0, le=3660.0, description="E-folding time, in days, of that part."
    )
    daily_sector_sd: float = Field(
        default=0.0,
        ge=0.0,
        le=5.0,
        description="Standard deviation of a factor common to a sector's whole flux of one local "
        "day, as a share of it; 0 = no such part.",
    )
    daily_sector_sd_by_sector: dict[str, float] = Field(
        default_factory=dict, description="Exceptions: state sector to share."
    )
    daily_sector_efolding_days: float = Field(
        default=2.5,
        gt=0.0,
        le=3660.0,
        description="E-folding time, in days, of the correlation of these factors between days.",
    )
    sector_correlations: tuple[SectorCorrelation, ...] = Field(
        default=(), description="Correlations between sectors that are not zero."
    )
    declared: DeclaredSettings = Field(
        default_factory=DeclaredSettings, description="Declared uncertainty of the totals."
    )

    @field_validator("daily_sector_sd_by_sector")
    @classmethod
    def _shares(cls, shares: dict[str, float]) -> dict[str, float]:
        """Refuse shares outside [0, 5]."""
        wrong = {name: share for name, share in shares.items() if not 0.0 <= share <= 5.0}
        if wrong:
            msg = (
                f"daily shares must lie in [0, 5]; got {wrong} in errors.prior."
                "daily_sector_sd_by_sector. Write a share such as 0.1 for 10 %."
            )
            raise ValueError(msg)
        return shares

    @model_validator(mode="after")
    def _shares_of_one(self) -> PriorErrorSettings:
        """Refuse parts of the correlation in time that are more than the whole."""
        parts = self.temporal_day_to_day_share, self.temporal_same_hour_share
        if sum(parts) > 1.0 + 1e-12:
            msg = (
                "the shares of the correlation in time must sum to at most 1; got "
                f"temporal_day_to_day_share = {parts[0]} and temporal_same_hour_share = {parts[1]} "
                "in errors.prior. Lower one of them."
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _equal_lengths_where_correlated(self) -> PriorErrorSettings:
        """Refuse a correlation between sectors of different length, and a pair named twice."""
        lengths = self.spatial_efolding_km_by_sector
        for entry in self.sector_correlations:
            one, two = (lengths.get(name, self.spatial_efolding_km) for name in entry.sectors)
            if one != two and entry.correlation != 0.0:
                msg = (
                    f"correlated sectors must share one e-folding length; got {one} km and {two} "
                    f"km for {list(entry.sectors)} in errors.prior. Set the lengths equal or the "
                    "correlation to 0."
                )
                raise ValueError(msg)
        pairs = sorted(tuple(sorted(entry.sectors)) for entry in self.sector_correlations)
        twice = [pair for pair, following in pairwise(pairs) if pair == following]
        if twice:
            msg = (
                f"a pair of sectors must be named once; got {list(twice[0])} twice in "
                "errors.prior.sector_correlations. Remove one entry."
            )
            raise ValueError(msg)
        return self


class ErrorSettings(Section):
    """Everything the inversion assumes about errors."""

    prior: PriorErrorSettings = Field(
        default_factory=PriorErrorSettings, description="Errors of the prior fluxes."
    )
    mismatch: MismatchSettings = Field(
        default_factory=MismatchSettings, description="Errors of the model-data comparison."
    )
    nuisance: NuisanceSettings = Field(
        default_factory=NuisanceSettings, description="States that are not fluxes."
    )

    @model_validator(mode="after")
    def _state_or_mismatch(self) -> ErrorSettings:
        """Refuse a term of R that lasts as long as a state that stands for the same error."""
        twice = counted_twice(self.mismatch, self.nuisance)
        if twice:
            msg = (
                "an error term must stand in the state or in R, never in both; got "
                f"{'; '.join(twice)} in errors. Shorten the time below the states' period or "
                "switch the states off."
            )
            raise ValueError(msg)
        return self

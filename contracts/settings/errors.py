"""Settings of all error statistics: the prior's, the mismatch's and the nuisance states'."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section
from contracts.settings.mismatch import MismatchSettings

_HOURS_PER_DAY = 24.0


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
    """Declared 1-sigma of the batch's totals, each as a share of that total's absolute prior."""

    enabled: bool = Field(
        default=True,
        description="Whether the totals get exactly these uncertainties; without them the "
        "correlation lengths alone decide, usually a few per cent for the city.",
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
    spatial_efolding_km: float = Field(
        default=5.0,
        gt=0.0,
        le=1000.0,
        description="E-folding length, in km, of the exponential correlation in space.",
    )
    spatial_efolding_km_by_sector: dict[str, float] = Field(
        default_factory=dict,
        description="Exceptions: state sector to length. Sectors of different length must not be "
        "correlated with each other.",
    )
    temporal_efolding_days: float = Field(
        default=7.0,
        gt=0.0,
        le=3660.0,
        description="E-folding time, in days, of the exponential correlation between periods.",
    )
    sector_correlations: tuple[SectorCorrelation, ...] = Field(
        default=(), description="Correlations between sectors that are not zero."
    )
    declared: DeclaredSettings = Field(
        default_factory=DeclaredSettings, description="Declared uncertainty of the totals."
    )

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


class NuisanceSettings(Section):
    """States that are not fluxes: the scale of the transport (SCIENCE 2.4)."""

    transport_common_sd: float = Field(
        default=0.10,
        ge=0.0,
        le=1.0,
        description="Prior standard deviation of the relative error of the modelled enhancement "
        "that is common to the whole batch; 0 = no such state.",
    )
    transport_daily_sd: float = Field(
        default=0.10,
        ge=0.0,
        le=1.0,
        description="Prior standard deviation of the part that changes from local day to local "
        "day; 0 = no such states.",
    )


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
        """Refuse a day-long term of R that a daily state already stands for."""
        day_long = [
            f"errors.mismatch.{name}.correlation_time_hours = {term.correlation_time_hours}"
            for name, term, is_state in (
                ("transport", self.mismatch.transport, self.nuisance.transport_daily_sd > 0.0),
                ("background", self.mismatch.background, True),
            )
            if is_state and term.enabled and term.correlation_time_hours >= _HOURS_PER_DAY
        ]
        if day_long:
            msg = (
                "an error term must stand in the state or in R, never in both; got "
                f"{'; '.join(day_long)} beside daily states of the same error. Shorten the time "
                "below 24 h or switch the state off."
            )
            raise ValueError(msg)
        return self

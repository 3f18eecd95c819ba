"""Settings of the mismatch covariance R: its named terms, what they depend on and how they correlate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from contracts.settings.base import Section

InstrumentClass = Literal["crds", "midcost", "lowcost"]
_HOURS = 24


class HourFactor(Section):
    """A stretch of the local day in which an error is larger or smaller."""

    from_hour: int = Field(ge=0, lt=_HOURS, description="First local hour, 0 to 23.")
    to_hour: int = Field(
        ge=0,
        le=_HOURS,
        description="Local hour at which it ends, no longer part of it; at or before from_hour it "
        "lies on the next day.",
    )
    factor: float = Field(
        gt=0.0, le=100.0, description="What the standard deviation is multiplied with."
    )

    def hours(self) -> tuple[int, ...]:
        """Return the local hours of the stretch.

        Examples
        --------
        >>> HourFactor(from_hour=22, to_hour=1, factor=2.0).hours()
        (22, 23, 0)
        """
        length = (self.to_hour - self.from_hour) % _HOURS or _HOURS
        return tuple((self.from_hour + step) % _HOURS for step in range(length))


class MismatchTerm(Section):
    """What every term may depend on."""

    by_local_hour: tuple[HourFactor, ...] = Field(
        default=(),
        description="Stretches of the local day with a factor for the standard deviation; all "
        "other hours have 1.",
    )
    by_class: dict[InstrumentClass, float] = Field(
        default_factory=dict,
        description="Class of the station's instrument to a factor for the standard deviation; "
        "all other classes have 1.",
    )

    @field_validator("by_local_hour")
    @classmethod
    def _apart(cls, stretches: tuple[HourFactor, ...]) -> tuple[HourFactor, ...]:
        """Refuse an hour that two stretches claim."""
        hours = [hour for stretch in stretches for hour in stretch.hours()]
        twice = sorted(hour for hour in set(hours) if hours.count(hour) > 1)
        if twice:
            msg = (
                f"by_local_hour must name each local hour once; got {twice} more than once in "
                "errors.mismatch. Shorten one of the stretches."
            )
            raise ValueError(msg)
        return stretches

    @field_validator("by_class")
    @classmethod
    def _positive(cls, factors: dict[str, float]) -> dict[str, float]:
        """Refuse factors outside (0, 100]."""
        wrong = {name: factor for name, factor in factors.items() if not 0.0 < factor <= 100.0}
        if wrong:
            msg = (
                f"by_class must hold factors in (0, 100]; got {wrong} in errors.mismatch. Write 3.0 "
                "for a class whose errors are three times as large."
            )
            raise ValueError(msg)
        return factors

    def hourly_factors(self) -> tuple[float, ...]:
        """Return the factor of each local hour, 24 numbers."""
        by_hour = {hour: part.factor for part in self.by_local_hour for hour in part.hours()}
        return tuple(by_hour.get(hour, 1.0) for hour in range(_HOURS))


class InstrumentTerm(MismatchTerm):
    """The measurement's own error: independent from hour to hour and from site to site."""

    floor_umol_mol: float = Field(
        default=0.1,
        gt=0.0,
        description="Smallest standard deviation, in umol mol-1, an hourly mean may have, after "
        "all factors; keeps R positive definite.",
    )


class CorrelatedTerm(MismatchTerm):
    """A term whose errors are shared between hours and sites."""

    enabled: bool = Field(default=True, description="Whether R holds this term.")
    cross_site_efolding_km: float | None = Field(
        default=None,
        gt=0.0,
        le=10_000.0,
        description="E-folding distance, in km, of the correlation between two sites; empty = it "
        "is the same at every distance.",
    )


class RepresentationTerm(CorrelatedTerm):
    """What a grid cell and an hourly mean cannot represent of the air at the inlet."""

    floor_umol_mol: float = Field(
        default=0.5, ge=0.0, description="Standard deviation, in umol mol-1, in perfectly calm air."
    )
    spread_share: float = Field(
        default=0.5,
        ge=0.0,
        le=2.0,
        description="Share of the spread within the hour that counts as representation error; "
        "added to the floor in quadrature.",
    )
    correlation_time_hours: float = Field(
        default=2.0, ge=0.0, description="E-folding time, in hours, at one site; 0 = none."
    )
    cross_site_correlation: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="Correlation between two sites at the same hour."
    )


class TransportTerm(CorrelatedTerm):
    """What the transport states leave: errors of wind and mixing that scale with the signal."""

    relative: float = Field(
        default=0.25,
        ge=0.0,
        le=2.0,
        description="Standard deviation as a share of the modelled prior enhancement |H x_a|.",
    )
    floor_umol_mol: float = Field(
        default=0.3,
        ge=0.0,
        description="Standard deviation, in umol mol-1, where the modelled enhancement vanishes; "
        "added in quadrature.",
    )
    correlation_time_hours: float = Field(
        default=8.0, ge=0.0, description="E-folding time, in hours; 0 = only the same hour."
    )
    cross_site_correlation: float = Field(
        default=0.25, ge=0.0, lt=1.0, description="Correlation between two sites at the same hour."
    )


class BackgroundTerm(CorrelatedTerm):
    """The background's error within a day: what the daily offset states leave."""

    standard_deviation_umol_mol: float = Field(
        default=0.3, gt=0.0, description="Standard deviation, in umol mol-1."
    )
    shared: Literal["by_time", "local_day", "local_day_and_wind_sector"] = Field(
        default="by_time",
        description="Who shares an error. by_time: it fades with correlation_time_hours, and other "
        "sites share cross_site_correlation of it. local_day: one error for all hours and sites of "
        "a local day, another on the next. local_day_and_wind_sector: one for each sector from "
        "which the air came on that day. The last two read neither the time nor the correlation.",
    )
    correlation_time_hours: float = Field(
        default=4.0, ge=0.0, description="E-folding time, in hours; 0 = only the same hour."
    )
    cross_site_correlation: float = Field(
        default=0.8, ge=0.0, lt=1.0, description="Correlation between two sites at the same hour."
    )


class MismatchSettings(Section):
    """The mismatch covariance R as a sum of named terms."""

    diagonal: bool = Field(
        default=False,
        description="Drop every correlation of R. An option for comparison only: the intervals "
        "come out too narrow, and the run says so.",
    )
    instrument: InstrumentTerm = Field(
        default_factory=InstrumentTerm, description="Error of the measurement."
    )
    representation: RepresentationTerm = Field(
        default_factory=RepresentationTerm, description="Error of representation."
    )
    transport: TransportTerm = Field(
        default_factory=TransportTerm, description="Error of transport beyond the states."
    )
    background: BackgroundTerm = Field(
        default_factory=BackgroundTerm, description="Error of the background within a day."
    )

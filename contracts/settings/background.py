"""Settings of the background mole fraction, as the section ``background`` states them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from contracts.settings.base import Section

_HOURS_PER_DAY = 24


class GradientSettings(Section):
    """Prior standard deviations of the inflow's gradient across the network (SCIENCE 2.15.1).

    The gradient is the part of the background's error that grows with the distance from the
    network's centre: air that enters richer on one side than on the other.
    """

    west_east_sd_umol_mol_per_100km: float = Field(
        default=0.0,
        ge=0.0,
        description="Of the gradient towards the east, in umol mol-1 per 100 km, of each "
        "period of background.offset_period_hours; 0 = no such states.",
    )
    south_north_sd_umol_mol_per_100km: float = Field(
        default=0.0,
        ge=0.0,
        description="Of the gradient towards the north, in umol mol-1 per 100 km, of each "
        "period; 0 = no such states.",
    )
    common_west_east_sd_umol_mol_per_100km: float = Field(
        default=0.0,
        ge=0.0,
        description="Of the part of the gradient towards the east, in umol mol-1 per 100 km, "
        "that lasts the whole batch; 0 = no such state.",
    )
    common_south_north_sd_umol_mol_per_100km: float = Field(
        default=0.0,
        ge=0.0,
        description="Of the part of the gradient towards the north, in umol mol-1 per 100 km, "
        "that lasts the whole batch; 0 = no such state.",
    )


class BackgroundSettings(Section):
    """What the air carries when it enters the domain, and how well that is known."""

    method: str = Field(
        default="station_baseline",
        description="Name of the method that gives the background at each observation: "
        "station_baseline takes the smooth baseline of one or more reference stations.",
    )
    stations: tuple[str, ...] | Literal["own"] = Field(
        default="own",
        description="Reference stations whose baseline is the background (their mean where several"
        " are named); 'own' takes each receptor's own baseline, for a single tall tower.",
    )
    max_gap_hours: float = Field(
        default=6.0,
        gt=0.0,
        le=72.0,
        description="Longest gap of a reference record, in hours, across which the baseline is "
        "interpolated linearly; a longer gap is refused.",
    )
    daily_offset_sd_umol_mol: float = Field(
        default=0.7,
        ge=0.0,
        description="Prior standard deviation, in umol mol-1, of the background's error: one "
        "offset for each local day (or other offset_period_hours), common to all receptors, "
        "estimated with the fluxes; 0 = no such states.",
    )
    offset_period_hours: int = Field(
        default=24,
        ge=1,
        le=744,
        description="How long an offset or a gradient lasts, in whole hours that fill a local day "
        "or are whole days: 24 = a local day, 72 = a synoptic period, 1 = every hour apart (only "
        "differences between sites then count where the offset is left free).",
    )
    gradient: GradientSettings = Field(
        default_factory=GradientSettings,
        description="Gradient of the background's error across the network.",
    )

    @property
    def states_by_period(self) -> bool:
        """Whether each period has a state of the background's error of its own."""
        gradient = self.gradient
        return (
            self.daily_offset_sd_umol_mol > 0.0
            or gradient.west_east_sd_umol_mol_per_100km > 0.0
            or gradient.south_north_sd_umol_mol_per_100km > 0.0
        )

    @field_validator("offset_period_hours")
    @classmethod
    def _fits_the_day(cls, hours: int) -> int:
        """Refuse periods that would begin at another hour on each day."""
        if _HOURS_PER_DAY % hours and hours % _HOURS_PER_DAY:
            msg = (
                "background.offset_period_hours must divide 24 or be a multiple of it; got "
                f"{hours}. Write one such as 1, 6, 12, 24 or 72."
            )
            raise ValueError(msg)
        return hours

    @field_validator("stations")
    @classmethod
    def _named_once(cls, stations: tuple[str, ...] | str) -> tuple[str, ...] | str:
        """Refuse an empty list or a station named twice."""
        if isinstance(stations, str):
            return stations
        if not stations:
            msg = (
                "background.stations must name at least one reference station; got an empty list. "
                "Name the stations, or write own to use each receptor's baseline."
            )
            raise ValueError(msg)
        if len(frozenset(stations)) != len(stations):
            msg = (
                f"background.stations must name each station once; got {list(stations)}. "
                "Remove the repeated name."
            )
            raise ValueError(msg)
        return stations

"""Settings of the background mole fraction, as the section ``background`` states them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from contracts.settings.base import Section


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
        gt=0.0,
        description="Prior standard deviation, in umol mol-1, of the background's error: one "
        "offset for each local day, common to all receptors, estimated with the fluxes.",
    )

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

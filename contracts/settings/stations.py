"""The section `stations` of the config comes in; checked, frozen settings of all records go out."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from contracts.settings.base import Section


class GateSettings(Section):
    """What a mole fraction of outdoor air can be; values outside are kept out and named."""

    lowest_umol_mol: float = Field(default=250.0, gt=0, description="lowest plausible value")
    highest_umol_mol: float = Field(default=2000.0, gt=0, description="highest plausible value")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lowest_umol_mol >= self.highest_umol_mol:
            message = (
                "gate must have lowest < highest; got "
                f"{self.lowest_umol_mol} and {self.highest_umol_mol} in stations.gate. Swap them."
            )
            raise ValueError(message)
        return self


class DetectorSettings(Section):
    """When an hourly record looks like something other than outdoor air."""

    stuck_hours: int = Field(
        default=6, ge=3, description="equal values in a row that make a stuck record"
    )
    calibration_spread_umol_mol: float = Field(
        default=0.1, gt=0, description="tank air: largest within-hour standard deviation"
    )
    calibration_window_hours: int = Field(
        default=3,
        ge=2,
        le=12,
        description="hours on each side that say what the neighbours' air is",
    )
    calibration_step_mad: float = Field(
        default=3.0,
        gt=0,
        description="tank air: step from both neighbours, in robust sd of hourly steps",
    )
    calibration_step_umol_mol: float = Field(
        default=4.0, gt=0, description="tank air: smallest step from the neighbours on both sides"
    )
    calibration_level_umol_mol: float = Field(
        default=0.15, gt=0, description="hours this close to each other show the same tank"
    )
    calibration_repeats: int = Field(
        default=3,
        ge=1,
        description="isolated hours at one level, on different days, that prove a tank",
    )
    calibration_days: int = Field(
        default=60, ge=1, description="days on each side within which those hours must lie"
    )


class BaselineSettings(Section):
    """Rolling percentile of the station's own usable hours, smoothed."""

    half_window_days: float = Field(
        default=5.0, gt=0, description="hours within this distance count"
    )
    percentile: float = Field(
        default=10.0, ge=1, le=99, description="percentile of the hours in the window"
    )
    solar_hours: tuple[int, int] = Field(
        default=(0, 24),
        description="first hour and hour after the last, in solar time of the station",
    )
    smoothing_days: float = Field(
        default=2.0, gt=0, description="sd of the Gaussian that smooths it"
    )
    sd_floor_umol_mol: float = Field(
        default=0.3, gt=0, description="smallest standard deviation given"
    )
    minimum_hours: int = Field(default=24, ge=2, description="usable hours that a window must hold")
    gap_growth_umol_mol: float = Field(
        default=1.0,
        ge=0,
        description="sd added, in quadrature, per square root of a day without window",
    )

    @model_validator(mode="after")
    def _hours(self) -> Self:
        first, after = self.solar_hours
        if not 0 <= first < after <= 24:
            message = (
                "solar_hours must be 0 <= first < after <= 24; got "
                f"{self.solar_hours} in stations.baseline. Correct them."
            )
            raise ValueError(message)
        return self


class MonitorSettings(Section):
    """When a tower's record is set aside because it drifts against the network."""

    solar_hours: tuple[int, int] = Field(default=(10, 18), description="well-mixed hours compared")
    minimum_hours: int = Field(default=2, ge=1, description="common hours that make a day's offset")
    minimum_days: int = Field(
        default=14, ge=5, description="days with an offset that a drift needs"
    )
    window_days: int = Field(
        default=60, ge=14, description="last days of the record that are looked at"
    )
    drift_umol_mol: float = Field(
        default=2.0, gt=0, description="smallest drift per 30 days that excludes"
    )
    drift_standard_errors: float = Field(
        default=4.0, gt=0, description="smallest ratio of drift to its standard error that excludes"
    )


class StationSettings(Section):
    """Which records are read, what is kept of them, and when a station is set aside."""

    registry: str = Field(
        default="config/stations/hangzhou_synthetic.yaml",
        description="file that describes every station",
    )
    raw_root: str | None = Field(
        default=None, description="folder of the raw files; none: those of the synthetic city"
    )
    manual_flags: str | None = Field(
        default=None, description="folder with <station>.csv files of hours that a person judged"
    )
    local_hours: tuple[int, int] = Field(
        default=(12, 17),
        description="first local hour and hour after the last that enter the inversion",
    )
    gate: GateSettings = Field(default_factory=GateSettings, description="plausible values")
    detectors: DetectorSettings = Field(
        default_factory=DetectorSettings, description="stuck records, tank air taken for ambient"
    )
    baseline: BaselineSettings = Field(
        default_factory=BaselineSettings, description="lower envelope of a tower's record"
    )
    background_baseline: BaselineSettings = Field(
        default_factory=lambda: BaselineSettings(
            half_window_days=0.5, percentile=50.0, smoothing_days=0.25, minimum_hours=6
        ),
        description="running median of a background station's record",
    )
    monitor: MonitorSettings = Field(
        default_factory=MonitorSettings, description="drift against the network"
    )

    @model_validator(mode="after")
    def _hours(self) -> Self:
        first, after = self.local_hours
        if not 0 <= first < after <= 24:
            message = (
                "local_hours must be 0 <= first < after <= 24; got "
                f"{self.local_hours} in stations. Correct them."
            )
            raise ValueError(message)
        return self

"""The section `stations` of the config comes in; checked, frozen settings of all records go out."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from contracts.settings.base import Section


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
    step_gap_hours: int = Field(
        default=6, ge=1, description="gap behind which the level is compared with the one before"
    )
    step_days: tuple[int, int] = Field(
        default=(5, 15),
        description="days on each side whose levels are compared: a short and a long window",
    )
    step_scatter: float = Field(
        default=4.0,
        gt=0,
        description="smallest step, in robust sd of such differences elsewhere in the record",
    )
    step_umol_mol: float = Field(default=2.0, gt=0, description="smallest step that is named")
    inlet_swap_nights: int = Field(
        default=3, ge=2, description="nights in a row on which the lower inlet has less"
    )
    inlet_swap_umol_mol: float = Field(
        default=0.5, gt=0, description="nights on which two inlets differ by less tell nothing"
    )

    @model_validator(mode="after")
    def _step_windows(self) -> Self:
        short, long = self.step_days
        if not 2 <= short < long <= 90:
            message = (
                "step_days must be 2 <= short < long <= 90 days; got "
                f"{self.step_days} in stations.detectors. Correct them."
            )
            raise ValueError(message)
        return self


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
    offset_umol_mol: float = Field(
        default=10.0, gt=0, description="smallest offset to the other towers that is named"
    )


class ClockSettings(Section):
    """When the clocks of a network are suspected to be wrong; see `stations/clock.py`."""

    tolerance_hours: float = Field(
        default=3.0, ge=1, le=6, description="offsets up to this are not told from none"
    )
    minimum_days: int = Field(default=20, ge=10, description="whole days that a verdict needs")
    block_days: int = Field(default=3, ge=1, description="days that are resampled together")
    draws: int = Field(default=400, ge=100, description="resampled records")
    seed: int = Field(default=20220101, description="seed of the resampling")
    share: float = Field(
        default=0.9,
        gt=0.5,
        lt=1,
        description="share of the resampled records that makes a verdict",
    )


class ReceptorSettings(Section):
    """Receptor files: observations that carry a background value of their own, to be compared."""

    files: tuple[str, ...] = Field(min_length=1, description="globs below data_root")
    dimension: str = Field(description="dimension along which the receptors stand")
    time: tuple[str, ...] = Field(
        min_length=1,
        description="variable in seconds since 1970, or year, month, day, hour: time of the "
        "observation, UTC",
    )
    latitude: str = Field(description="variable, degrees north")
    longitude: str = Field(description="variable, degrees east")
    value: str = Field(description="observed mole fraction")
    background: str = Field(description="mole fraction of the incoming air")
    background_sd: str | None = Field(default=None, description="its standard deviation")
    background_time: str | None = Field(
        default=None, description="its time, seconds since 1970, UTC"
    )
    unit: str = Field(default="ppm", description="unit of the mole fractions")
    longest_travel_hours: float = Field(
        default=240.0, gt=0, description="a background may be this much older than its observation"
    )
    standard_errors: float = Field(
        default=4.0, gt=0, description="smallest ratio of a difference to its sd that is named"
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
    detectors: DetectorSettings = Field(
        default_factory=DetectorSettings,
        description="stuck records, tank air taken for ambient, steps behind gaps, swapped inlets",
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
    clock: ClockSettings = Field(
        default_factory=ClockSettings, description="suspected offsets of clocks"
    )
    receptors: ReceptorSettings | None = Field(
        default=None, description="files whose background values are compared with the records"
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

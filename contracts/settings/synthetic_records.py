"""Section `synthetic_records`: made records on real footprints, the truths behind them, their errors."""

from __future__ import annotations

from pydantic import Field

from contracts.settings.base import Section
from contracts.settings.synthetic import BackgroundAirSettings, NoiseSettings


class RecordFamilySettings(Section):
    """The stated random family of truths around the prior of the run: log-normal, of mean 1."""

    common_log_sd: float = Field(0.1, ge=0, description="log sd of a factor common to all sectors")
    sector_log_sd: float = Field(0.25, ge=0, description="log sd of a factor of a whole sector")
    smooth_log_sd: float = Field(0.4, ge=0, description="log sd of a sector's smooth field")
    smooth_length_km: float = Field(
        6.0, gt=0, description="length l of the field's correlation exp(-(distance/l)^2)"
    )
    daily_log_sd: float = Field(0.15, ge=0, description="log sd of a sector's factor of a period")
    daily_correlation_days: float = Field(
        2.5, gt=0, description="e-folding time of the factors of periods, which are days, AR(1)"
    )


class SyntheticRecordsSettings(Section):
    """Everything that is invented where footprints are real and records are not."""

    seed: int = Field(20150902, ge=0, description="one number decides all that is drawn")
    draws: int = Field(1000, ge=200, description="truths drawn for the certificate")
    days_around: int = Field(
        5, ge=1, le=60, description="days of the background's record before and after the towers'"
    )
    family: RecordFamilySettings = Field(
        default_factory=RecordFamilySettings, description="family of truths"
    )
    transport_common_relative: float = Field(
        0.1, ge=0, le=0.3, description="sd of one factor of all enhancements of a truth"
    )
    noise: NoiseSettings = Field(
        default_factory=NoiseSettings, description="errors of the hourly records"
    )
    background: BackgroundAirSettings = Field(
        default_factory=lambda: BackgroundAirSettings(mean_ppm=400.0), description="inflow"
    )

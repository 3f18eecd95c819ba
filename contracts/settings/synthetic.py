"""Section `synthetic`: the made city, its family of truths and its errors."""

from __future__ import annotations

from pydantic import Field

from contracts.settings.base import Section

# Standard deviations stated in docs/decisions/0002-family-of-truths.md are those of these defaults.
SECTORS = ("power", "industry", "buildings", "transport", "waste", "gpp", "respiration")


class SpreadSettings(Section):
    """How far one sector of a drawn truth may lie from the prior: standard deviations of logs."""

    sector: float = Field(0.15, ge=0, description="log sd of one factor common to the sector")
    district: float = Field(0.2, ge=0, description="log sd of the sector's own factor per district")
    smooth: float = Field(0.5, ge=0, description="log sd of the smooth field within districts")
    daily: float = Field(0.15, ge=0, description="log sd of the factor of a day, AR(1)")
    missing_share: float = Field(
        0.0, ge=0, lt=1, description="share of the sector that sits at places the prior cannot know"
    )


def default_spreads() -> dict[str, SpreadSettings]:
    """Return the spreads of the family of truths, decided before any coverage was run."""
    return {
        "power": SpreadSettings(
            sector=0.12, district=0.0, smooth=0.0, daily=0.12, missing_share=0.06
        ),
        "industry": SpreadSettings(
            sector=0.18, district=0.18, smooth=0.5, daily=0.10, missing_share=0.10
        ),
        "buildings": SpreadSettings(sector=0.20, district=0.15, smooth=0.4, daily=0.15),
        "transport": SpreadSettings(sector=0.17, district=0.15, smooth=0.4, daily=0.12),
        "waste": SpreadSettings(
            sector=0.25, district=0.0, smooth=0.6, daily=0.10, missing_share=0.10
        ),
        "gpp": SpreadSettings(sector=0.22, district=0.20, smooth=0.2, daily=0.20),
        "respiration": SpreadSettings(sector=0.22, district=0.20, smooth=0.2, daily=0.12),
    }


class FamilySettings(Section):
    """The stated random family from which truths are drawn."""

    spreads: dict[str, SpreadSettings] = Field(
        default_factory=default_spreads, description="per state sector"
    )
    common_district: float = Field(
        0.16, ge=0, description="log sd of a district's factor common to its inventory sectors"
    )
    smooth_length_km: float = Field(
        6.0, gt=0, description="e-folding-like length of the smooth field (its Gaussian filter)"
    )
    daily_correlation_days: float = Field(2.5, gt=0, description="e-folding time of daily factors")
    plant_dead_probability: float = Field(
        0.08, ge=0, lt=1, description="chance that a power plant of the prior stands still"
    )
    plant_spread: float = Field(0.25, ge=0, description="log sd of one power plant's output")
    missing_sites: int = Field(6, ge=1, description="point sources the prior does not know, each")
    human_spread: float = Field(0.10, ge=0, description="relative sd of human respiration")
    mixing_height_spread: float = Field(
        0.10, ge=0, le=0.10, description="relative sd of the mixing height, common to the batch"
    )


class NoiseSettings(Section):
    """What separates a recorded hour from the truth carried by the truth's own transport."""

    instrument_ppm: float = Field(0.12, gt=0, description="white noise of an hourly value")
    representation_ppm: float = Field(0.5, ge=0, description="sd of local air, AR(1)")
    representation_hours: float = Field(2.0, gt=0, description="e-folding time of local air")
    transport_relative: float = Field(0.15, ge=0, description="sd as a share of the enhancement")
    transport_hours: float = Field(7.0, gt=0, description="e-folding time of transport errors")
    transport_cross_site: float = Field(
        0.25, ge=0, lt=1, description="correlation of transport errors of two sites"
    )
    background_daily_ppm: float = Field(0.6, ge=0, description="sd of a day's common inflow offset")
    background_hourly_ppm: float = Field(0.2, ge=0, description="sd of a common hourly part, AR(1)")
    background_hours: float = Field(2.0, gt=0, description="e-folding time of the hourly part")


class BackgroundAirSettings(Section):
    """The air that comes in from outside the grid."""

    mean_ppm: float = Field(422.0, gt=0, description="mean of the inflow")
    synoptic_ppm: float = Field(1.2, ge=0, description="sd of its smooth synoptic part")
    synoptic_days: float = Field(3.0, gt=0, description="width of the smoothing of that part")
    station_noise_ppm: float = Field(0.15, ge=0, description="white noise at background stations")


class PlumeSettings(Section):
    """The truth's own forward model (a backward Gaussian puff)."""

    initial_width_m: float = Field(200.0, gt=0, description="horizontal sd at release")
    vertical_timescale_s: float = Field(200.0, gt=0, description="Lagrangian time, vertical")
    lateral_timescale_s: float = Field(600.0, gt=0, description="Lagrangian time, horizontal")
    window_hours: int = Field(24, ge=2, le=48, description="clock hours of emissions looked back")


class DriftSettings(Section):
    """A fault of one station's instrument."""

    ppm_per_30_days: float = Field(description="linear drift, zero at the start of the batch")
    noise_ppm: float = Field(1.0, gt=0, description="white noise of an hourly value")


class SyntheticSettings(Section):
    """Everything that is invented about the synthetic city."""

    seed: int = Field(20250601, ge=0, description="one number decides the whole city")
    annual_total_mt: float = Field(55.0, gt=0, description="scope-1 total of the prior, Mt CO2/yr")
    annual_share: dict[str, float] = Field(
        default_factory=lambda: {
            "power": 0.34,
            "industry": 0.35,
            "transport": 0.165,
            "buildings": 0.105,
            "waste": 0.04,
        },
        description="share of each inventory sector (sums to 1)",
    )
    population_million: float = Field(12.5, gt=0, description="people in the 13 districts")
    draws: int = Field(250, ge=2, description="truths drawn for the certificate")
    truth_mixing_height_factor: float = Field(
        0.9, gt=0, description="the one truth's mixing height over that of the weather file"
    )
    lead_days: int = Field(5, ge=2, description="days of raw data before the batch")
    drifting: dict[str, DriftSettings] = Field(
        default_factory=lambda: {"SCM": DriftSettings(ppm_per_30_days=6.0)},
        description="stations with a fault; they are not receptors of the drawn truths",
    )
    family: FamilySettings = Field(default_factory=FamilySettings, description="family of truths")
    noise: NoiseSettings = Field(default_factory=NoiseSettings, description="noise of the records")
    background: BackgroundAirSettings = Field(
        default_factory=BackgroundAirSettings, description="inflow"
    )
    plume: PlumeSettings = Field(default_factory=PlumeSettings, description="the truth's transport")

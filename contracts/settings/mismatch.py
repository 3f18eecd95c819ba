"""Settings of the mismatch covariance R: its named terms and how they correlate."""

from __future__ import annotations

from pydantic import Field

from contracts.settings.base import Section


class InstrumentTerm(Section):
    """The measurement's own error: independent from hour to hour and from site to site."""

    floor_umol_mol: float = Field(
        default=0.1,
        gt=0.0,
        description="Smallest standard deviation, in umol mol-1, an hourly mean may have; keeps R "
        "positive definite.",
    )


class RepresentationTerm(Section):
    """What a grid cell and an hourly mean cannot represent of the air at the inlet."""

    enabled: bool = Field(default=True, description="Whether R holds this term.")
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


class TransportTerm(Section):
    """What the transport states leave: errors of wind and mixing that scale with the signal."""

    enabled: bool = Field(default=True, description="Whether R holds this term.")
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


class BackgroundTerm(Section):
    """The background's error within a day: what the daily offset states leave."""

    enabled: bool = Field(default=True, description="Whether R holds this term.")
    standard_deviation_umol_mol: float = Field(
        default=0.3, gt=0.0, description="Standard deviation, in umol mol-1."
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

"""Settings of the estimation of error parameters, as the section ``tune`` states them."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator

from contracts.settings.base import Section


class TuneSettings(Section):
    """Which sizes and lengths of errors are estimated from the innovations, and how."""

    method: Literal["ml", "reml", "hierarchical"] = Field(
        default="ml",
        description="ml: the most likely parameters, the prior mean taken as given. reml: each "
        "sector's scale unknown, which takes no degrees of freedom from the variances. "
        "hierarchical: draws of the parameters, fluxes integrated out, totals averaged over them.",
    )
    fixed: tuple[str, ...] = Field(
        default=("instrument", "declared"),
        description="Parameters that stay as configured: names of the terms of R, of kinds of "
        "nuisance states, `cells`, `declared`. Names a batch does not have are passed over and "
        "counted.",
    )
    by_sector: bool = Field(
        default=False,
        description="Whether each sector's fluxes get a size of their own; needs sectors without "
        "correlation and a prior without declared totals.",
    )
    spatial_efolding_factors: tuple[float, ...] = Field(
        default=(1.0,),
        description="Factors on the configured length in space at which H B H^T is computed, "
        "ascending; more than one makes the length a parameter, interpolated between them.",
    )
    temporal_efolding_factors: tuple[float, ...] = Field(
        default=(1.0,),
        description="The same for the exponential correlation between periods.",
    )
    log_sd_prior_sd: float = Field(
        default=1.0,
        gt=0.0,
        le=10.0,
        description="Prior standard deviation of the natural logarithm of the factor on an error's "
        "standard deviation, about the configured one; 1 = a factor of 7 either way at 95 %.",
    )
    log_length_prior_sd: float = Field(
        default=0.7,
        gt=0.0,
        le=10.0,
        description="The same of the factor on a length.",
    )
    profile_points: int = Field(
        default=13, ge=0, le=200, description="Points of each parameter's profile; 0 = no profiles."
    )
    chains: int = Field(default=4, ge=2, le=64, description="hierarchical: number of chains.")
    warmup: int = Field(
        default=500, ge=50, le=100_000, description="hierarchical: steps of a chain that adapt."
    )
    draws: int = Field(
        default=2000, ge=50, le=1_000_000, description="hierarchical: steps of a chain kept."
    )
    averaged_draws: int = Field(
        default=200,
        ge=10,
        le=100_000,
        description="hierarchical: draws, evenly spaced, for which totals and covariances are "
        "computed and the prior is removed.",
    )
    seed: int = Field(default=20250601, ge=0, description="hierarchical: of the random numbers.")

    @field_validator("spatial_efolding_factors", "temporal_efolding_factors")
    @classmethod
    def _ascending(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        """Refuse factors that do not ascend, or leave the configured length outside."""
        inside = bool(factors) and 0.0 < factors[0] <= 1.0 <= factors[-1] <= 100.0
        rising = all(one < two for one, two in pairwise(factors))
        if not (inside and rising):
            msg = (
                f"factors on a length must ascend from above 0 and reach around 1; got "
                f"{list(factors)} in tune. Write for example [0.5, 1.0, 2.0]."
            )
            raise ValueError(msg)
        return factors

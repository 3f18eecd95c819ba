"""Settings of the solver, as the section ``solver`` states them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.settings.base import Section


class SolverSettings(Section):
    """How the linear Gaussian problem is solved; none changes the answer by more than it says."""

    method: Literal[
        "dual", "primal", "smoother", "ensemble", "positive", "truncated", "geostatistical"
    ] = Field(
        default="dual",
        description="Name of the solver. dual factorises S in observation space and is exact. "
        "primal only multiplies and is for very many observations: its mean is exact to a "
        "tolerance, its standard deviations are never too small. smoother goes through the periods "
        "with a window of them, for states of regions or a coarse grid: exact, and its cost is "
        "linear in the number of periods. ensemble takes a drawn ensemble in place of the prior "
        "covariance. positive (log-normal fluxes), truncated (totals that keep their signs) and "
        "geostatistical (no prior size) answer other questions than the verdicts ask: for "
        "notebooks, no run writes their posterior.",
    )
    precision: Literal["auto", "single", "double"] = Field(
        default="auto",
        description="Arithmetic of the sweep that builds S: single moves a standard deviation by "
        "less than 1e-5 of itself, and the mean not at all; auto takes it above a million "
        "unknowns. Everything from S on is double.",
    )
    reach: float = Field(
        default=1e-6,
        ge=0.0,
        lt=0.1,
        description="Correlations in time below this are left out between observations whose "
        "windows do not overlap: the largest relative error this makes in S.",
    )
    threads: int = Field(
        default=1, ge=1, le=64, description="Sectors handled side by side within one batch."
    )
    column_block: int = Field(
        default=8,
        ge=1,
        le=512,
        description="Aggregates pushed through the prior covariance at once.",
    )
    pairs: int = Field(
        default=200,
        ge=1,
        le=10_000,
        description="primal: most pairs of the Hessian to find, each one product with the prior "
        "covariance; more make the standard deviations less too large.",
    )
    mean_tolerance_sd: float = Field(
        default=1e-3,
        gt=0.0,
        le=1.0,
        description="primal: largest error of the mean of any total, in its posterior standard "
        "deviations; positive: the same of the mode, as the step that is left.",
    )
    lag_periods: int | None = Field(
        default=None,
        ge=1,
        description="smoother: periods of the window; by default as many as the longest footprint "
        "sees and correlated errors need.",
    )
    members: int = Field(
        default=200,
        ge=2,
        le=100_000,
        description="ensemble: members drawn; each standard deviation carries a relative sampling "
        "error of 1 / sqrt(2 (members - 1)).",
    )
    filter: Literal["transform", "serial"] = Field(
        default="transform",
        description="ensemble: transform takes all observations in at once, serial one after the "
        "other; without a localisation both give the same.",
    )
    localisation_km: float | None = Field(
        default=None,
        gt=0.0,
        description="ensemble: length [km] over which the weight of an observation fades with its "
        "distance from a cell; by default it does not. Only the transform filter can, and prior "
        "and posterior then belong to no verdict.",
    )
    seed: int = Field(default=1, ge=0, description="ensemble, truncated: seed of what is drawn.")
    draws: int = Field(
        default=4000,
        ge=500,
        le=1_000_000,
        description="truncated: exact draws of the totals that keep their signs.",
    )
    carry_correlations: bool = Field(
        default=False,
        description="positive: give the logarithms the correlations of the fluxes where no "
        "log-normal distribution has their covariance; the largest change is told.",
    )
    trend: Literal["sector_maps", "kind_maps"] = Field(
        default="sector_maps",
        description="geostatistical: maps whose strengths are free: the prior's of each sector, or "
        "one of all sectors the inventory counts and one of each other sector.",
    )
    select_trend: bool = Field(
        default=False,
        description="geostatistical: take the subset of the maps with the smallest BIC; all "
        "subsets are reported.",
    )

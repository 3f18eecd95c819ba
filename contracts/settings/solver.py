"""Settings of the solver, as the section ``solver`` states them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.settings.base import Section


class SolverSettings(Section):
    """How the linear Gaussian problem is solved; none of these changes the answer."""

    method: Literal["dual"] = Field(
        default="dual",
        description="Name of the solver: dual works in observation space and is exact.",
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

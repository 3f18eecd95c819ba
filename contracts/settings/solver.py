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
    rows_per_block: int = Field(
        default=192,
        ge=1,
        le=4096,
        description="Observations handled at once; larger is faster and needs more memory.",
    )
    column_block: int = Field(
        default=8,
        ge=1,
        le=512,
        description="Aggregates pushed through the prior covariance at once.",
    )

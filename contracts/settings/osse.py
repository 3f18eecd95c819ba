"""Settings of the certificate: known truths against the intervals the inversion gives."""

from __future__ import annotations

from pydantic import Field

from contracts.settings.base import Section


class OsseSettings(Section):
    """How many drawn truths, in what chunks, and what must be failed."""

    draws: int = Field(
        default=2000,
        ge=1,
        le=100_000,
        description="Number of drawn truths and noises the certificate rests on; fewer than 200 "
        "cannot tell a right system from a wrong one.",
    )
    chunk_draws: int = Field(
        default=250, ge=1, description="Draws solved in one task of the cluster."
    )
    planted: bool = Field(
        default=False,
        description="Also certify two planted faults (intervals shrunk to 80 %, a diagonal R "
        "without background and transport states), which the same check must fail.",
    )

"""The section `transport.particles` of the config comes in; its checked, frozen settings go out."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section


class ParticleSettings(Section):
    """The backward particle model with which footprints are computed from meteorology."""

    number: int = Field(
        1000, ge=2, le=1_000_000, multiple_of=2, description="particles for each observation hour"
    )
    seed: int = Field(1, ge=0, description="of the random numbers, with receptor and hour")
    threads: int = Field(1, ge=1, le=256, description="observation hours computed side by side")
    step_share: float = Field(
        0.1, gt=0, le=0.5, description="time step as a share of the Lagrangian timescale"
    )
    longest_step_s: float = Field(60.0, gt=0, le=60, description="longest time step")
    timescale_floor_s: float = Field(
        2.0, ge=0.5, le=30, description="shortest Lagrangian timescale of vertical turbulence"
    )
    meander_floor_m_per_s: float = Field(
        0.5, ge=0, description="least deviation of horizontal velocity, for meandering in low wind"
    )
    mixing_height_floor_m: float = Field(
        50.0, gt=0, description="least mixing height above the displacement height"
    )
    friction_velocity_floor_m_per_s: float = Field(
        0.02, gt=0, description="least friction velocity"
    )
    slab_m: float = Field(
        3.0,
        gt=0,
        description="depth of the slab in which contact with the ground is counted; 10 m is 16 % "
        "high at 300 m from an inlet of 50 m",
    )
    slab_share_of_inlet: float = Field(
        0.3, gt=0, le=1, description="the slab is no deeper than this share of the inlet's height"
    )
    slab_growth_m_per_s: float = Field(
        0.01, ge=0, description="growth of the slab with travel time, which lowers the noise"
    )
    slab_share_of_mixing_height: float = Field(
        0.1, ge=0, le=0.5, description="the slab grows to this share of the mixing height"
    )
    free_deviation_m_per_s: float = Field(
        0.1, ge=0, description="deviation of vertical velocity above the mixing height"
    )
    free_timescale_s: float = Field(
        100.0, gt=0, description="Lagrangian timescale of vertical velocity above the mixing height"
    )
    layer_edges_m: tuple[float, ...] = Field(
        (),
        description="edges of elevated layers above ground for stacks, such as 0, 50, 100, 150, "
        "200, 300, 500, 1000; empty: no layers",
    )
    exit_points: bool = Field(
        True, description="whether the place where each particle ends is written"
    )

    @field_validator("layer_edges_m")
    @classmethod
    def _layers_ascend(cls, edges: tuple[float, ...]) -> tuple[float, ...]:
        """Refuse edges that do not ascend from the ground or above it."""
        ascending = all(low < high for low, high in pairwise(edges))
        if edges and (len(edges) < 2 or edges[0] < 0.0 or not ascending):
            msg = (
                f"layer_edges_m must be two or more ascending heights >= 0; got {list(edges)} in "
                "transport.particles. Give the edges from the lowest up, or none."
            )
            raise ValueError(msg)
        return edges

    @model_validator(mode="after")
    def _slab_in_layer(self) -> ParticleSettings:
        """Refuse a slab that is deeper than the shallowest mixed layer."""
        if self.slab_m > self.mixing_height_floor_m:
            msg = (
                f"slab_m must not exceed mixing_height_floor_m; got {self.slab_m:g} m beside "
                f"{self.mixing_height_floor_m:g} m in transport.particles. Lower slab_m."
            )
            raise ValueError(msg)
        return self

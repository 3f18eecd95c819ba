"""A column of air and a height come in; standard deviations, their slope and timescales go out.

Profiles of Hanna (1982) below the mixing height, weak uniform turbulence above it.
ASSUME: velocity fluctuations are Gaussian and independent of each other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from transport.particles.compiled import inlined

UNIFORM, NEUTRAL, UNSTABLE, STABLE = 0, 1, 2, 3
KARMAN = 0.4
FLOOR = 0.01  # m s-1, added to every standard deviation
FREE_S = 200.0  # timescale of horizontal fluctuations above the mixing height
LEAST = 1e-6  # of the mixing height: below it the convective part is constant


class Model(NamedTuple):
    """What a flight needs beside the air (see ParticleSettings for the meanings).

    `uniform` is 1 where turbulence is the same everywhere (the six numbers that follow) and 0
    where it follows the profiles.
    """

    hours: int
    direction: float
    step_share: float
    longest_step: float
    timescale_floor: float
    meander_floor: float
    lid_floor: float
    friction_floor: float
    slab: float
    slab_growth: float
    slab_share: float
    free_deviation: float
    free_timescale: float
    uniform: int
    along: float
    across: float
    vertical: float
    along_timescale: float
    across_timescale: float
    vertical_timescale: float


class Column(NamedTuple):
    """The air over one place at one time.

    Attributes
    ----------
    regime : int
    lid : float
        Mixing height above the displacement height [m].
    friction, convective : float
        Velocity scales u* and w* [m s-1].
    per_lid, per_friction : float
        One over the mixing height and over u*.
    inverse_obukhov : float
        1/L [m-1].
    """

    regime: int
    lid: float
    friction: float
    convective: float
    inverse_obukhov: float
    per_lid: float
    per_friction: float


@inlined
def column_of(lid: float, friction: float, buoyancy: float, model: Model) -> Column:
    """Return the column of a mixing height, u* and a kinematic buoyancy flux.

    Notes
    -----
    1/L = -k B / u*³ and w* = (B h)^(1/3). Neutral where h / |L| < 1 (Hanna 1982).
    """
    inverse = -KARMAN * buoyancy / (friction * friction * friction)
    convective = (buoyancy * lid) ** (1.0 / 3.0) if buoyancy > 0.0 else 0.0
    regime = STABLE
    if model.uniform == 1:
        regime = UNIFORM
    elif lid * abs(inverse) < 1.0:
        regime = NEUTRAL
    elif inverse < 0.0:
        regime = UNSTABLE
    return Column(regime, lid, friction, convective, inverse, 1.0 / lid, 1.0 / friction)


@inlined
def vertical(height: float, column: Column, model: Model) -> tuple[float, float, float]:
    """Return sigma_w [m s-1], its slope [s-1] and T_L [s] below the mixing height.

    Parameters
    ----------
    height : float
        Above the displacement height, 0 to the mixing height [m].
    column : Column
    model : Model

    Notes
    -----
    Hanna (1982) with the coefficients of SCIENCE 4.2. The slope is the derivative of the sigma_w
    returned, to rounding; T_L is never below the model's floor.
    """
    friction = column.friction
    if column.regime == NEUTRAL:
        scaled = height * column.per_friction
        sigma = 1.3 * friction * math.exp(-2e-4 * scaled)
        slope = -2e-4 * sigma * column.per_friction
        sigma += FLOOR
        timescale = 0.5 * height / (sigma * (1.0 + 1.5e-3 * scaled))
    elif column.regime == UNSTABLE:
        sigma, slope, timescale = _convective(height, column)
    elif column.regime == STABLE:
        share = min(height * column.per_lid, 1.0)
        sigma = 1.3 * friction * (1.0 - share) + FLOOR
        slope = -1.3 * friction * column.per_lid
        timescale = 0.1 * column.lid / sigma * share**0.8
    else:
        sigma, slope, timescale = model.vertical, 0.0, model.vertical_timescale
    return sigma, slope, max(timescale, model.timescale_floor)


@inlined
def _convective(height: float, column: Column) -> tuple[float, float, float]:
    """Return sigma_w, its slope and T_L of a convective column."""
    share = min(height * column.per_lid, 1.0)
    root = np.cbrt(max(share, LEAST))
    buoyant = 1.2 * column.convective * column.convective
    sheared = column.friction * column.friction
    square = buoyant * (1.0 - 0.9 * share) * root * root + (1.8 - 1.4 * share) * sheared
    bend = buoyant * (2.0 / 3.0 / root - 1.5 * root * root)
    if share < LEAST:
        bend = -0.9 * buoyant * root * root
    bare = math.sqrt(square)
    slope = 0.5 * (bend - 1.4 * sheared) * column.per_lid / bare
    sigma = bare + FLOOR
    scaled = -height * column.inverse_obukhov
    if scaled < 1.0:
        timescale = 0.1 * height / (sigma * (0.55 - 0.38 * scaled))
    elif share < 0.1:
        timescale = 0.59 * height / sigma
    else:
        timescale = 0.15 * column.lid / sigma * (1.0 - math.exp(-5.0 * share))
    return sigma, slope, timescale


@inlined
def horizontal(
    height: float, under: bool, column: Column, model: Model
) -> tuple[float, float, float, float]:
    """Return sigma along and across the wind [m s-1] and their timescales [s].

    Notes
    -----
    Both deviations are at least the meandering floor, which alone acts above the mixing height;
    timescales of the profiles are at least 10 s.
    """
    friction = column.friction
    if not under:
        along, across, slow, slower = 0.0, 0.0, FREE_S, FREE_S
    elif column.regime == NEUTRAL:
        scaled = height * column.per_friction
        along = 2.0 * friction * math.exp(-3e-4 * scaled) + FLOOR
        across = 1.3 * friction * math.exp(-2e-4 * scaled) + FLOOR
        slow = 0.5 * height / (across * (1.0 + 1.5e-3 * scaled))
        slow, slower = max(slow, 10.0), max(slow, 10.0)
    elif column.regime == UNSTABLE:
        along = friction * np.cbrt(12.0 - 0.5 * column.lid * column.inverse_obukhov) + FLOOR
        across = along
        slow = max(0.15 * column.lid / along, 10.0)
        slower = slow
    elif column.regime == STABLE:
        share = min(height * column.per_lid, 1.0)
        along = 2.0 * friction * (1.0 - share) + FLOOR
        across = 1.3 * friction * (1.0 - share) + FLOOR
        slow = 0.15 * column.lid / along * math.sqrt(share)
        slow, slower = max(slow, 10.0), max(0.467 * slow, 10.0)
    else:
        along, across = model.along, model.across
        slow, slower = model.along_timescale, model.across_timescale
    return max(along, model.meander_floor), max(across, model.meander_floor), slow, slower

"""A particle, the air of its minute and a step come in; the particle one step later goes out."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from transport.particles.compiled import inlined
from transport.particles.normals import normal
from transport.particles.step import folded, kicked, memory
from transport.particles.turbulence import Column, Model, horizontal, vertical
from transport.particles.wind import Air, instant, level_below, wind_at

HOUR_S = 3600.0


class Body(NamedTuple):
    """A particle between two steps.

    Attributes
    ----------
    random : uint64
        State of its stream of random numbers.
    height : float
        Above the displacement height [m].
    omega : float
        w' / sigma_w.
    under : bool
        Whether it is below the mixing height.
    sigma, timescale : float
        Of vertical velocity, where last looked up [m s-1], [s].
    row, column : float
        Place [m].
    row_speed, column_speed : float
        Of the last step, along the grid [m s-1].
    level : int
        At or below it.
    """

    random: np.uint64
    height: float
    omega: float
    under: bool
    sigma: float
    timescale: float
    row: float
    column: float
    row_speed: float
    column_speed: float
    level: int


class Gust(NamedTuple):
    """Horizontal fluctuation, which outlasts many vertical steps near the ground.

    Attributes
    ----------
    along, across : float
        Of the wind, in standard deviations.
    row, column : float
        The same along the grid [m s-1].
    since : float
        Time since it was drawn [s].
    limit : float
        Time after which it is drawn anew [s].
    """

    along: float
    across: float
    row: float
    column: float
    since: float
    limit: float


class Minute(NamedTuple):
    """The air around a particle during a minute of the clock.

    Attributes
    ----------
    hour : int
        From the observation hour.
    column : Column
    roughness, displacement, scale : float
        Roughness length and displacement height [m], map factor.
    ceiling : float
        Above the displacement height [m]: the weather's top, or 1 m above the mixing height where
        that is higher. Wind and density above the top are those of the highest level.
    slab : float
        Depth within which air touches the ground [m].
    """

    hour: int
    column: Column
    roughness: float
    displacement: float
    scale: float
    ceiling: float
    slab: float


class Touch(NamedTuple):
    """Where and how long a step was near the ground.

    Attributes
    ----------
    row, column, height : float
        The middle of the step; height above the displacement height [m].
    share : float
        Of the step within the slab.
    volume : float
        Of a mole of dry air [m3 mol-1].
    """

    row: float
    column: float
    height: float
    share: float
    volume: float


@inlined
def turned(body: Body, minute: Minute, model: Model, draw: bool) -> Body:
    """Return the particle as it finds itself on one side of the mixing height.

    A particle that the mixing height overtakes, or that the mean wind carries through it, keeps
    its place; its velocity is drawn anew, which keeps both sides mixed.
    """
    random, omega = body.random, body.omega
    if draw:
        random, omega = normal(random)
    under = body.height < minute.column.lid
    sigma, timescale = model.free_deviation, model.free_timescale
    if under:
        sigma, _, timescale = vertical(body.height, minute.column, model)
    return Body(
        random, body.height, omega, under, sigma, timescale, body.row, body.column,
        body.row_speed, body.column_speed, body.level,
    )  # fmt: skip


@inlined
def length_of_step(body: Body, model: Model) -> float:
    """Return the time step [s]: a share of T_L below the mixing height."""
    if body.under:
        return min(model.step_share * body.timescale, model.longest_step)
    return model.longest_step


@inlined
def blown(
    gust: Gust,
    random: np.uint64,
    where: tuple[float, bool, Column, float, float],
    model: Model,
) -> tuple[np.uint64, Gust]:
    """Return the next state of the random numbers and a fluctuation drawn anew.

    Parameters
    ----------
    gust : Gust
    random : uint64
    where : tuple
        Height, whether below the mixing height, the column, and the wind along columns and rows.
    model : Model
    """
    height, under, column, u, v = where
    along, across, slow, slower = horizontal(height, under, column, model)
    keep = memory(gust.since / slow)
    random, noise = normal(random)
    first = keep * gust.along + math.sqrt(1.0 - keep * keep) * noise
    keep = memory(gust.since / slower)
    random, noise = normal(random)
    second = keep * gust.across + math.sqrt(1.0 - keep * keep) * noise
    speed = math.sqrt(u * u + v * v)
    cosine, sine = (u / speed, v / speed) if speed > 0.0 else (1.0, 0.0)
    a, c = along * first, across * second
    limit = model.step_share * min(slow, slower)
    return random, Gust(first, second, a * sine + c * cosine, a * cosine - c * sine, 0.0, limit)


@inlined
def moved(
    air: Air, model: Model, minute: Minute, body: Body, gust: Gust, span: tuple[float, float]
) -> tuple[Body, Gust, Touch]:
    """Return the particle and its fluctuation after a step, and how it touched the ground.

    Parameters
    ----------
    air, model, minute, body, gust
    span : tuple
        Seconds of the hour that have passed in the direction of flight, and the step [s].

    Notes
    -----
    z_m = z + dt/2 w (reflected, for the look-up); sigma, slope, T_L, wind and density there;
    omega' from `kicked`; z' = z + dt/2 (omega + omega') sigma, reflected within the particle's side
    of the mixing height; then the mean vertical wind, which may cross it.
    """
    elapsed, step = span
    half = 0.5 * step
    lid = minute.column.lid
    low, high = 0.0, lid
    if not body.under:
        low, high = lid, minute.ceiling
    seen, _ = folded(body.height + half * body.omega * body.sigma, low, high)
    sigma, slope, timescale = model.free_deviation, 0.0, model.free_timescale
    if body.under:
        sigma, slope, timescale = vertical(seen, minute.column, model)
    row, column = body.row + half * body.row_speed, body.column + half * body.column_speed
    level = level_below(air, seen + minute.displacement, body.level)
    second = HOUR_S - elapsed - half if model.direction < 0.0 else elapsed + half
    when = instant(air, minute.hour, second)
    spot = seen, minute.displacement, minute.roughness, level
    u, v, w, volume, thinning = wind_at(air, when, row, column, spot)
    random = body.random
    if gust.since >= gust.limit:
        random, gust = blown(gust, random, (seen, body.under, minute.column, u, v), model)
    gust = Gust(gust.along, gust.across, gust.row, gust.column, gust.since + step, gust.limit)
    random, noise = normal(random)
    keep = memory(step / timescale)
    after = kicked(body.omega, step * (slope + sigma * thinning), keep, noise)
    raw = body.height + half * (body.omega + after) * sigma
    touch = Touch(row, column, seen, slab_share(body.height, raw, minute.slab), volume)
    height, sign = folded(raw, low, high)
    height = abs(height + model.direction * w * step)
    row_speed = minute.scale * (model.direction * v + gust.row)
    column_speed = minute.scale * (model.direction * u + gust.column)
    body = Body(
        random, height, sign * after, body.under, sigma, timescale,
        body.row + step * row_speed, body.column + step * column_speed, row_speed, column_speed,
        level,
    )  # fmt: skip
    return body, gust, touch


@inlined
def slab_share(start: float, stop: float, slab: float) -> float:
    """Return the share of a straight move, not yet reflected at 0, that lies within the slab.

    Examples
    --------
    >>> slab_share(30.0, -10.0, 10.0), slab_share(5.0, 5.0, 10.0), slab_share(30.0, 20.0, 10.0)
    (0.5, 1.0, 0.0)
    """
    lower, upper = min(start, stop), max(start, stop)
    if lower >= slab:
        return 0.0
    if upper - lower <= 1e-9:
        return 1.0
    return (min(upper, slab) - max(lower, -slab)) / (upper - lower)

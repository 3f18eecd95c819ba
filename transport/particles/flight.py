"""Weather, a model and releases come in; residence at the ground and in layers, and exits, go out.

The one kernel: backward footprints, forward plumes and columns of one dimension all fly here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transport.particles.body import (
    HOUR_S,
    Body,
    Gust,
    Minute,
    length_of_step,
    moved,
    turned,
)
from transport.particles.cells import Held, Lines, Sums, add_aloft, picked_up, put_down
from transport.particles.compiled import compiled, inlined
from transport.particles.normals import normal, stream
from transport.particles.turbulence import Model, column_of
from transport.particles.wind import Air, instant, outside, surface_at

MINUTE_S = 60.0  # how long mixing height, u* and buoyancy are held; lids move in such jumps
MINUTES = 60
FLYING, LEFT, ABOVE = 0, 1, 2  # flies on (or reached the window's end), left by a side, by the top


class Releases(NamedTuple):
    """Where n particles start.

    Attributes
    ----------
    key : uint64
        From `key_of`.
    elapsed : ndarray (n,)
        Seconds of the first hour that have passed, in the direction of the flight.
    row, column, height : ndarray (n,)
        Place [m]; height above the displacement height.
    """

    key: np.uint64
    elapsed: np.ndarray
    row: np.ndarray
    column: np.ndarray
    height: np.ndarray


@compiled
def fly(air: Air, model: Model, lines: Lines, releases: Releases, sums: Sums) -> None:
    """Fly every particle and add up its residence.

    Parameters
    ----------
    air : Air
        Covers the window; not checked here.
    model : Model
    lines : Lines
    releases : Releases
    sums : Sums
        Added to, in the order of the particles.
    """
    for number in range(releases.height.size):
        _fly_one(air, model, lines, releases, sums, number)


@inlined
def _fly_one(air: Air, model: Model, lines: Lines, releases: Releases, sums: Sums, number: int):
    """Fly one particle, hour by hour and minute by minute of the clock."""
    released = releases.elapsed[number]
    body, gust = _start(releases, number)
    held = Held(-1, -1, 0.0, 0.0, 0.0)
    elapsed, displacement, lag, reason = released, 0.0, 0, FLYING
    known = False  # on which side of the mixing height the particle is
    while lag < model.hours and reason == FLYING:
        minutes = int(elapsed / MINUTE_S)
        while minutes < MINUTES and reason == FLYING:
            stop = (minutes + 1) * MINUTE_S
            minute = _minute(air, model, body, lag, (elapsed, stop, released))
            displacement = minute.displacement
            if not known or (body.height < minute.column.lid) != body.under:
                body = turned(body, minute, model, known)
                known = True
            body, gust, held, elapsed, reason, steps = _fly_minute(
                air, model, lines, sums, (number, lag, elapsed, stop), (minute, body, gust, held)
            )
            sums.steps[number] += steps
            minutes += 1
        held = put_down(sums.surface[number % 2, lag], lines, held)
        if reason == FLYING:
            lag += 1
            elapsed = 0.0
    sums.total[number] = held.total
    sums.beyond[number] = held.beyond
    sums.reason[number] = reason
    sums.end[number, 0], sums.end[number, 1] = body.row, body.column
    sums.end[number, 2] = body.height + displacement
    sums.end[number, 3] = lag * HOUR_S + elapsed - released


@inlined
def _start(releases: Releases, number: int):
    """Return a particle as it is released and its fluctuation."""
    random = stream(releases.key, number)
    random, omega = normal(random)
    random, along = normal(random)
    random, across = normal(random)
    row, column, height = releases.row[number], releases.column[number], releases.height[number]
    body = Body(random, height, omega, True, 0.0, 1.0, row, column, 0.0, 0.0, 0)
    return body, Gust(along, across, 0.0, 0.0, 0.0, 0.0)


@inlined
def _minute(air: Air, model: Model, body: Body, lag: int, times: tuple[float, float, float]):
    """Return the air around a particle, at the middle of what is left of a minute."""
    elapsed, stop, released = times
    backward = model.direction < 0.0
    hour = -lag if backward else lag
    middle = 0.5 * (elapsed + stop)
    when = instant(air, hour, HOUR_S - middle if backward else middle)
    depth, friction, buoyancy, roughness, displacement, scale = surface_at(
        air, when, body.row, body.column
    )
    lid = max(depth - displacement, model.lid_floor)
    column = column_of(lid, max(friction, model.friction_floor), buoyancy, model)
    grown = min(model.slab_growth * (lag * HOUR_S + elapsed - released), model.slab_share * lid)
    ceiling = max(air.level[air.level.size - 1] - displacement, lid + 1.0)
    return Minute(hour, column, roughness, displacement, scale, ceiling, max(model.slab, grown))


@inlined
def _fly_minute(
    air: Air,
    model: Model,
    lines: Lines,
    sums: Sums,
    when: tuple[int, int, float, float],
    what: tuple[Minute, Body, Gust, Held],
):
    """Return particle, fluctuation, residence, time, state and steps after (part of) a minute."""
    number, lag, elapsed, stop = when
    minute, body, gust, held = what
    # a fluctuation is drawn at the start of every minute, when its deviations change
    gust = Gust(gust.along, gust.across, gust.row, gust.column, gust.since, 0.0)
    cells = sums.surface[number % 2, lag]
    steps, reason = 0, FLYING
    while elapsed < stop and reason == FLYING:
        step = length_of_step(body, model)
        last = step >= stop - elapsed
        step = stop - elapsed if last else step
        body, gust, touch = moved(air, model, minute, body, gust, (elapsed, step))
        elapsed = stop if last else elapsed + step
        steps += 1
        if touch.share > 0.0:
            amount = step * touch.share * touch.volume / minute.slab
            held = picked_up(cells, lines, held, touch, amount)
        if lines.layers.size > 1:
            add_aloft(sums.aloft, lines, minute, touch, lag, step)
        if (body.height < minute.column.lid) != body.under:
            body = turned(body, minute, model, True)
        if outside(air, body.row, body.column):
            reason = LEFT
        elif body.height > minute.ceiling:
            reason = ABOVE
    return body, gust, held, elapsed, reason, steps

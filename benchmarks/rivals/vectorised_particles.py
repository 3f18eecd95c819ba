"""Weather and particles come in; the same particles after the same kind of steps, by numpy on all of them at once, go out.

The rival of the compiled kernel: what one would write without a compiler. The same profiles, the
same midpoint and trapezoid, the same interpolation and slab; for an unstable hour only.
"""

from __future__ import annotations

import numpy as np

from transport.particles.turbulence import FLOOR, Model
from transport.particles.wind import COMPONENTS, Air


def profile(height, lid, friction, convective):
    """Return sigma_w, slope and T_L below an unstable lid (Hanna 1982)."""
    share = np.clip(height / lid, 1e-6, 1.0)
    root = np.cbrt(share)
    buoyant = 1.2 * convective**2
    square = buoyant * (1.0 - 0.9 * share) * root**2 + (1.8 - 1.4 * share) * friction**2
    bare = np.sqrt(square)
    bend = buoyant * (2.0 / 3.0 / root - 1.5 * root**2) - 1.4 * friction**2
    sigma = bare + FLOOR
    obukhov = -(friction**3) / (0.4 * convective**3 / lid)
    near = np.clip(-height / obukhov, 0.0, 1.0)
    timescale = np.where(
        -height / obukhov < 1.0,
        0.1 * height / (sigma * (0.55 - 0.38 * near)),
        np.where(
            share < 0.1, 0.59 * height / sigma, 0.15 * lid / sigma * (1.0 - np.exp(-5.0 * share))
        ),
    )
    return sigma, 0.5 * bend / (lid * bare), np.maximum(timescale, 2.0)


def interpolated(air: Air, time, row, column, height, late):
    """Return the four fields at places, (4, n); time is one index, late one share."""
    shape = (-1, air.rows, air.columns, len(air.level), COMPONENTS)
    wind = air.wind.reshape(shape)
    up, right = (row - air.row) * air.per_row, (column - air.column) * air.per_column
    i = np.clip(up.astype(int), 0, air.rows - 2)
    j = np.clip(right.astype(int), 0, air.columns - 2)
    k = np.clip(np.searchsorted(air.level, height, side="right") - 1, 0, len(air.level) - 2)
    high = np.clip((height - air.level[k]) * air.per_thickness[k], 0.0, 1.0)
    up, right = up - i, right - j
    found = 0.0
    for corner in np.ndindex(2, 2, 2, 2):
        weight = late if corner[0] else 1.0 - late
        for step, share in zip(corner[1:], (up, right, high), strict=True):
            weight = weight * (share if step else 1.0 - share)
        at = wind[time + corner[0], i + corner[1], j + corner[2], k + corner[3]]
        found = found + weight[:, None] * at
    return found.T


def fly_hour(air: Air, model: Model, column, height, rng):
    """Return heights after an hour back, residence in the slab and the steps taken.

    Parameters
    ----------
    air : Air
    model : Model
    column : tuple
        Mixing height, u*, w*.
    height : ndarray (n,)
        At the start [m].
    rng : Generator
    """
    lid, friction, convective = column
    number = len(height)
    z, omega = height.copy(), rng.standard_normal(number)
    place = np.zeros((2, number))
    speed, gust = np.zeros((2, number)), rng.standard_normal((2, number))
    left, total = np.full(number, 3600.0), np.zeros(number)
    sigma, _, timescale = profile(z, lid, friction, convective)
    steps, index = 0, -air.hour
    while (left > 0.0).any():
        at = np.flatnonzero(left > 0.0)
        steps += len(at)
        step = np.minimum(np.minimum(model.step_share * timescale[at], 60.0), left[at])
        seen = np.abs(z[at] + 0.5 * step * omega[at] * sigma[at])
        seen = np.where(seen > lid, 2.0 * lid - seen, seen)
        sigma[at], slope, timescale[at] = profile(seen, lid, friction, convective)
        middle = place[:, at] + 0.5 * step * speed[:, at]
        late = np.clip(left[at] - 0.5 * step, 0.0, 3600.0) / 3600.0
        u, v, _, density = interpolated(air, index, *middle, seen, late)
        along = friction * np.cbrt(12.0 + 0.2 * convective**3 / friction**3)
        keep = np.exp(-step / max(0.15 * lid / along, 10.0))
        gust[:, at] = keep * gust[:, at] + np.sqrt(1.0 - keep**2) * rng.standard_normal(
            (2, len(at))
        )
        speed[:, at] = np.stack([-v, -u]) + along * gust[:, at]
        keep = np.exp(-step / timescale[at])
        noise = rng.standard_normal(len(at))
        after = keep * (omega[at] + 0.5 * step * slope) + np.sqrt(1.0 - keep**2) * noise
        after += 0.5 * step * slope
        raw = z[at] + 0.5 * step * (omega[at] + after) * sigma[at]
        lower, upper = np.minimum(z[at], raw), np.maximum(z[at], raw)
        inside = np.minimum(upper, model.slab) - np.maximum(lower, -model.slab)
        share = np.where(lower < model.slab, inside / np.maximum(upper - lower, 1e-9), 0.0)
        total[at] += step * share / (density * model.slab)
        flipped = (raw < 0.0) | (raw > lid)
        raw = np.where(raw < 0.0, -raw, np.where(raw > lid, 2.0 * lid - raw, raw))
        z[at], omega[at] = raw, np.where(flipped, -after, after)
        place[:, at] += step * speed[:, at]
        left[at] -= step
    return z, total, steps

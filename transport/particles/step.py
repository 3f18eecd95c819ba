"""A particle's height and velocity come in; those one step later go out, the air's mixing kept.

The step is a midpoint for the place where turbulence is looked up and a trapezoid for the move:
one look-up a step, and well mixed at steps of a tenth of T_L where an explicit step is not.
"""

from __future__ import annotations

import math

from transport.particles.compiled import inlined

PADE = 0.5  # below this the rational form of exp(-x) is exact to 1e-7


@inlined
def memory(scaled: float) -> float:
    """Return exp(-x), x >= 0, as used for what a velocity keeps over a step.

    Notes
    -----
    The noise of a step is sqrt(1 - r²) of the same r, so the variance is kept whatever r is.
    """
    if scaled > PADE:
        return math.exp(-scaled)
    even = 1.0 + 0.1 * scaled * scaled
    odd = scaled * (0.5 + scaled * scaled / 120.0)
    return (even - odd) / (even + odd)


@inlined
def folded(height: float, floor: float, lid: float) -> tuple[float, float]:
    """Return the height reflected into [floor, lid] and the sign of the velocity after it."""
    sign = 1.0
    while height < floor or height > lid:
        height = 2.0 * floor - height if height < floor else 2.0 * lid - height
        sign = -sign
    return height, sign


@inlined
def kicked(omega: float, drift: float, keep: float, noise: float) -> float:
    """Return omega = w'/sigma_w after half the drift, the memory and noise, half the drift.

    Parameters
    ----------
    omega : float
        Before the step.
    drift : float
        Step times (d sigma_w / dz + sigma_w d ln(density) / dz).
    keep, noise : float
        exp(-step / T_L), and a standard normal number.
    """
    return keep * (omega + 0.5 * drift) + math.sqrt(1.0 - keep * keep) * noise + 0.5 * drift

"""Settings come in; the numbers that a flight needs beside the air go out."""

from __future__ import annotations

from typing import Any, NamedTuple

from transport.particles.turbulence import Model

BACKWARD, FORWARD = -1.0, 1.0


class Uniform(NamedTuple):
    """Turbulence that is the same everywhere, for tests against formulas.

    Deviations along and across the wind and upwards [m s-1] and their timescales [s].
    """

    along: float = 0.0
    across: float = 0.0
    vertical: float = 0.0
    along_timescale: float = 100.0
    across_timescale: float = 100.0
    vertical_timescale: float = 100.0


def model_of(
    settings: Any,
    hours: int,
    inlet: float,
    direction: float = BACKWARD,
    uniform: Uniform | None = None,
) -> Model:
    """Return the model of a flight.

    Parameters
    ----------
    settings : ParticleSettings
    hours : int
        Clock hours of the flight, that of the release included.
    inlet : float
        Height of the release above the displacement height [m].
    direction : float
        -1 back in time, 1 forward.
    uniform : Uniform, optional
        In place of the profiles.

    Returns
    -------
    Model
    """
    flat = uniform or Uniform()
    return Model(
        hours=int(hours),
        direction=float(direction),
        step_share=float(settings.step_share),
        longest_step=float(settings.longest_step_s),
        timescale_floor=float(settings.timescale_floor_s),
        meander_floor=float(settings.meander_floor_m_per_s),
        lid_floor=float(settings.mixing_height_floor_m),
        friction_floor=float(settings.friction_velocity_floor_m_per_s),
        slab=float(min(settings.slab_m, settings.slab_share_of_inlet * inlet)),
        slab_growth=float(settings.slab_growth_m_per_s),
        slab_share=float(settings.slab_share_of_mixing_height),
        free_deviation=float(settings.free_deviation_m_per_s),
        free_timescale=float(settings.free_timescale_s),
        uniform=int(uniform is not None),
        **{name: float(value) for name, value in flat._asdict().items()},
    )

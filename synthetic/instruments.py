"""Hourly air at an inlet comes in; what the instrument would have recorded goes out, in slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SLOT_SECONDS = 1200
SLOTS_PER_HOUR = 3
TANK_PPM = 400.12
SAMPLES_PER_SLOT = 240


@dataclass(frozen=True)
class Fault:
    """How an instrument departs from the air.

    Attributes
    ----------
    noise : float, umol mol-1
        White noise of an hourly mean.
    drift : float, umol mol-1 per second
        Linear, zero at `drift_start` and before.
    drift_start : numpy.datetime64
    """

    noise: float
    drift: float
    drift_start: np.datetime64


@dataclass(frozen=True)
class Slots:
    """The record of one instrument.

    Attributes
    ----------
    centre : ndarray (slot,), datetime64[s], UTC
    value, spread : ndarray (slot,), umol mol-1
    samples : ndarray (slot,), int
    tank : ndarray (slot,), bool
        Tank gas flowed; the record does not say so.
    """

    centre: np.ndarray
    value: np.ndarray
    spread: np.ndarray
    samples: np.ndarray
    tank: np.ndarray


def record(
    air: np.ndarray, hour_start: np.ndarray, fault: Fault, rng: np.random.Generator
) -> Slots:
    """Record hourly air in slots of 20 minutes, with gaps and calibrations.

    Parameters
    ----------
    air : ndarray (hour,), umol mol-1
    hour_start : ndarray (hour,), datetime64, UTC
    fault : Fault
    rng : numpy.random.Generator

    Returns
    -------
    Slots
        Without the slots that were lost: two outages of 6 to 30 h and 0.5 % of
        single slots. Once a week one hour at 02 UTC holds tank gas.
    """
    count = SLOTS_PER_HOUR * len(air)
    start = np.repeat(hour_start.astype("datetime64[s]"), SLOTS_PER_HOUR)
    within = np.tile(np.arange(SLOTS_PER_HOUR), len(air)) * SLOT_SECONDS + SLOT_SECONDS // 2
    centre = start + within.astype("timedelta64[s]")
    since = (centre - fault.drift_start.astype("datetime64[s]")).astype(float)
    white = fault.noise * np.sqrt(SLOTS_PER_HOUR) * rng.standard_normal(count)
    value = np.repeat(air, SLOTS_PER_HOUR) + white + fault.drift * np.maximum(since, 0.0)
    spread = np.maximum(0.4 * np.exp(0.3 * rng.standard_normal(count)), 1.5 * fault.noise)
    samples = SAMPLES_PER_SLOT - rng.integers(0, 12, count)
    days = (start - start[0]) // np.timedelta64(24, "h")
    tank = (start.astype("datetime64[h]").astype(int) % 24 == 2) & (days % 7 == 3)
    value[tank] = TANK_PPM + 0.01 * rng.standard_normal(int(tank.sum()))
    spread[tank] = 0.02
    kept = ~_lost(count, rng)
    return Slots(centre[kept], value[kept], spread[kept], samples[kept], tank[kept])


def _lost(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the slots that no line exists for, (slot,) bool."""
    lost = rng.random(count) < 0.005
    for _ in range(2):
        begin = int(rng.integers(0, count))
        lost[begin : begin + int(rng.integers(6, 31)) * SLOTS_PER_HOUR] = True
    return lost


def broken_lines(lines: list[str], rng: np.random.Generator) -> list[str]:
    """Break three lines as an interrupted writer and a bad disk would.

    Parameters
    ----------
    lines : list of str
        Data lines without their ends.
    rng : numpy.random.Generator

    Returns
    -------
    list of str
        Two lines cut short, one with a value that is no number.
    """
    result = list(lines)
    cut_a, cut_b, spoilt = rng.choice(len(lines), size=3, replace=False).tolist()
    for position in (cut_a, cut_b):
        result[position] = result[position][: len(result[position]) // 2]
    result[spoilt] = result[spoilt].replace(".", "#")
    return result

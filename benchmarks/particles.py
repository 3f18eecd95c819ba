"""Nothing comes in; speed of the particle model, on one core and two and against numpy, goes out, printed and in results/particles.json.

python -m benchmarks.particles [particles]     (within `make bench`, two minutes)
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.rivals.vectorised_particles import fly_hour
from benchmarks.run_one import ONE_THREAD
from contracts.settings.particles import ParticleSettings
from transport.particles.cells import Lines, empty_sums
from transport.particles.experiments import Plain, release
from transport.particles.flight import fly
from transport.particles.model import model_of

KEPT = Path(__file__).resolve().parent / "results" / "particles.json"
HOURS, REPEATS = 24, 3
LEVELS = np.concatenate([[10, 20, 35, 50, 75, 100, 130, 160, 200, 250], np.arange(300, 1000, 100)])
LEVELS = np.concatenate([LEVELS, np.arange(1000, 2000, 200), np.arange(2000, 5001, 500)]).astype(
    float
)
NOON = (1200.0, 0.4, 1.8)  # mixing height, u*, w* of the hour that numpy flies as well
CELLS = Lines(-250e3, -250e3, 1e-3, 1e-3, 500, 500, np.zeros(0))  # 1 km


def day(hour):
    """Return 0 at night to 1 at noon; hour 0 is noon."""
    return np.clip(np.cos(np.asarray(hour) / 12.0 * np.pi), 0.0, 1.0)


def weather(points=100):
    """Return 500 km of weather that turns with time and differs from place to place."""

    def wind(hour, level, row, column, phase):
        turn = np.cos(2.0 * np.pi * hour / 24.0 + phase)
        return (1.5 + np.log(level / 10.0)) * turn + 0.5 * np.sin((row + column) / 8e4)

    return Plain(
        lid=lambda hour: 200.0 + 1000.0 * day(hour),
        friction=lambda hour: 0.15 + 0.25 * day(hour),
        buoyancy=lambda hour: -3e-4 + (1.8**3 / 1200.0 + 3e-4) * day(hour),
        eastward=lambda *at: wind(*at, 0.0),
        northward=lambda *at: wind(*at, 0.5 * np.pi),
        density=lambda level: 41.0 * np.exp(-level / 8000.0),
        level=LEVELS,
        half_width=255e3,
        points=points,
        roughness=0.5,
    ).air(HOURS)


def hour_of(air, model, number, key):
    """Return the sums of one receptor-hour."""
    sums = empty_sums(HOURS, CELLS, number)
    elapsed = (np.arange(number) + 0.5) / number * 3600.0
    fly(air, model, CELLS, release(np.full(number, 50.0), key, elapsed), sums)
    return sums


def best(job, clock):
    """Return the least seconds of several runs of a job."""
    found = []
    for _ in range(REPEATS):
        start = clock()
        job()
        found.append(clock() - start)
    return min(found)


def by_share(air, number):
    """Return what a receptor-hour costs on one core, by the step."""
    rows = []
    for share in (0.1, 0.2):
        model = model_of(ParticleSettings(step_share=share), HOURS, 50.0)
        steps = int(hour_of(air, model, number, 1).steps.sum())
        seconds = best(lambda model=model: hour_of(air, model, number, 1), time.process_time)
        rows.append({"step_share": share, "steps_per_particle": steps / number, "cpu_s": seconds,
                     "steps_per_s": steps / seconds})  # fmt: skip
    return rows


def scaling(air, number):
    """Return the seconds of the clock for 8 receptor-hours with one thread and with two."""
    model = model_of(ParticleSettings(), HOURS, 50.0)
    keys = range(1, 9)
    found = {}
    for threads in (1, 2):
        with ThreadPoolExecutor(threads) as pool:
            job = lambda pool=pool: list(pool.map(lambda k: hour_of(air, model, number, k), keys))  # noqa: E731
            start, used = time.perf_counter(), time.process_time()
            job()
            found[f"{threads} threads"] = {
                "wall_s": time.perf_counter() - start,
                "cpu_s": time.process_time() - used,
            }
    return found


def against_numpy(air, number):
    """Return steps per second of numpy and of the kernel in one unstable hour."""
    model = model_of(ParticleSettings(), 1, 50.0)
    heights, rng = np.full(number, 50.0), np.random.default_rng(1)
    start = time.process_time()
    z, total, steps = fly_hour(air, model, NOON, heights, rng)
    slow = steps / (time.process_time() - start)
    sums = empty_sums(1, CELLS, number)
    start = time.process_time()
    fly(air, model, CELLS, release(heights, 1), sums)
    fast = int(sums.steps.sum()) / (time.process_time() - start)
    return {"numpy_steps_per_s": slow, "steps_per_s": fast, "ratio": fast / slow,
            "mean_height": [float(z.mean()), float(sums.end[:, 2].mean())],
            "total": [float(total.mean()), float(sums.total.mean())]}  # fmt: skip


def main(number):
    """Measure, print and write."""
    air = weather()
    start = time.perf_counter()
    hour_of(air, model_of(ParticleSettings(), HOURS, 50.0), 2, 1)
    found = {"particles": number, "cores": os.cpu_count(), "load_before": os.getloadavg()[0],
             "first_call_s": time.perf_counter() - start}  # fmt: skip
    found |= {"by_step": by_share(air, number), "numpy": against_numpy(air, 5000)}
    found["threads"] = scaling(air, number)
    one, two = (found["threads"][f"{n} threads"]["wall_s"] for n in (1, 2))
    found["one_thread_over_two"] = one / two
    found["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found["weather_gib"] = (air.wind.nbytes + air.surface.nbytes) / 2**30
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"particle model, {number} particles, {HOURS} h, 1-km cells, {found['cores']} cores")
    for row in found["by_step"]:
        print(f"  step {row['step_share']} T_L: {row['steps_per_s'] / 1e6:.1f} M steps/s a core, "
              f"{row['cpu_s']:.2f} s a receptor-hour, {row['steps_per_particle']:.0f} steps")  # fmt: skip
    rival = found["numpy"]
    print(
        f"  numpy {rival['numpy_steps_per_s'] / 1e6:.2f} M steps/s: the kernel is {rival['ratio']:.0f} times that"
    )
    print(f"  one thread / two: {one:.1f} s / {two:.1f} s = {one / two:.2f}")
    print(f"  peak of memory {found['peak_gib']:.2f} GiB, of it weather {found['weather_gib']:.2f}")


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        # the libraries read these when they are loaded, so this process starts again
        again = [sys.executable, "-m", "benchmarks.particles", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | ONE_THREAD)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

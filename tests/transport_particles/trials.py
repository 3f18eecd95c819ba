"""A laboratory and a number of particles come in; the figures of the tests T1 to T7 of SCIENCE 4.6 go out."""

from types import SimpleNamespace

import numpy as np
from scipy.special import ndtr

# mixing height, u*, buoyancy flux; the unstable one is that of SCIENCE 4.4 (w* = 1.8 m/s)
REGIMES = {
    "unstable": (1000.0, 0.4, 1.8**3 / 1000.0),
    "neutral": (800.0, 0.4, 0.0),
    "stable": (200.0, 0.15, -(0.15**3) / (0.4 * 50.0)),
    "low u*": (400.0, 0.1, 0.0),
}
STILL = {"meander_floor_m_per_s": 0.0}


def even(number, low, high, key=1):
    """Return heights spread evenly, in random order."""
    order = np.random.default_rng(key).permutation(number)
    return low + (order + 0.5) / number * (high - low)


def against(heights, edges, expected):
    """Return chi² per degree of freedom and the bins' ratios to what is expected."""
    found, _ = np.histogram(heights, edges)
    expected = expected / expected.sum() * len(heights)
    chi = float((np.square(found - expected) / expected).sum() / (len(found) - 1))
    return SimpleNamespace(chi=chi, ratio=found / expected, edges=edges)


def well_mixed(lab, regime, number, hours=3, share=0.1, scale_height=None):
    """T1: particles mixed at first stay mixed; 20 bins, and the lowest 10 m."""
    lid, friction, buoyancy = REGIMES[regime]
    level = np.linspace(1.0, lid + 2.0, 60)
    height, density = even(number, 0.0, lid), np.full(60, 41.0)
    expected = np.full(20, 1.0)
    edges = np.linspace(0.0, lid, 21)
    if scale_height:
        density = 41.0 * np.exp(-level / scale_height)
        below = 1.0 - np.exp(-lid / scale_height)
        height = -scale_height * np.log(1.0 - even(number, 0.0, 1.0) * below)
        expected = -np.diff(np.exp(-edges / scale_height))
    sums = lab.run(
        lab.model(hours, step_share=share),
        height,
        lid=lid,
        friction=friction,
        buoyancy=buoyancy,
        level=level,
        density=lambda _: density,
    )
    found = against(sums.end[:, 2], edges, expected)
    found.low = float((sums.end[:, 2] < 10.0).mean() / (10.0 / lid))
    found.steps = float(sums.steps.mean() / hours)
    return found


def diurnal(hour):
    """Return a mixing height between 200 m at night and 1400 m in the afternoon."""
    return 200.0 + 1200.0 * np.clip(np.sin((np.mod(hour, 24) - 6.0) / 12.0 * np.pi), 0.0, 1.0)


def column(lab, kind, number, hours=24, share=0.1):
    """T1 on 2400 m with the mixing height at 1000 m, or that of a day; 12 bins."""
    sums = lab.run(
        lab.model(hours, step_share=share),
        even(number, 0.0, 2400.0),
        lid=1000.0 if kind == "fixed" else diurnal,
        friction=0.4,
        buoyancy=2e-3,
        level=np.array([10.0, 1000.0, 2400.0]),
    )
    found = against(sums.end[:, 2], np.linspace(0.0, 2400.0, 13), np.ones(12))
    under = sums.end[:, 2] < (1000.0 if kind == "fixed" else diurnal(np.array(-hours)))
    expected = (1000.0 if kind == "fixed" else float(diurnal(np.array(-hours)))) / 2400.0
    found.under = float(under.mean() / expected)
    return found


def taylor(time, deviation, timescale):
    """Return the variance 2 s² T² (t/T - 1 + exp(-t/T)) (Taylor 1921)."""
    scaled = np.asarray(time) / timescale
    return 2.0 * np.square(deviation * timescale) * (scaled - 1.0 + np.exp(-scaled))


def within(depth, inlet, variance):
    """Return the probability of |z| < depth for a Gaussian about the inlet: reflected at 0."""
    sigma = np.sqrt(variance)
    return ndtr((depth - inlet) / sigma) - ndtr((-depth - inlet) / sigma)


def taylor_ratio(lab, number, ages=(100.0, 200.0, 500.0, 1500.0, 3000.0), formula=taylor):
    """T2: particles within 10 m of the ground over those of the formula, at each age."""
    flat = {"vertical": 0.5, "vertical_timescale": 100.0}
    model = lab.model(1, uniform=flat, **STILL)
    ratio = []
    for age in ages:
        expected = within(10.0, 50.0, taylor(age, 0.5, 100.0))
        sums = lab.run(
            model,
            np.full(int(number * 0.1 / expected), 50.0),  # as many hits at every age
            key=int(age),
            elapsed=3600.0 - age,
            lid=1e5,
            level=np.array([10.0, 1e3, 2e5]),
        )
        expected = within(10.0, 50.0, formula(age, 0.5, 100.0))
        ratio.append(float((sums.end[:, 2] < 10.0).mean() / expected))
    return np.array(ratio)


def residence_ratio(lab, number):
    """T2 in time: residence in the slab over the integral of the formula, 50 min."""
    flat = {"vertical": 0.5, "vertical_timescale": 100.0}
    model = lab.model(1, uniform=flat, slab_m=10.0, slab_growth_m_per_s=0.0, **STILL)
    sums = lab.run(
        model, np.full(number, 50.0), elapsed=600.0, lid=1e5, level=np.array([10.0, 1e3, 2e5])
    )
    time = np.linspace(0.0, 3000.0, 20_001)[1:]
    expected = within(10.0, 50.0, taylor(time, 0.5, 100.0)).sum() * 0.15 / (41.0 * 10.0)
    return float(sums.total.mean() / expected)


TABLE = {300: 5.77, 600: 5.59, 1000: 4.56, 2000: 2.63, 3000: 1.86, 5000: 1.31, 10000: 1.02}


def near_field(lab, number, distances=tuple(TABLE)):
    """T3 and SCIENCE 4.4: density at the ground after x / U, forward, backward and by 0.5 h.

    Rows: distance; 1000 times the density of air released forward at 0 to 10 m (as in SCIENCE) and
    at the ground; ratios to the latter of backward flight with the slab of that age, of a slab of
    10 m at every age, and of half the mixed layer.
    """
    lid, friction, buoyancy = REGIMES["unstable"]
    rows = []
    for distance in distances:
        age = distance / 3.0
        at = {"elapsed": 3600.0 - age, "lid": lid, "friction": friction, "buoyancy": buoyancy}
        model = lab.model(1)
        slab = max(model.slab, min(model.slab_growth * age, model.slab_share * lid))
        # as many hits in the slab everywhere
        count = int(number * TABLE[300] / TABLE[distance] * 10.0 / slab)
        back = lab.run(model, np.full(count, 50.0), key=distance, **at).end[:, 2]
        deep = np.nan
        window = 5.0 if distance < 2000 else 10.0
        onward = lab.model(1, direction=1.0)
        found = lab.run(onward, np.zeros(count), key=distance + 1, **at).end[:, 2]
        ahead = (np.abs(found - 50.0) < window).mean() / (2.0 * window)
        if distance < 5000:
            start = even(number, 0.0, 10.0)
            found = lab.run(onward, start, key=distance + 2, **at).end[:, 2]
            deep = (np.abs(found - 50.0) < window).mean() / (2.0 * window)
        density = ((back < depth).mean() / depth for depth in (slab, 10.0, 0.5 * lid))
        rows.append((distance, 1e3 * deep, 1e3 * ahead, *(one / ahead for one in density)))
    return np.array(rows)


def plume(lab, number, spread=0.5, timescale=100.0, wind=5.0):
    """T4: footprint of a uniform wind against the Gaussian plume: crosswind sums, centreline."""
    flat = {"across": spread, "across_timescale": timescale, "along_timescale": timescale}
    flat |= {"vertical": spread, "vertical_timescale": timescale}
    model = lab.model(1, uniform=flat, slab_m=10.0, slab_growth_m_per_s=0.0, **STILL)
    size, count = 500.0, 41
    lines = lab.experiments.Lines(
        -0.5 * count * size, -24.5 * size, 1.0 / size, 1.0 / size, count, 25, np.zeros(0)
    )
    sums = lab.run(
        model,
        np.full(number, 50.0),
        lines=lines,
        lid=1e5,
        level=np.array([0.01, 1e3, 2e5]),
        roughness=1e-4,
        eastward=lab.experiments.constant(wind),
    )
    found = sums.surface.sum(axis=(0, 1))[:, ::-1] / number
    time = np.linspace(0.0, 3600.0, 72_001)[1:]
    variance = taylor(time, spread, timescale)
    density = within(10.0, 50.0, variance) * 0.05 / (41.0 * 10.0)
    cell = np.floor(wind * time / size + 0.5).astype(int)
    middle = ndtr(0.5 * size / np.sqrt(variance)) - ndtr(-0.5 * size / np.sqrt(variance))
    crosswind = np.bincount(cell, density, minlength=25)[:25]
    centre = np.bincount(cell, density * middle, minlength=25)[:25]
    used = slice(1, 24)
    return SimpleNamespace(
        distance=size * np.arange(25)[used],
        crosswind=found.sum(axis=0)[used] / crosswind[used],
        centre=found[count // 2][used] / centre[used],
        found=found[count // 2][used],
        expected=centre[used],
    )


def box(lab, number, regime="unstable"):
    """T5: ppm that 10 umol m-2 s-1 everywhere give in 6 h under 1000 m, inlets at all heights."""
    _, friction, buoyancy = REGIMES[regime]
    sums = lab.run(
        lab.model(6, inlet=1000.0),
        even(number, 0.0, 1000.0),
        lid=1000.0,
        friction=friction,
        buoyancy=buoyancy,
    )
    return 10.0 * float(sums.total.mean())


def rotation(lab, step, hours=6, turns=1.0):
    """T6: distance [m] from where a solid rotation ends after whole turns, by the time step."""
    rate = 2.0 * np.pi * turns / (hours * 3600.0)
    sums = lab.run(
        lab.model(hours, uniform={}, longest_step_s=step, step_share=0.5, **STILL)._replace(
            timescale_floor=1e6
        ),
        np.array([50.0]),
        column=20_000.0,
        half_width=1e5,
        level=np.array([10.0, 100.0, 1000.0]),
        eastward=lambda hour, level, row, column: -rate * row + 0.0 * column,
        northward=lambda hour, level, row, column: rate * column + 0.0 * row,
    )
    return float(np.hypot(sums.end[0, 0], sums.end[0, 1] - 20_000.0))


def adjoint(lab, number, key=9):
    """T7: mole fraction by the footprint, and by flying the same emission forward.

    A strip 4 km wide emits during the hour before the observation hour; the receptor is a strip
    4 km wide, 20 to 220 m high, 5 km beyond; wind turns and grows with height.
    """
    rng = np.random.default_rng(key)
    lid, friction, buoyancy = REGIMES["unstable"]
    air = {
        "lid": lid,
        "friction": friction,
        "buoyancy": buoyancy,
        "level": np.array([10.0, 50.0, 200.0, 1000.0, 3000.0]),
        "eastward": lambda *at: 2.0 + 0.002 * at[1] + 0.0 * sum(at),
        "northward": lambda *at: 0.001 * at[1] + 0.0 * sum(at),
    }
    wide, far = 4000.0, lab.experiments.FAR

    def strip(centre, layers):
        west = centre - 0.5 * wide
        return lab.experiments.Lines(-far, west, 0.5 / far, 1.0 / wide, 1, 1, np.array(layers))

    elapsed = (np.arange(number) + 0.5) / number * 3600.0
    back = lab.run(
        lab.model(2, inlet=100.0),
        rng.uniform(20.0, 220.0, number),
        lines=strip(-5000.0, []),
        elapsed=elapsed,
        column=rng.uniform(-0.5 * wide, 0.5 * wide, number),
        key=key,
        **air,
    )
    ahead = lab.run(
        lab.model(2, direction=1.0),
        np.zeros(number),
        lines=strip(0.0, [20.0, 220.0]),
        elapsed=elapsed,
        column=-5000.0 + rng.uniform(-0.5 * wide, 0.5 * wide, number),
        key=key + 1,
        **air,
    )
    # 1 mol m-2 s-1 from one strip for an hour, into another of the same area for an hour
    return float(back.surface[:, 1].sum() / number), float(ahead.aloft[0, 1].sum() / number)


def totals(lab, number, regime, share):
    """Return the total of a 3-h footprint from 50 m and its standard error [m2 s mol-1]."""
    lid, friction, buoyancy = REGIMES[regime]
    sums = lab.run(
        lab.model(3, step_share=share),
        np.full(number, 50.0),
        key=int(1000 * share),
        lid=lid,
        friction=friction,
        buoyancy=buoyancy,
    )
    return float(sums.total.mean()), float(sums.total.std() / np.sqrt(number))

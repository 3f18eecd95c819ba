"""Two implementations of one formula that share no line agree: the inversion's and the truth's."""

from types import SimpleNamespace

import numpy as np
from transport_fakes import START, cell, grid, meteorology, observations

from contracts.settings.transport import TransportSettings
from synthetic import air
from transport.footprints import build_footprints

HOURS = 48


def weather():
    rng = np.random.default_rng(7)
    smooth = np.cumsum(rng.standard_normal((2, HOURS)), axis=1) * 0.4
    return {
        "eastward_wind": smooth[0] + 2.0,
        "northward_wind": smooth[1],
        "mixing_height": 300.0 + 900.0 * rng.random(HOURS),
        "vertical_velocity_deviation": 0.3 + 0.6 * rng.random(HOURS),
        "lateral_velocity_deviation": 0.5 + rng.random(HOURS),
    }


def of_truth(series, hour, inlet):
    clock = air.Weather(
        time=3600.0 * np.arange(HOURS),
        level=np.array([20.0, 100.0]),
        eastward=np.stack([series["eastward_wind"]] * 2, axis=1),
        northward=np.stack([series["northward_wind"]] * 2, axis=1),
        mixing_height=series["mixing_height"],
        vertical_deviation=series["vertical_velocity_deviation"],
        lateral_deviation=series["lateral_velocity_deviation"],
        molar_density=41.0,
    )
    from synthetic.influence import Carrier, Site

    on = grid()
    plume = SimpleNamespace(
        initial_width_m=200.0,
        vertical_timescale_s=200.0,
        lateral_timescale_s=600.0,
        window_hours=24,
    )
    carrier = Carrier(clock, on.row_edges, on.column_edges, plume)
    site = Site("AAA", on.row_edges[50], on.column_edges[50], inlet)
    found = carrier.influence(site, 3600.0 * hour, (1.0,))
    dense = np.zeros((24, *on.shape))
    for lag in range(24):
        steps = found.hour == lag
        dense[lag] = (found.rows[steps] * found.weight[0, steps, None]).T @ found.columns[steps]
    return dense


def test_both_transports_agree():
    series = weather()
    shaped = {
        name: values[:, None, None, None] if name.endswith("_wind") else values[:, None, None]
        for name, values in series.items()
    }
    hours = [24, 31, 40]
    assert START.astype(int) % 3600 == 0
    for inlet in (30.0, 120.0):
        fp = build_footprints(
            observations(hours, inlet=inlet), meteorology(hours=HOURS, **shaped), grid(),
            TransportSettings(), [],
        )  # fmt: skip
        for index, hour in enumerate(hours):
            truth = of_truth(series, hour, inlet)
            np.testing.assert_allclose(cell(fp, index), truth, rtol=1e-9, atol=1e-11 * truth.max())

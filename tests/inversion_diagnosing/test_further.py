"""Groups, weather, sectors and kernels; and all of it together on a small problem of real contracts."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from inversion_fakes import DAYS, HOUR, START, problem

from contracts.datasets import check_dataset
from contracts.settings.errors import ErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.solver import SolverSettings
from inversion.aggregates import batch_totals, layout_of
from inversion.diagnosing.further import Solved, further_diagnostics
from inversion.diagnosing.groups import groupings
from inversion.diagnosing.kernels import kernel_maps
from inversion.diagnosing.sectors import (
    SectorTotals,
    data_correlation,
    pairs_told_as_sum,
    reduced_kernel,
)
from inversion.diagnosing.weather import weather_of, wind_sector
from inversion.diagnostics import innovations_of
from inversion.solve import solve_problem

SETTINGS = SimpleNamespace(gas=GasSettings(), errors=ErrorSettings(), solver=SolverSettings())


def weather(hours=24 * DAYS + 1, calm=False):
    """Return a wind from the west that turns, over a mixing height that rises by the hour."""
    time = START + np.arange(hours) * HOUR
    shape = (hours, 2, 2)
    wind = np.full((hours, 2, *shape[1:]), 0.1 if calm else 5.0)
    height = np.broadcast_to(500.0 + np.arange(hours)[:, None, None], shape).copy()
    centre = 500_000.0
    return xr.Dataset(
        {
            "eastward_wind": (("time", "level", "northing", "easting"), wind, {"units": "m s-1"}),
            "northward_wind": (
                ("time", "level", "northing", "easting"),
                0.0 * wind,
                {"units": "m s-1"},
            ),
            "mixing_height": (("time", "northing", "easting"), height, {"units": "m"}),
        },
        coords={
            "time": time,
            "level": ("level", [10.0, 100.0], {"units": "m"}),
            "northing": ("northing", [3_310_000.0, 3_330_000.0], {"units": "m"}),
            "easting": ("easting", [centre - 10_000.0, centre + 10_000.0], {"units": "m"}),
        },
        attrs={"synthetic": "yes", "grid_crs": "EPSG:4549"},
    )


def solved_of(datasets):
    layout = layout_of(datasets["prior"])
    totals = batch_totals(layout)
    posterior = solve_problem(datasets, SETTINGS, (totals.weights,))
    return Solved(posterior, innovations_of(posterior, datasets["observations"]), layout, totals)


@pytest.fixture(scope="module")
def made():
    datasets = problem()
    return datasets, solved_of(datasets)


def test_groups_are_local(made):
    found = groupings(made[0]["observations"], made[0]["prior"], 8.0)
    assert sorted(found) == ["day", "hour", "site"]
    assert [name for name, _ in found["site"]] == ["tower_a", "tower_b"]
    # hour 28 after local midnight of 2 June is 04 h of the next day
    assert found["hour"][0][0] == "00"
    assert [name for name, _ in found["day"]] == ["2025-06-03", "2025-06-04"]
    assert sum(len(rows) for _, rows in found["day"]) == 44


def test_months_are_told_where_there_are_two_and_wind_where_it_is_known(made):
    observations, prior = made[0]["observations"], made[0]["prior"]
    later = observations.assign(time=observations["time"] + np.timedelta64(27 * 24, "h"))
    later = later.assign(wind_sector=("obs", np.arange(44) % 3))
    found = groupings(later, prior, 8.0)
    assert [name for name, _ in found["month"]] == ["2025-06", "2025-07"]
    assert [name for name, _ in found["wind_sector"]] == ["0", "1", "2"]
    unknown = groupings(observations, prior, 8.0, np.full(44, -1))
    assert "wind_sector" not in unknown


def test_weather_is_that_of_the_middle_of_the_hour(made):
    meteorology = weather()
    check_dataset(meteorology, "meteorology")
    found = weather_of(made[0]["observations"], meteorology)
    assert found["mixing_height"][0] == pytest.approx(500.0 + 28.5)
    assert found["wind_speed"] == pytest.approx(5.0)
    assert set(found["wind_sector"].tolist()) == {6}  # from the west


def test_weather_that_is_not_known_is_not_made_up(made):
    observations = made[0]["observations"]
    short = weather_of(observations, weather(hours=30))
    assert np.isfinite(short["mixing_height"]).sum() == 2
    away = weather_of(observations.assign(longitude=observations["longitude"] + 5.0), weather())
    assert np.isnan(away["wind_speed"]).all()
    assert set(away["wind_sector"].tolist()) == {-1}
    assert set(weather_of(observations, weather(calm=True))["wind_sector"].tolist()) == {-1}


def test_wind_sectors_go_clockwise_from_north():
    east = -np.sin(np.arange(8) * np.pi / 4.0)
    north = -np.cos(np.arange(8) * np.pi / 4.0)
    assert wind_sector(4.0 * east, 4.0 * north).tolist() == list(range(8))


def sector_totals(seen, before=None):
    """Return totals of three sectors of which observations see some combinations, with unit error."""
    before = np.diag([4.0, 4.0, 1.0]) if before is None else before
    H = np.atleast_2d(seen).astype(float)
    gain = before @ H.T @ np.linalg.inv(H @ before @ H.T + 0.04 * np.eye(len(H)))
    return SectorTotals(
        ("road", "homes", "power"), np.array([3.0, 2.0, 5.0]), before, gain @ H @ before
    )


def test_sectors_seen_only_together_are_told_as_their_sum():
    totals = sector_totals([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    (pair,) = pairs_told_as_sum(totals)
    assert pair["sectors"] == ["road", "homes"]
    assert pair["correlation"] < -0.95
    assert pair["data_correlation"] is None  # alone, neither is seen at all
    assert pair["total"] == 5.0
    assert pair["standard_deviation"] == pytest.approx(0.2, rel=0.01)
    assert pair["information"] > 0.99
    kernel = reduced_kernel(totals)
    assert kernel[0] == pytest.approx([0.5, 0.5, 0.0], abs=0.01)
    assert kernel[2] == pytest.approx([0.0, 0.0, 0.96], abs=0.01)


def test_sectors_that_are_seen_apart_are_told_apart():
    totals = sector_totals(np.eye(3))
    assert pairs_told_as_sum(totals) == []
    assert data_correlation(totals) == pytest.approx(np.eye(3), abs=1e-9)


def test_a_weak_look_does_not_hide_a_pair_behind_its_prior():
    seen = 0.1 * np.array([[1.0, 1.0, 0.0], [1.0, 0.9, 0.0], [0.0, 0.0, 9.0]])
    totals = sector_totals(seen)
    after = totals.after
    assert abs(after[0, 1]) / np.sqrt(after[0, 0] * after[1, 1]) < 0.7
    (pair,) = pairs_told_as_sum(totals)
    assert pair["data_correlation"] < -0.9


def test_kernels_move_totals_as_the_estimate_does(made):
    solved = made[1]
    maps = kernel_maps(solved.posterior, solved.totals.weights, solved.layout)
    truth = np.random.default_rng(3).standard_normal((3, 1, 6)) * np.ones((3, DAYS, 1))
    problem_ = solved.posterior.problem
    state = np.concatenate([truth.ravel(), np.zeros(len(problem_.prior) - truth.size)])
    moved = solved.posterior.totals_for(
        solved.totals.weights, problem_.jacobian.matvec(state)[:, None]
    )[:, 0] - solved.totals.weights.rmatvec(problem_.prior[: problem_.n_flux])
    assert np.einsum("kgr,gr->k", maps, truth[:, 0]) == pytest.approx(moved, rel=1e-8)


def test_everything_together_can_be_written(made):
    datasets, solved = made
    found = further_diagnostics(solved, datasets, weather(), 8.0)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["dofs_three_ways"]["difference"] < 1e-8
    assert sum(found["influence"]["observations"]["self_sensitivity"]) == pytest.approx(
        solved.posterior.dofs
    )
    assert [row["name"] for row in found["slopes"]] == ["mixing_height", "wind_speed"]
    assert sorted(found["left_out"]) == ["day", "site"]
    assert [row["name"] for row in found["chi_square_by"]["wind_sector"]] == ["6"]
    assert np.shape(found["sectors"]["kernel"]) == (3, 3)
    bare = further_diagnostics(solved, datasets)
    assert bare["slopes"] == []
    assert "wind_sector" not in bare["chi_square_by"]


def test_without_observations_nothing_is_tested(made):
    datasets, solved = made
    fit = SimpleNamespace(n=0)
    assert (
        further_diagnostics(Solved(solved.posterior, fit, solved.layout, solved.totals), datasets)
        == {}
    )

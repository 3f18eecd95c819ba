"""Diagnostics of a small problem, as the page and run.json read them."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from inversion_fakes import problem

from contracts.settings.errors import ErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.solver import SolverSettings
from inversion.diagnostics import diagnose, nuisance_components, traffic_light
from inversion.problem import Nuisance
from inversion.solve import solve_problem

SETTINGS = SimpleNamespace(gas=GasSettings(), errors=ErrorSettings(), solver=SolverSettings())


@pytest.fixture(scope="module")
def made():
    datasets = problem()
    return datasets, diagnose(datasets, SETTINGS.errors, SETTINGS.solver)


def test_equal_the_solvers_own_scalars(made):
    datasets, found = made
    posterior = solve_problem(datasets, SETTINGS)
    assert found["reduced_chi_square"] == pytest.approx(posterior.chi_square, rel=1e-9)
    assert found["dofs"] == pytest.approx(posterior.dofs, rel=1e-9)
    assert found["n_observations"] == 44
    assert found["diagonal_mismatch"] is False


def test_can_be_written_as_json(made):
    assert json.loads(json.dumps(made[1], allow_nan=False)) == made[1]


def test_every_receptor_is_there(made):
    for name in ("whiteness", "chi_square_by_receptor", "leave_one_site_out"):
        assert [row["receptor"] for row in made[1][name]] == ["tower_a", "tower_b"]


def test_table_of_errors_says_where_each_stands_and_how_it_correlates(made):
    rows = {row["component"]: row for row in made[1]["error_components"]}
    assert list(rows) == [
        "instrument",
        "representation",
        "transport",
        "background",
        "background, by day",
        "transport, common to the batch",
        "transport, by day",
        "prior fluxes",
    ]
    assert rows["transport"]["correlation_time_hours"] == 8.0
    assert rows["transport"]["across_days"] == pytest.approx(np.exp(-3.0))
    assert rows["background"]["across_sites"] == 0.8
    assert rows["background, by day"]["size"] == pytest.approx(0.7)
    assert rows["background, by day"]["across_days"] == 0.0
    assert rows["transport, common to the batch"]["across_days"] == 1.0
    assert rows["prior fluxes"]["size"] > 0.0


def test_sizes_in_the_table_sum_to_the_variance_of_the_innovations(made):
    datasets, found = made
    total = sum(row["size"] ** 2 for row in found["error_components"])
    posterior = solve_problem(datasets, SETTINGS)
    assert total == pytest.approx(np.mean(posterior.innovation_standard_deviation**2), rel=1e-9)


def test_no_nuisance_states_give_no_rows():
    assert nuisance_components(None) == []
    none = Nuisance((), (), np.zeros((3, 0)), np.zeros(0))
    assert nuisance_components(none) == []


@pytest.mark.parametrize(
    ("value", "light", "advice"),
    [
        (0.8, "green", "explain"),
        (1.3, "amber", "too small"),
        (0.6, "amber", "too large"),
        (0.4, "red", "too large"),
        (2.1, "red", "too small"),
        (float("nan"), "red", "too"),
    ],
)
def test_traffic_light(value, light, advice):
    found = traffic_light(value)
    assert found[0] == light
    assert advice in found[1]

"""From six datasets to hyperparameters: the same S as the solver's, lengths, sectors, files, refusals."""

import json

import numpy as np
import pytest
from core_fakes import SECTORS, settings, six_datasets
from inversion_fakes import problem
from numpy.testing import assert_allclose

from contracts.datasets import write_dataset
from contracts.provenance import Provenance
from contracts.settings.problems import SettingsError
from contracts.settings.tune import TuneSettings
from inversion.__main__ import main
from inversion.errors.prior import prior_covariance
from inversion.hyperparameters.assembled import assembled
from inversion.hyperparameters.averaged import drawn_totals
from inversion.hyperparameters.files import read_tune
from inversion.hyperparameters.likelihood import Likelihood
from inversion.hyperparameters.parts import nuisance_parts
from inversion.hyperparameters.tune import tune, tuned
from inversion.hyperparameters.verdict import chi_square_verdict, pair_correlations
from inversion.linalg.dense import densify
from inversion.nuisance.states import Nuisance
from inversion.problem import assemble_problem
from inversion.solve import solve_problem

HOURS = 20
EVERYTHING = TuneSettings(fixed=(), profile_points=0)


def planted(datasets, section=EVERYTHING, log_factors=0.0, seed=4):
    """Return the datasets with observations drawn from the configured errors, times factors."""
    made = assembled(datasets, settings(), section)
    theta = np.zeros(len(made.family.names)) + log_factors
    d = np.linalg.cholesky(made.family.covariance(theta)) @ np.random.default_rng(seed).normal(
        size=made.family.n
    )
    moved = datasets["observations"]["mole_fraction"] + (d - made.innovation)
    observations = datasets["observations"].assign(
        mole_fraction=("obs", moved.to_numpy(), {"units": "umol mol-1"})
    )
    return datasets | {"observations": observations}


@pytest.fixture(scope="module")
def datasets():
    return planted(six_datasets(np.random.default_rng(20250601), n_hours=HOURS))


@pytest.fixture(scope="module")
def undeclared():
    """Return a problem without declared totals and without correlations between sectors."""
    made = six_datasets(np.random.default_rng(20250601), declared=[], n_hours=HOURS)
    plain = made["prior_covariance"].assign(
        sector_correlation=(("sector", "sector_2"), np.eye(len(SECTORS)), {"units": "1"})
    )
    return planted(made | {"prior_covariance": plain})


def same_as_solver(datasets, section, theta=None):
    """Compare S and the totals with those of a solved problem."""
    made = assembled(datasets, settings(), section)
    theta = np.zeros(len(made.family.names)) if theta is None else theta
    posterior = solve_problem(datasets, settings(), (made.totals.weights,))
    assert_allclose(
        made.family.covariance(theta), posterior.innovation_covariance, rtol=1e-9, atol=1e-9
    )
    totals = drawn_totals(Likelihood(made.family, made.innovation), made.prior_totals, theta[None])
    weights = made.totals.weights
    assert_allclose(totals.reduction[0], posterior.reduction_of(weights), rtol=1e-7, atol=1e-9)
    assert_allclose(totals.prior_covariance[0], posterior.prior_covariance_of(weights), atol=1e-9)
    assert_allclose(totals.posterior[0], weights.rmatvec(posterior.state_mean), rtol=1e-8)
    return made


def test_as_configured_it_is_the_solvers_problem(datasets, undeclared):
    made = same_as_solver(datasets, EVERYTHING)
    assert made.family.names == (
        "instrument",
        "transport",
        "state_background_daily",
        "state_transport_common",
        "state_transport_daily",
        "cells",
        "declared",
    )
    by_sector = same_as_solver(undeclared, TuneSettings(fixed=(), by_sector=True))
    assert by_sector.family.names[-3:] == tuple(f"cells_{name}" for name in SECTORS)
    same_as_solver(datasets, TuneSettings(spatial_efolding_factors=(0.5, 1.0, 2.0)))


def test_a_size_is_what_the_configured_size_would_be(undeclared):
    """Every size in turn doubled in the datasets, against its factor of 2."""
    made = assembled(undeclared, settings(), EVERYTHING).family
    deviation = undeclared["mismatch"]["standard_deviation"]
    doubled = deviation * np.array([[1.0], [2.0]])
    louder = undeclared["mismatch"].assign(standard_deviation=doubled.assign_attrs(deviation.attrs))
    wide = undeclared["prior"]["flux_standard_deviation"]
    wider = undeclared["prior"].assign(
        flux_standard_deviation=(2.0 * wide).assign_attrs(wide.attrs)
    )
    air = undeclared["background"]["parameter_standard_deviation"]
    windier = undeclared["background"].assign(
        parameter_standard_deviation=(2.0 * air).assign_attrs(air.attrs)
    )
    for name, changed in (
        ("transport", {"mismatch": louder}),
        ("cells", {"prior": wider}),
        ("state_background_daily", {"background": windier}),
    ):
        theta = np.log(2.0) * (np.array(made.names) == name)
        posterior = solve_problem(undeclared | changed, settings())
        assert_allclose(
            made.covariance(theta), posterior.innovation_covariance, rtol=1e-9, atol=1e-9
        )


def test_declared_totals_are_scaled_apart_from_the_cells(datasets):
    """Against dense matrices: fluxes given their totals, and totals, independent of each other."""
    problem = assemble_problem(datasets, settings().errors)
    flux = problem.prior_covariance.parts[0]
    k, w = densify(flux.base), densify(flux.weights)
    u = k @ w @ np.linalg.inv(w.T @ k @ w)
    given = k - u @ (w.T @ k @ w) @ u.T
    b = 4.0 * given + 9.0 * u @ flux.wanted @ u.T
    h = problem.jacobian.parts[0].matrix.toarray()
    made = assembled(datasets, settings(), EVERYTHING).family
    base, names = made.covariance(np.zeros(len(made.names))), np.array(made.names)
    theta = np.log(2.0) * (names == "cells") + np.log(3.0) * (names == "declared")
    expected = base + h @ (b - densify(flux)) @ h.T
    assert_allclose(made.covariance(theta), expected, rtol=1e-9, atol=1e-8)
    totals = made.quadratic(theta)
    weights = densify(assembled(datasets, settings(), EVERYTHING).totals.weights)
    assert_allclose(totals, weights.T @ b @ weights, rtol=1e-8, atol=1e-9)


def test_a_node_is_the_problem_with_that_length(undeclared):
    section = TuneSettings(
        fixed=(), spatial_efolding_factors=(0.5, 1.0, 2.0), temporal_efolding_factors=(1.0, 3.0)
    )
    made = assembled(undeclared, settings(), section).family
    assert made.names[-2:] == ("spatial_efolding", "temporal_efolding")
    theta = np.zeros(len(made.names))
    theta[-2:] = np.log([2.0, 3.0])
    given = undeclared["prior_covariance"]
    longer = given.assign_attrs(
        spatial_efolding_km=2.0 * given.attrs["spatial_efolding_km"],
        temporal_efolding_days=3.0 * given.attrs["temporal_efolding_days"],
    )
    posterior = solve_problem(undeclared | {"prior_covariance": longer}, settings())
    assert_allclose(made.covariance(theta), posterior.innovation_covariance, rtol=1e-9, atol=1e-9)
    metres = given.assign(spatial_efolding_m=("sector", np.full(3, 2500.0), {"units": "m"}))
    again = assembled(undeclared | {"prior_covariance": metres}, settings(), section).family
    assert_allclose(again.covariance(theta), made.covariance(theta), rtol=1e-12)


def test_the_answer_is_json_and_says_what_it_rests_on(datasets):
    section = TuneSettings(fixed=("instrument", "declared", "radar"), profile_points=5)
    told = tune(datasets, settings(), section)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    rows = {row["name"]: row for row in told["parameters"]}
    assert "instrument" not in rows
    assert told["counts"]["names_passed_over"] == ["radar"]
    assert rows["cells"]["multiplies"].startswith("errors.prior.cell_relative")
    assert rows["cells"]["information"] > 0.8 > rows["state_background_daily"]["information"]
    assert told["log_likelihood"]["tuned"] > told["log_likelihood"]["configured"] - 2.0
    for verdict in told["chi_square"].values():
        assert verdict["proof"] is False
    assert told["convergence"] is None
    assert max(told["totals"]["from_the_parameters"]) == 0.0


def test_reml_takes_each_sectors_scale_as_unknown(datasets):
    section = TuneSettings(method="reml", profile_points=0)
    found = tuned(datasets, settings(), section)
    assert found.target.likelihood.basis.shape == (2 * HOURS, len(SECTORS))
    doubled = datasets["prior"].assign(
        flux=(2.0 * datasets["prior"]["flux"]).assign_attrs(datasets["prior"]["flux"].attrs)
    )
    flat = [f"transport_{one}" for one in ("common_sd", "daily_sd")]
    bare = settings()
    bare.errors = bare.errors.model_copy(
        update={"nuisance": bare.errors.nuisance.model_copy(update=dict.fromkeys(flat, 0.0))}
    )
    one = tuned(datasets, bare, section).estimate
    two = tuned(datasets | {"prior": doubled}, bare, section).estimate
    assert_allclose(one.theta, two.theta, atol=1e-3)
    assert tune(datasets, bare, section)["unknown_scales"] == list(SECTORS)


def test_draws_widen_the_totals(datasets):
    section = TuneSettings(
        method="hierarchical", profile_points=0, chains=2, warmup=200, draws=200, averaged_draws=50
    )
    told = tune(datasets, settings(), section)
    assert told["counts"]["draws_averaged"] == 50
    assert (
        min(np.array(told["totals"]["from_the_parameters"])[np.array(told["totals"]["mean"]) != 0])
        > 0
    )
    assert {row["name"] for row in told["convergence"]["parameters"]} == {
        row["name"] for row in told["parameters"]
    }
    low, high = told["parameters"][-1]["posterior"]["interval"]
    assert low < told["parameters"][-1]["posterior"]["median"] < high


def test_a_diagonal_R_is_told_beside_a_chi_square_of_1():
    """Planted fault: hours that share an error, a model in which they do not."""
    rng = np.random.default_rng(2)
    hour = np.arange(300) // 3
    site, time = np.arange(300) % 3, hour.astype("datetime64[h]")
    apart = np.abs(hour[:, None] - hour)
    right = np.exp(-apart / 4.0) * np.where(site[:, None] == site, 1.0, 0.5)
    d = np.linalg.cholesky(right) @ rng.normal(size=300)
    blind = np.eye(300) * np.mean(d**2)
    verdict = chi_square_verdict(float(d @ np.linalg.solve(blind, d)) / 300, 300)
    assert verdict["light"] == "green"
    wrong, good = (pair_correlations(d, s, site, time) for s in (blind, right))
    assert min(abs(wrong["next_hour_z"]), abs(wrong["same_hour_z"])) > 4.0
    assert max(abs(good["next_hour_z"]), abs(good["same_hour_z"])) < 3.0
    alone = pair_correlations(d[:1], right[:1, :1], site[:1], time[:1])
    assert alone["next_hour"] is alone["same_hour_z"] is None


def test_products_of_pairs_have_the_spread_they_are_given():
    rng = np.random.default_rng(3)
    hour = np.arange(60) // 3
    site, time = np.arange(60) % 3, hour.astype("datetime64[h]")
    s = (
        2.0
        * np.exp(-np.abs(hour[:, None] - hour) / 3.0)
        * np.where(site[:, None] == site, 1.0, 0.4)
    )
    root = np.linalg.cholesky(s)
    told = [pair_correlations(root @ rng.normal(size=60), s, site, time) for _ in range(400)]
    for name in ("next_hour_z", "same_hour_z"):
        z = np.array([one[name] for one in told])
        assert abs(z.mean()) < 0.2
        assert z.std() == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    ("value", "n", "light"),
    [(0.79, 5000, "red"), (1.21, 50, "red"), (0.95, 5000, "amber"), (1.15, 50, "green")],
)
def test_the_light_is_the_rules(value, n, light):
    verdict = chi_square_verdict(value, n)
    assert (verdict["light"], verdict["proof"]) == (light, False)
    half = 2.0 * np.sqrt(2.0 / n)
    assert verdict["amber"] == pytest.approx([1.0 - half, 1.0 + half])


def test_refusals(datasets, undeclared):
    everything = assembled(datasets, settings(), EVERYTHING).family.names
    with pytest.raises(ValueError, match="at least one free parameter"):
        tune(datasets, settings(), TuneSettings(fixed=everything))
    with pytest.raises(ValueError, match="no declared totals; got a WithTotals"):
        tune(datasets, settings(), TuneSettings(by_sector=True))
    none = {
        name: one.isel(obs=[]) if "obs" in one.dims and name != "jacobian" else one
        for name, one in datasets.items()
    }
    empty = datasets["jacobian"].drop_dims("row_edge").isel(obs=[], nonzero=[])
    none["jacobian"] = empty.assign(row_start=("row_edge", np.zeros(1, np.int64)))
    with pytest.raises(ValueError, match="tuning must have observations"):
        tune(none, settings(), TuneSettings())
    whole = prior_covariance(undeclared["prior"], undeclared["prior_covariance"])
    matrix = undeclared["prior_covariance"].drop_vars("sector_correlation")
    matrix = matrix.assign(covariance=(("state", "state_2"), densify(whole)))
    with pytest.raises(ValueError, match="got covariance as a matrix"):
        section = TuneSettings(spatial_efolding_factors=(1.0, 2.0))
        tune(undeclared | {"prior_covariance": matrix}, settings(), section)
    linked = Nuisance(("a:1", "b:1"), ("1", "1"), np.ones((3, 2)), np.array([[1, 0.5], [0.5, 1]]))
    with pytest.raises(ValueError, match="different kinds must be independent"):
        nuisance_parts(linked)
    with pytest.raises(ValueError, match="a chi square must be finite"):
        chi_square_verdict(np.nan, 3)
    for wrong in ((0.5,), (2.0, 1.0), (0.0, 1.0), (2.0, 3.0)):
        with pytest.raises(ValueError, match="factors on a length must ascend"):
            TuneSettings(temporal_efolding_factors=wrong)


def test_the_command_writes_what_the_function_returns(tmp_path, capsys):
    for name, one in problem().items():
        write_dataset(one, tmp_path / f"{name}.nc", name, Provenance())
    written = tmp_path / "settings.yaml"
    written.write_text("tune:\n  profile_points: 0\n  spatial_efolding_factors: [1.0, 2.0]\n")
    out, draws = tmp_path / "tuned.json", tmp_path / "draws.npz"
    words = ["--problem", tmp_path, "--settings", written, "--out", out, "--draws", draws]
    assert main(["tune", *(str(word) for word in words)]) == 0
    assert str(out) in capsys.readouterr().out
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["parameters"][-1]["name"] == "spatial_efolding"
    with np.load(draws) as kept:
        assert kept["reduction"].shape == (1, *(len(told["totals"]["mean"]),) * 2)
        assert_allclose(kept["posterior"][0], told["totals"]["mean"], rtol=1e-12)
    written.write_text("tune:\n  metod: ml\n  chains: 1\n")
    with pytest.raises(SettingsError, match="2 problem"):
        read_tune(written)
    assert main(["tune", *(str(word) for word in words)]) == 1
    assert "metod" in capsys.readouterr().err
    assert read_tune() == TuneSettings()

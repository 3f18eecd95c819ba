"""What is told in closed form against problems solved again."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from diagnosing_fakes import draw, problem, solved, without

from inversion.diagnosing.groups import labelled
from inversion.diagnosing.influence import influence_of_each, influence_of_groups
from inversion.diagnosing.leaving_out import crps, foretell, leave_out
from inversion.diagnosing.signal import signal_three_ways
from inversion.solvers.dual import DualSolver


@pytest.fixture
def made(rng):
    plain, receptor, time = problem(rng, days=8)
    observations = draw(rng, plain)
    return *solved(plain, receptor, time, observations), receptor


def again_without(posterior, rows):
    return DualSolver().solve(without(posterior.problem, rows))


@pytest.mark.parametrize("kind", ["site", "hour", "day"])
def test_what_is_left_out_is_foretold_as_by_solving_again(made, kind):
    posterior, fit, receptor = made
    hour = fit.time.astype("datetime64[h]").astype(int)
    rows = {
        "site": np.flatnonzero(receptor == 1),
        "hour": np.flatnonzero(hour % 24 == 6),
        "day": np.flatnonzero(hour // 24 == hour[0] // 24 + 3),
    }[kind]
    error, covariance = foretell(fit, rows)
    again = again_without(posterior, rows)
    kept = np.setdiff1d(np.arange(fit.n), rows)
    H = posterior.problem.jacobian.matmat(np.eye(len(posterior.problem.prior)))
    R = fit.mismatch
    # the errors of what was kept tell of the errors of what was left out
    told = R[np.ix_(rows, kept)] @ np.linalg.inv(R[np.ix_(kept, kept)])
    foretold = H[rows] @ again.mean + told @ again.residual
    assert error == pytest.approx(fit.innovation[rows] - foretold, abs=1e-10)
    seen = H[rows] - told @ H[kept]
    own = R[np.ix_(rows, rows)] - told @ R[np.ix_(kept, rows)]
    after = again.covariance_of(np.eye(len(again.mean)))
    assert covariance == pytest.approx(seen @ after @ seen.T + own, abs=1e-10)


def test_scores_are_right_on_average_and_fail_for_a_biased_station(rng):
    plain, receptor, time = problem(rng)
    sites = labelled(receptor)
    covered, ratio = [], []
    for _ in range(12):
        _, fit = solved(plain, receptor, time, draw(rng, plain))
        rows, pooled = leave_out(fit, sites)
        covered.append([pooled.coverage()[share] for share in ("50", "80", "95")])
        ratio += [row["crps"] / row["crps_expected"] for row in rows]
    assert np.mean(covered, axis=0) == pytest.approx([0.5, 0.8, 0.95], abs=0.05)
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.1)
    biased = draw(rng, plain) + 3.0 * (receptor == 2)
    rows, _ = leave_out(solved(plain, receptor, time, biased)[1], sites)
    worst = max(rows, key=lambda row: abs(row["bias_z"]))
    assert worst["name"] == "2"
    assert abs(worst["bias_z"]) > 5.0
    assert worst["coverage"]["95"] < 0.6
    assert worst["crps"] > 2.0 * worst["crps_expected"]


def test_crps_is_the_integral_it_stands_for():
    grid = np.linspace(-40.0, 40.0, 160_001)
    for error, sigma in ((0.7, 1.3), (-2.0, 0.5)):
        step = (grid >= error).astype(float)
        gap = (scipy.stats.norm.cdf(grid, scale=sigma) - step) ** 2
        wanted = float(gap.sum() * (grid[1] - grid[0]))
        assert crps(np.array([error]), np.array([sigma]))[0] == pytest.approx(wanted, rel=1e-3)


def test_influence_is_what_solving_again_without_it_finds(made):
    posterior, fit, receptor = made
    weights = np.ones((len(posterior.problem.prior), 1))
    cross = posterior.cross(weights)[:, 0]
    total = float(weights[:, 0] @ posterior.mean)
    deviation = float(np.sqrt(posterior.covariance_of(weights)[0, 0]))
    each = influence_of_each(fit, cross, deviation)
    assert sum(each["self_sensitivity"]) == pytest.approx(posterior.dofs, rel=1e-9)
    for row in (0, 17):
        again = again_without(posterior, [row])
        shift = (total - weights[:, 0] @ again.mean) / deviation
        assert each["shift"][row] == pytest.approx(shift, abs=1e-9)
    sites = influence_of_groups(fit, cross, deviation, labelled(receptor))
    again = again_without(posterior, np.flatnonzero(receptor == 1))
    shift = (total - weights[:, 0] @ again.mean) / deviation
    wider = np.sqrt(again.covariance_of(weights)[0, 0]) / deviation
    assert sites[1]["shift"] == pytest.approx(shift, abs=1e-9)
    assert sites[1]["wider"] == pytest.approx(wider, rel=1e-9)


def test_an_influential_wrong_observation_stands_out(made):
    posterior, fit, _ = made
    cross = posterior.cross(np.ones((len(posterior.problem.prior), 1)))[:, 0]
    row = int(np.argmax(np.abs(fit.precision @ cross)))
    wrong = replace(fit, innovation=fit.innovation + 12.0 * (np.arange(fit.n) == row))
    shift = np.abs(influence_of_each(wrong, cross, 1.0)["shift"])
    assert int(np.argmax(shift)) == row


def test_signal_agrees_three_ways_and_shows_a_sweep_that_lost_something(made):
    posterior, _, _ = made
    found = signal_three_ways(posterior, pairs=None)
    assert found["from_spectrum"] == pytest.approx(found["from_mismatch"], rel=1e-10)
    assert found["from_operators"] == pytest.approx(found["from_mismatch"], rel=1e-10)
    sign, log_s = np.linalg.slogdet(posterior.innovation_covariance)
    log_r = np.linalg.slogdet(posterior.problem.mismatch_covariance.in_memory())[1]
    assert sign == 1.0
    assert found["nats"] == pytest.approx(0.5 * (log_s - log_r), rel=1e-9)
    posterior.problem.prior_covariance.matrix[:10] *= 1.05
    posterior.problem.prior_covariance.matrix[:, :10] *= 1.05
    lost = signal_three_ways(posterior, pairs=4)
    assert lost["largest_difference"] > 0.01
    assert lost["difference"] > 1e-3


def test_without_observations_there_is_no_signal(rng):
    plain, _, _ = problem(rng, days=1)
    nothing = DualSolver().solve(without(plain, np.arange(len(plain.observations))))
    assert signal_three_ways(nothing)["from_operators"] == 0.0

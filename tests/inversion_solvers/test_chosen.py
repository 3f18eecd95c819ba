"""The settings of each solver reach it, and those that no verdict can use are refused in words."""

import numpy as np
import pytest
from core_fakes import settings as sections
from core_fakes import six_datasets

from contracts.settings.solver import SolverSettings
from inversion.linalg.covariance import MissingCapability
from inversion.problem import assemble_problem
from inversion.solve import solve_problem
from inversion.solvers import SOLVERS, solver_named
from inversion.solvers.chosen import no_verdict, require_for_verdicts, solver_of

FOR_VERDICTS = ("dual", "primal", "smoother", "ensemble")


@pytest.mark.parametrize("name", sorted(SOLVERS))
def test_every_solver_answers_with_the_same_face(name, rng):
    datasets, given = six_datasets(rng), sections()
    given.solver = SolverSettings(method=name, carry_correlations=True, draws=500)
    found = solve_problem(datasets, given)
    problem = assemble_problem(datasets, given.errors)
    W = rng.random((problem.n_flux, 2))
    covariance = found.covariance_of(W)
    assert found.mean.shape == problem.prior.shape
    assert found.state_mean.shape == (problem.n_flux,)
    assert found.nuisance_mean.shape == (len(problem.nuisance.names),)
    assert found.nuisance_covariance.shape == (len(problem.nuisance.names),) * 2
    assert np.linalg.eigvalsh(covariance)[0] > 0.0
    for key in ("innovation", "residual", "modelled", "innovation_standard_deviation"):
        assert np.isfinite(getattr(found, key)).all()
    assert found.description.startswith(name)
    assert np.isfinite(found.tolerance)
    if name in FOR_VERDICTS:
        assert np.linalg.eigvalsh(found.reduction_of(W))[0] >= 0.0
        assert no_verdict(given.solver) is None
        require_for_verdicts(given.solver)
    else:
        with pytest.raises(MissingCapability, match="by which verdicts remove the prior"):
            found.reduction_of(W)
        with pytest.raises(ValueError, match="`prior removed` is not defined for"):
            require_for_verdicts(given.solver)


def test_settings_reach_their_solver():
    one = solver_of(
        SolverSettings(method="ensemble", members=7, filter="serial", seed=3, localisation_km=5.0),
        10,
    )
    assert (one.members, one.filter, one.seed, one.localisation_km) == (7, "serial", 3, 5.0)
    two = solver_of(SolverSettings(method="truncated", draws=900, seed=4), 10)
    assert (two.draws, two.seed) == (900, 4)
    three = solver_of(SolverSettings(method="positive", mean_tolerance_sd=0.01), 10)
    assert (three.mean_tolerance_sd, three.carry_correlations) == (0.01, False)
    four = solver_of(SolverSettings(method="geostatistical", select_trend=True), 10**7)
    assert four.select
    assert four.precision.dtype == np.float64
    for name in SOLVERS:
        assert isinstance(solver_of(SolverSettings(method=name), 10), solver_named(name))


@pytest.mark.parametrize("name", ["geostatistical", "truncated"])
def test_single_precision_is_refused_where_nothing_refines_it(name, rng):
    datasets, given = six_datasets(rng), sections()
    given.solver = SolverSettings(method=name, precision="single")
    with pytest.raises(ValueError, match="must sweep in double precision"):
        solve_problem(datasets, given)

"""Problems at the edge: none, one, double or blind observations; priors without doubt; the smallest states; wrong errors."""

import logging

import numpy as np
import pytest
from core_fakes import covariance_dataset, settings, six_datasets
from numpy.testing import assert_allclose
from small_problems import (
    changed,
    jacobian_matrix,
    kept,
    parts,
    posterior_of,
    regions_problem,
    whole_mismatch,
    with_matrix,
)

from contracts.datasets import violations_of
from contracts.settings.errors import ErrorSettings
from contracts.settings.solver import SolverSettings
from inversion.errors.prior import prior_covariance
from inversion.linalg.dense import densify
from inversion.linalg.positive import cholesky_of, require_semidefinite
from inversion.solve import solve_batch
from inversion.solvers.dual import _require_solved

PRIORS = ("flux", "total", "mean_flux", "daily_total")
SQUARES = ("total_covariance", "total_prior_covariance", "total_covariance_reduction")


@pytest.fixture(params=["double", "single"])
def sections(request):
    chosen = settings()
    chosen.solver = SolverSettings(precision=request.param)
    return chosen


@pytest.fixture
def datasets(rng):
    return six_datasets(rng)


def alone():
    """Return sections without states of the transport."""
    chosen = settings()
    chosen.errors = ErrorSettings(nuisance={"transport_common_sd": 0.0, "transport_daily_sd": 0.0})
    return chosen


def solved(datasets, sections):
    """Return a posterior that keeps its contract and holds no NaN but where nothing is known."""
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        posterior = solve_batch(datasets, sections)
    assert violations_of(posterior, "posterior") == []
    for key in ("reduced_chi_square", "dofs", "log_evidence", "solver_tolerance"):
        assert np.isfinite(posterior.attrs[key]), key
    return posterior


def same_as_prior(posterior):
    for name in PRIORS:
        assert_allclose(posterior[name], posterior[f"{name}_prior"], rtol=0, atol=0)
    assert not posterior["total_covariance_reduction"].to_numpy().any()
    for kind in ("mean_flux", "daily_total"):
        after = posterior[f"{kind}_standard_deviation"].to_numpy()
        assert_allclose(after, posterior[f"{kind}_prior_standard_deviation"], rtol=0, atol=0)
    information = posterior["information"].to_numpy()
    assert (information[np.isfinite(information)] == 0.0).all()


def dense_totals(datasets, before):
    """Return W^T P W of a problem of regions without states of the transport, written out."""
    H = jacobian_matrix(datasets["jacobian"]).toarray()
    B = densify(prior_covariance(datasets["prior"], datasets["prior_covariance"]))
    pattern = datasets["background"]["background_pattern"].to_numpy()
    sd = datasets["background"]["parameter_standard_deviation"].to_numpy()
    R = np.diag(datasets["mismatch"]["standard_deviation"].to_numpy()[0] ** 2)
    R = R + (pattern * sd**2) @ pattern.T
    P = np.linalg.inv(np.linalg.inv(B) + H.T @ np.linalg.solve(R, H))
    g, p = before["flux"].shape[:2]
    area = datasets["prior"]["region_area"].to_numpy() * 44.0095e-9
    weights = np.tile(area / p, g * p)
    return weights @ P @ weights


# observations


def test_no_observations(datasets, sections, caplog):
    with caplog.at_level(logging.WARNING):
        posterior = solved(kept(datasets, []), sections)
    assert "no observations, the prior is returned" in caplog.text
    same_as_prior(posterior)
    assert posterior.sizes["obs"] == 0
    assert posterior.attrs["n_observations"] == 0
    # the convention where chi square / n is 0 / 0: sums over nothing are 0
    assert posterior.attrs["reduced_chi_square"] == 0.0
    assert posterior.attrs["dofs"] == 0.0
    assert posterior.attrs["log_evidence"] == 0.0
    before = posterior["nuisance_prior_standard_deviation"].to_numpy()
    assert_allclose(posterior["nuisance_standard_deviation"], before, rtol=1e-12)
    assert not posterior["nuisance_mean"].to_numpy().any()


def test_no_observations_and_any_aggregate_is_asked_for(rng):
    arrays = parts(rng, n=0)
    posterior = posterior_of(arrays)
    weights = rng.random((12, 3))
    assert_allclose(posterior.mean, arrays["prior"])
    expected = weights.T @ arrays["prior_covariance"] @ weights
    assert_allclose(posterior.covariance_of(weights), expected, rtol=1e-12)
    assert posterior.cross(weights).shape == (0, 3)
    assert posterior.sample(4, rng).shape == (4, 12)
    assert posterior.totals_for(weights, np.zeros((0, 2))).shape == (3, 2)
    for name in ("residual", "modelled", "innovation_standard_deviation"):
        assert getattr(posterior, name).shape == (0,)
    assert posterior.residual_standard_deviation.shape == (0,)


def test_one_observation(datasets, sections):
    posterior = solved(kept(datasets, [4]), sections)
    assert 0.0 < posterior.attrs["dofs"] < 1.0
    reduction = posterior["total_covariance_reduction"].to_numpy()
    assert np.linalg.matrix_rank(reduction, tol=1e-6 * np.abs(reduction).max()) == 1
    d, s = (float(posterior[k][0]) for k in ("innovation", "innovation_standard_deviation"))
    assert posterior.attrs["reduced_chi_square"] == pytest.approx((d / s) ** 2, rel=1e-6)


def twins(datasets, share=1.0):
    """Return rows 3 to 6 with row 4 twice: a second instrument in the same air, errors apart."""
    few = kept(datasets, [3, 4, 4, 5, 6])
    names = few["observations"]["obs_id"].to_numpy().copy()
    names[2] = "twin"
    name = {"obs_id": ("obs", names)}
    few |= {k: few[k].assign(name) for k in ("observations", "background", "mismatch", "jacobian")}
    errors = np.diag([0.5, 2.0 * share, 2.0 * share, 0.5, 0.5])
    return whole_mismatch(few, errors)


def test_duplicated_observations_of_twice_the_variance_count_as_one(datasets, sections):
    one = kept(datasets, [3, 4, 5, 6])
    one = whole_mismatch(one, np.diag([0.5, 1.0, 0.5, 0.5]))
    once, twice = solved(one, sections), solved(twins(datasets), sections)
    for name in ("flux", "total", "total_covariance", "nuisance_mean"):
        values = once[name].to_numpy()
        assert_allclose(twice[name], values, rtol=1e-5, atol=1e-6 * np.abs(values).max())


def test_an_observation_given_twice_is_refused_by_name(datasets, sections, caplog):
    few = kept(datasets, [3, 4, 4, 5])
    with pytest.raises(ValueError, match=r"S = H B H\^T \+ R must be positive definite") as caught:
        solve_batch(few, sections)
    name = str(few["observations"]["obs_id"].to_numpy()[1])
    assert f"{name} and {name} most alike (correlation 1.000000) in 4 rows" in str(caught.value)
    assert "Give R a term that is independent from hour to hour, or drop one" in str(caught.value)
    assert "R is singular" in caplog.text


def test_footprints_that_are_zero(datasets, sections):
    blind = with_matrix(datasets["jacobian"], jacobian_matrix(datasets["jacobian"]) * 0.0)
    blind = blind.isel(nonzero=slice(0, 0)).assign(row_start=("row_edge", np.zeros(19, np.int64)))
    posterior = solved(datasets | {"jacobian": blind}, sections)
    same_as_prior(posterior)
    offsets = posterior["nuisance_standard_deviation"].to_numpy()[:3]
    assert (offsets < 0.9 * posterior["nuisance_prior_standard_deviation"].to_numpy()[:3]).all()


def test_some_rows_without_entries_change_nothing_else(datasets, sections):
    matrix = jacobian_matrix(datasets["jacobian"]).toarray()
    matrix[[0, 9]] = 0.0
    dull = changed(datasets, "jacobian", "fixed_mole_fraction", np.zeros_like)
    dull = changed(dull, "background", "background_pattern", np.zeros_like)
    with_empty = dull | {"jacobian": with_matrix(dull["jacobian"], matrix)}
    errors = np.diag(np.linspace(0.5, 1.5, 18))
    rows = np.setdiff1d(np.arange(18), [0, 9])
    one = solved(whole_mismatch(with_empty, errors), sections)
    two = solved(kept(whole_mismatch(with_empty, errors), rows), sections)
    for name in ("flux", "total", "total_covariance"):
        values = two[name].to_numpy()
        assert_allclose(one[name], values, rtol=1e-5, atol=1e-6 * np.abs(values).max())


def test_data_that_agree_with_the_prior_move_nothing(datasets, sections):
    first = solve_batch(datasets, sections)
    modelled = first["modelled_prior"].to_numpy()
    agreed = changed(datasets, "observations", "mole_fraction", lambda _: modelled)
    posterior = solved(agreed, sections)
    flux = posterior["flux_prior"].to_numpy()
    assert_allclose(posterior["flux"], flux, rtol=1e-9)
    assert posterior.attrs["reduced_chi_square"] == pytest.approx(0.0, abs=1e-18)


# priors


def test_cells_without_doubt_stay_and_are_not_called_informed(datasets, sections):
    def sure(sd):
        sd[0, :, 0, 0] = 0.0
        sd[:, :, 2] = 0.0
        return sd

    posterior = solved(changed(datasets, "prior", "flux_standard_deviation", sure), sections)
    for place in ((0, slice(None), 0, 0), (slice(None), slice(None), 2)):
        after, before = (posterior[name].to_numpy()[place] for name in ("flux", "flux_prior"))
        assert_allclose(after, before, rtol=0, atol=0)
    information = posterior["information"].to_numpy()
    assert np.isnan(information[0, 0, 0])
    assert np.isnan(information[:, 2]).all()
    assert np.isfinite(np.delete(information[1:], 2, axis=1)).all()


def test_a_prior_without_any_doubt_stays(datasets, sections):
    sure = changed(datasets, "prior", "flux_standard_deviation", np.zeros_like)
    with pytest.raises(ValueError, match="must have prior uncertainty in at least one cell"):
        solve_batch(sure, sections)
    posterior = solved(sure | {"prior_covariance": covariance_dataset([])}, sections)
    assert_allclose(posterior["flux"], posterior["flux_prior"], rtol=0, atol=0)
    assert not posterior["total_covariance"].to_numpy().any()
    assert np.isnan(posterior["information"].to_numpy()).all()


def test_perfectly_correlated_sectors_move_together(datasets, sections):
    one = covariance_dataset([])
    one["sector_correlation"] = (("sector", "sector_2"), np.ones((3, 3)), {"units": "1"})
    posterior = solved(datasets | {"prior_covariance": one}, sections)
    step = (posterior["flux"] - posterior["flux_prior"]).to_numpy()
    relative = step / datasets["prior"]["flux_standard_deviation"].to_numpy()
    assert_allclose(relative[1:], np.broadcast_to(relative[:1], (2, 4, 5, 6)), rtol=1e-5, atol=1e-7)


def test_totals_that_are_one_cannot_be_declared_apart(datasets, sections):
    one = covariance_dataset([("all", "power", 0.1), ("all", "gpp", 0.2)])
    one["sector_correlation"] = (("sector", "sector_2"), np.ones((3, 3)), {"units": "1"})
    flat = changed(datasets, "prior", "flux_standard_deviation", np.ones_like)
    with pytest.raises(ValueError, match="declared totals must be able to differ"):
        solve_batch(flat | {"prior_covariance": one}, sections)


def test_sectors_that_cancel_perfectly_leave_their_sum_untouched(rng):
    datasets = regions_problem(rng, sectors=2, periods=1, regions=1, n=3)
    datasets = changed(datasets, "prior", "flux_standard_deviation", np.ones_like)
    against = np.array([[1.0, -1.0], [-1.0, 1.0]])
    datasets = changed(datasets, "prior_covariance", "sector_correlation", lambda _: against)
    posterior = solved(datasets, alone())
    at = posterior["total_sector"].to_numpy().tolist().index("all")
    sd = posterior["total_prior_covariance"].to_numpy()
    assert sd[at, at] == pytest.approx(0.0, abs=1e-9 * sd.max())
    assert_allclose(posterior["total"][at], posterior["total_prior"][at], rtol=1e-12)


# sizes


@pytest.mark.parametrize(
    ("sectors", "periods", "regions", "n"),
    [(1, 1, 1, 1), (1, 1, 1, 40), (2, 1, 1, 9), (1, 3, 1, 2), (1, 1, 3, 5), (2, 2, 3, 60)],
)
def test_states_of_one_and_more_observations_than_states(sectors, periods, regions, n, rng):
    datasets = regions_problem(rng, sectors, periods, regions, n)
    posterior = solved(datasets, alone())
    keys = posterior["total_region"].to_numpy() == "all"
    at = int(np.flatnonzero(keys & (posterior["total_sector"].to_numpy() == "all"))[0])
    found = posterior["total_covariance"].to_numpy()[at, at]
    assert found == pytest.approx(dense_totals(datasets, posterior), rel=1e-8)
    assert 0.0 < posterior.attrs["dofs"] < sectors * periods * regions + 1


def test_one_cell_of_a_grid(datasets, sections):
    prior = datasets["prior"].isel(sector=[0], period=[1], northing=[2], easting=[3])
    prior = prior.isel(hour=slice(24, 48))
    covariance = covariance_dataset([]).isel(sector=[0], sector_2=[0])
    few = kept(datasets, [0, 1, 2]) | {"prior": prior, "prior_covariance": covariance}
    jacobian = few["jacobian"].isel(sector=[0]).assign_attrs(state_size=1)
    few["jacobian"] = with_matrix(jacobian, np.array([[1.0], [2.0], [0.0]]))
    posterior = solved(few, sections)
    assert posterior["flux"].shape == (1, 1, 1, 1)
    assert 0.0 < float(posterior["information"].to_numpy()[0, 0, 0]) < 1.0


# errors that cannot be


def test_a_mismatch_with_a_negative_eigenvalue_is_named(datasets, sections):
    R = np.eye(18)
    R[3, 5] = R[5, 3] = 1.2
    with pytest.raises(ValueError, match=r"must be positive definite .* eigenvalue of -0\.2") as e:
        solve_batch(whole_mismatch(datasets, R), sections)
    names = datasets["observations"]["obs_id"].to_numpy()[[3, 5]]
    assert f"{names[0]} and {names[1]} most alike (correlation 1.200000)" in str(e.value)


def test_a_negative_variance_is_named(datasets, sections):
    R = np.eye(18)
    R[7, 7] = -0.5
    name = str(datasets["observations"]["obs_id"].to_numpy()[7])
    with pytest.raises(ValueError, match=r"a variance of -0\.5 at") as caught:
        solve_batch(whole_mismatch(datasets, R), sections)
    assert name in str(caught.value)


def test_a_factor_by_rounding_alone_is_none():
    """Two equal rows have a Cholesky factor in floating point; a third tells them apart."""
    row = np.array([[1.0, 0.3, 0.7], [0.3, 1.1, 0.2]])
    matrix = row[[0, 0, 1]] @ row[[0, 0, 1]].T + np.diag([0.0, 1e-15, 0.5])
    with pytest.raises(ValueError, match=r"beyond rounding; .* a and b most alike"):
        cholesky_of(matrix, "S", ("a", "b", "c"), "")
    factor = cholesky_of(matrix + np.diag([0.0, 1e-6, 0.0]), "S", ("a", "b", "c"), "")
    assert_allclose(factor @ factor.T, matrix + np.diag([0.0, 1e-6, 0.0]), rtol=1e-12)


def test_scales_do_not_make_a_matrix_singular():
    """An observation of infinite error and one of none lie 30 orders of magnitude apart."""
    matrix = np.diag([1e18, 1.0, 1e-12])
    assert_allclose(cholesky_of(matrix, "S", "abc", ""), np.sqrt(matrix))


def test_holes_are_named_with_their_first_row():
    matrix = np.eye(3)
    matrix[1, 2] = np.nan
    for refuse in (cholesky_of, require_semidefinite):
        with pytest.raises(ValueError, match=r"R must be finite; got 1 of 3 rows .* the first b"):
            refuse(matrix, "R", ("a", "b", "c"), "")


def test_a_sweep_in_single_precision_that_is_too_coarse_is_refused():
    _require_solved(1e-12)
    for left_over in (1e-3, np.nan):
        with pytest.raises(
            ValueError, match=r"solved to 1e-09 of d; .*solver\.precision to double"
        ):
            _require_solved(left_over)


def test_almost_equal_observations_need_double(datasets):
    """R of 1e-4 ppm beside enhancements of hundreds: single refuses or equals double."""
    quiet = whole_mismatch(datasets, np.diag(np.full(18, 1e-8)))
    chosen = settings()
    chosen.solver = SolverSettings(precision="double")
    double = solve_batch(quiet, chosen)
    chosen.solver = SolverSettings(precision="single")
    single = solve_batch(quiet, chosen)
    flux = double["flux"].to_numpy()
    assert_allclose(single["flux"], flux, rtol=1e-6, atol=1e-7 * np.abs(flux).max())

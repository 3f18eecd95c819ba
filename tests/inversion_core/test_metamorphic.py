"""More doubt in, no less doubt out: where that is a law, and the two places where it is none."""

import numpy as np
import pytest
import scipy.linalg
import xarray as xr
from core_fakes import covariance_dataset, settings, six_datasets
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from small_problems import changed, jacobian_matrix, moments, parts, regions_problem, with_matrix

from contracts.settings.errors import ErrorSettings
from inversion.solve import solve_batch

SEEDS, SIZES = st.integers(0, 2**32 - 1), st.integers(1, 9)
DEVIATIONS = (
    "mean_flux_standard_deviation",
    "daily_total_standard_deviation",
    "nuisance_standard_deviation",
)


def never_less(before, after):
    """Assert that after - before is positive semidefinite: no aggregate is known better."""
    least = np.linalg.eigvalsh(0.5 * (after + after.T) - 0.5 * (before + before.T))[0]
    assert least > -1e-9 * np.abs(np.linalg.eigvalsh(before)[-1])


def no_deviation_fell(before, after, names=DEVIATIONS):
    """Assert that no standard deviation of the product fell, nor that of any sum of totals."""
    never_less(before["total_covariance"].to_numpy(), after["total_covariance"].to_numpy())
    for name in names:
        one, two = before[name].to_numpy(), after[name].to_numpy()
        assert (two >= one * (1.0 - 1e-8)).all(), name


# laws of the algebra


@budget(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, SIZES, SIZES, st.integers(1, 4), st.floats(-3.0, 2.0))
def test_any_independent_term_of_r_costs_knowledge(seed, n, m, rank, decades):
    rng = np.random.default_rng(seed)
    before = parts(rng, n, m)
    term = rng.standard_normal((n, rank)) * 10.0**decades
    after = before | {"mismatch_covariance": before["mismatch_covariance"] + term @ term.T}
    never_less(moments(before)[1], moments(after)[1])


@budget(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, SIZES, SIZES, st.integers(1, 3), st.floats(1.0, 100.0))
def test_raising_the_sd_of_a_nuisance_state_costs_knowledge(seed, n, m, q, factor):
    rng = np.random.default_rng(seed)
    base = parts(rng, n, m)
    columns, sd = rng.standard_normal((n, q)), rng.uniform(0.1, 2.0, q)
    raised = sd.copy()
    raised[0] *= factor
    covariances = []
    for chosen in (sd, raised):
        more = base | {
            "jacobian": np.hstack([base["jacobian"], columns]),
            "prior": np.append(base["prior"], np.zeros(q)),
            "prior_covariance": scipy.linalg.block_diag(
                base["prior_covariance"], np.diag(chosen**2)
            ),
        }
        covariances.append(moments(more)[1])
    never_less(*(one[:m, :m] for one in covariances))


@budget(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, SIZES, SIZES, st.floats(1.0, 1e3))
def test_one_factor_on_all_prior_sds_costs_knowledge(seed, n, m, factor):
    rng = np.random.default_rng(seed)
    before = parts(rng, n, m)
    after = before | {"prior_covariance": before["prior_covariance"] * factor**2}
    never_less(moments(before)[1], moments(after)[1])


@budget(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, st.integers(2, 9), SIZES)
def test_one_observation_less_costs_knowledge(seed, n, m):
    rng = np.random.default_rng(seed)
    full = parts(rng, n, m)
    less = full | {key: full[key][1:] for key in ("observations", "background", "jacobian")}
    less["mismatch_covariance"] = full["mismatch_covariance"][1:, 1:]
    never_less(moments(full)[1], moments(less)[1])


@budget(max_examples=20, deadline=None, derandomize=True)
@given(SEEDS, SIZES, SIZES)
def test_the_law_can_fail(seed, n, m):
    """A term taken away is told from a term added, wherever the data see the state at all."""
    rng = np.random.default_rng(seed)
    before = parts(rng, n, m)
    after = before | {"mismatch_covariance": before["mismatch_covariance"] * 0.5}
    with pytest.raises(AssertionError):
        never_less(moments(before)[1], moments(after)[1])


# the same of the whole product


@pytest.fixture
def datasets(rng):
    return six_datasets(rng)


@pytest.fixture
def reference(datasets):
    return solve_batch(datasets, settings())


@pytest.mark.parametrize(("tau", "across"), [(0.0, 0.0), (0.0, 1.0), (3e4, 0.5), (1e9, 1.0)])
def test_a_named_term_more_in_r(datasets, reference, tau, across, rng):
    n = datasets["observations"].sizes["obs"]
    term = xr.Dataset(
        {
            "standard_deviation": (("term", "obs"), rng.uniform(0.0, 5.0, (1, n))),
            "correlation_time": ("term", [tau]),
            "cross_site_correlation": ("term", [across]),
            "term": ("term", np.array(["more"], dtype=object)),
        }
    )
    parted = ["standard_deviation", "correlation_time", "cross_site_correlation", "term"]
    joined = xr.concat([datasets["mismatch"][parted], term], "term", join="outer")
    mismatch = datasets["mismatch"].drop_dims("term").assign(joined.data_vars)
    mismatch["term"] = ("term", np.array(["instrument", "transport", "more"], dtype=object))
    no_deviation_fell(reference, solve_batch(datasets | {"mismatch": mismatch}, settings()))


@pytest.mark.parametrize("name", ["transport_common_sd", "transport_daily_sd"])
def test_more_doubt_about_the_transport(datasets, reference, name):
    more = settings()
    more.errors = ErrorSettings(nuisance={name: 0.4})
    no_deviation_fell(reference, solve_batch(datasets, more))


def test_more_doubt_about_the_background(datasets, reference):
    more = changed(datasets, "background", "parameter_standard_deviation", lambda v: 5.0 * v)
    no_deviation_fell(reference, solve_batch(more, settings()))


@pytest.mark.parametrize("factor", [1.0, 1.5, 20.0])
def test_more_doubt_about_the_whole_prior(datasets, reference, factor):
    more = changed(datasets, "prior", "flux_standard_deviation", lambda v: factor * v)
    more = changed(more, "prior_covariance", "declared_standard_deviation", lambda v: factor * v)
    no_deviation_fell(reference, solve_batch(more, settings()))


# where it is no law


def two_regions(rng, sd):
    """Return a problem with one observation of region r0; both regions' totals are declared."""
    declared = [("r0", "s0", sd), ("r1", "s0", 3.0)]
    datasets = regions_problem(rng, sectors=1, periods=1, regions=2, n=1, declared=declared)
    flat = changed(datasets, "prior", "flux_standard_deviation", np.ones_like)
    flat = changed(flat, "prior", "region_area", lambda v: np.full_like(v, 1e8))
    return flat | {"jacobian": with_matrix(flat["jacobian"], np.array([[1.0, 0.0]]))}


def sd_of(posterior, region, sector):
    keys = list(
        zip(posterior["total_region"].to_numpy(), posterior["total_sector"].to_numpy(), strict=True)
    )
    at = keys.index((region, sector))
    return float(np.sqrt(posterior["total_covariance"].to_numpy()[at, at]))


def quiet():
    chosen = settings()
    chosen.errors = ErrorSettings(nuisance={"transport_common_sd": 0.0, "transport_daily_sd": 0.0})
    return chosen


def test_raising_one_declared_sd_may_tell_more_of_another_total():
    """The nearest covariance keeps the partial covariance, so that the totals correlate more."""
    little, much = (
        solve_batch(two_regions(np.random.default_rng(1), sd), quiet()) for sd in (2.0, 8.0)
    )
    assert sd_of(much, "r0", "s0") > 0.0
    assert sd_of(much, "r1", "s0") < 0.95 * sd_of(little, "r1", "s0")
    before = [np.sqrt(np.diag(p["total_prior_covariance"].to_numpy())) for p in (little, much)]
    regions = little["total_region"].to_numpy()
    assert before[1][regions == "r0"][0] == pytest.approx(4.0 * before[0][regions == "r0"][0])
    assert before[1][regions == "r1"][0] == pytest.approx(before[0][regions == "r1"][0])


def two_stations(datasets, sd):
    """Return a problem whose two stations share most of their errors; b has this sd [ppm]."""
    n = datasets["observations"].sizes["obs"]
    station = datasets["observations"]["receptor_index"].to_numpy()
    deviations = np.where(station == 0, 20.0, sd)[None]
    one = datasets["mismatch"].isel(term=[1])
    one = one.assign(
        standard_deviation=(("term", "obs"), deviations, one["standard_deviation"].attrs),
        correlation_time=("term", np.zeros(1), {"units": "s"}),
        cross_site_correlation=("term", np.array([0.95]), {"units": "1"}),
    )
    same = datasets["jacobian"]
    rows = jacobian_matrix(same).toarray()
    rows[n // 2 :] = rows[: n // 2]  # both towers stand in the same air
    return datasets | {
        "mismatch": one,
        "jacobian": with_matrix(same, rows),
        "prior_covariance": covariance_dataset([]),
    }


def test_raising_one_stations_sd_at_fixed_correlation_may_tell_more(datasets):
    """What the two share can then be told apart from what the air says."""
    equal, unequal = (solve_batch(two_stations(datasets, sd), quiet()) for sd in (20.0, 60.0))
    one, two = (sd_of(p, "all", "all") for p in (equal, unequal))
    assert two < 0.95 * one

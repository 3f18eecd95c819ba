"""Traps seen in other systems, each looked for in what this one gives away."""

from types import SimpleNamespace

import numpy as np
import pytest
from core_fakes import REGIONS, SECTORS, covariance_dataset, settings, six_datasets
from numpy.testing import assert_allclose
from small_problems import changed, kept, whole_mismatch

from contracts.datasets import violations_of
from inversion.aggregates import OUTSIDE, layout_of
from inversion.solve import solve_batch
from reconcile.tables import flux_rows

CITY = REGIONS[:2]
NAMES = ("total", "total_prior")
SQUARES = ("total_covariance", "total_prior_covariance", "total_covariance_reduction")


@pytest.fixture
def datasets(rng):
    return six_datasets(rng)


@pytest.fixture
def posterior(datasets):
    return solve_batch(datasets, settings())


def keys_of(posterior):
    """Return (interval, region, sector) of every total."""
    names = ("total_interval", "total_region", "total_sector")
    return list(zip(*(posterior[name].to_numpy().astype(str) for name in names), strict=True))


def rows_of(posterior, regions, sector, interval=""):
    return [keys_of(posterior).index((interval, region, sector)) for region in regions]


def declared_intervals(datasets, **days):
    """Return settings with intervals of the batch, by numbers of its days."""
    edges = datasets["prior"]["period_bounds"].to_numpy()[1, 0] + np.arange(4) * np.timedelta64(
        24, "h"
    )
    totals = {
        name: SimpleNamespace(start=edges[first], end=edges[last])
        for name, (first, last) in days.items()
    }
    return SimpleNamespace(**vars(settings()), time=SimpleNamespace(totals=totals))


# the standard deviation of a region by root-sum-square of parts that are correlated


def test_the_citys_sd_is_not_the_root_sum_square_of_its_districts(posterior):
    rows, city = rows_of(posterior, CITY, "all"), rows_of(posterior, ["all"], "all")[0]
    covariance = posterior["total_covariance"].to_numpy()
    block = covariance[np.ix_(rows, rows)]
    assert_allclose(covariance[city, city], block.sum(), rtol=1e-9)
    assert abs(np.trace(block) / covariance[city, city] - 1.0) > 0.01
    table = {(r["region"], r["sector"]): r for r in flux_rows(posterior)}
    ratio = table["all", "all"]["posterior_sd"] / table["all", "all"]["posterior"]
    assert_allclose(
        ratio, np.sqrt(block.sum()) / float(posterior["total"].to_numpy()[city]), rtol=1e-9
    )


def test_a_root_sum_square_would_be_seen(posterior):
    wrong = posterior.copy(deep=True)
    rows, city = rows_of(posterior, CITY, "all"), rows_of(posterior, ["all"], "all")[0]
    matrix = wrong["total_covariance"].to_numpy()
    matrix[city, city] = matrix[rows, rows].sum()
    assert missed(wrong) > 1e-3
    assert missed(posterior) < 1e-9


# a total whose row of the covariance is not that of the sum of its members


def sums_of(posterior):
    """Return A with A t = 0: each sum of districts or sectors less its members."""
    keys = keys_of(posterior)
    lines = []
    for interval in sorted({key[0] for key in keys}):
        for sector in (*SECTORS, "all", "net"):
            lines.append({(interval, "all", sector): -1.0})
            lines[-1] |= {(interval, region, sector): 1.0 for region in CITY}
        for region in (*CITY, "all", OUTSIDE):
            for name, members in (("all", SECTORS[:2]), ("net", SECTORS)):
                lines.append({(interval, region, name): -1.0})
                lines[-1] |= {(interval, region, member): 1.0 for member in members}
    return np.array([[line.get(key, 0.0) for key in keys] for line in lines])


def missed(posterior):
    """Return by how much a covariance's rows of sums miss the sums of rows, as a share."""
    sums = sums_of(posterior)
    shares = []
    for name in SQUARES:
        matrix = posterior[name].to_numpy()
        shares.append(np.abs(sums @ matrix).max() / np.abs(matrix).max())
    return max(shares)


def test_every_row_of_a_sum_is_the_sum_of_rows(datasets, posterior):
    assert missed(posterior) < 1e-9
    more = solve_batch(datasets, declared_intervals(datasets, early=(0, 1), late=(1, 3)))
    assert missed(more) < 1e-9
    assert np.linalg.matrix_rank(sums_of(more)) == 3 * 11


# a member silently dropped from an aggregate


def test_every_region_and_sector_is_in_the_totals_once(posterior):
    regions = (*CITY, "all", OUTSIDE)
    wanted = {("", region, sector) for region in regions for sector in (*SECTORS, "all", "net")}
    assert set(keys_of(posterior)) == wanted
    assert len(keys_of(posterior)) == len(wanted)


@pytest.mark.parametrize(
    ("name", "variable", "where", "told"),
    [
        ("prior", "flux", (0, 1, 2, 3), "prior with 1 values not finite"),
        ("prior", "flux_standard_deviation", (0, 1, 2, 3), "must be finite and >= 0"),
        ("observations", "mole_fraction", (4,), "observations with 1 values not finite"),
        ("background", "background", (4,), "background with 1 values not finite"),
        ("mismatch", "standard_deviation", (0, 4), r"R must be finite|covariance must be"),
        ("jacobian", "sensitivity", (3,), r"not finite|must be finite"),
    ],
)
def test_a_missing_member_is_refused_and_never_skipped(datasets, name, variable, where, told):
    def hole(values):
        values[where] = np.nan
        return values

    with pytest.raises(ValueError, match=told):
        solve_batch(changed(datasets, name, variable, hole), settings())


def test_each_cell_counts_in_exactly_one_or_several_shares_of_one(datasets, posterior):
    layout = layout_of(datasets["prior"])
    area = datasets["prior"]["cell_area"].to_numpy().ravel() * 44.0095e-9
    assert_allclose(layout.region_weights.sum(axis=1), area, rtol=1e-12)
    flux = posterior["flux"].to_numpy()[:, 1:].mean(axis=1).reshape(3, -1)
    rows = rows_of(posterior, ("all", OUTSIDE), "gpp")
    assert_allclose(posterior["total"].to_numpy()[rows].sum(), flux[2] @ area, rtol=1e-9)


# intervals clipped at zero


def test_what_is_negative_stays_negative(datasets):
    low = changed(datasets, "observations", "mole_fraction", lambda y: y - 60.0)
    posterior = solve_batch(low | {"prior_covariance": covariance_dataset([])}, settings())
    rows = rows_of(posterior, ("all",), "power")
    assert posterior["total"].to_numpy()[rows][0] < 0.0
    assert (posterior["mean_flux"].to_numpy()[0] < 0.0).any()
    assert (posterior["flux"].to_numpy()[:2] < 0.0).any()
    table = {(r["region"], r["sector"]): r for r in flux_rows(posterior)}
    assert table["all", "power"]["posterior"] < 0.0
    assert table["all", "power"]["posterior_sd"] > 0.0


def test_the_answer_is_linear_in_the_data_through_zero(datasets):
    """Clipping anywhere would bend it."""
    moved = [
        solve_batch(
            changed(datasets, "observations", "mole_fraction", lambda y, s=s: y + s), settings()
        )
        for s in (-60.0, -30.0, 0.0)
    ]
    for name in ("flux", "total", "mean_flux", "daily_total", "modelled"):
        first, middle, last = (one[name].to_numpy() for one in moved)
        assert_allclose(middle, 0.5 * (first + last), rtol=1e-9, atol=1e-9 * np.abs(middle).max())
    sd = [one["mean_flux_standard_deviation"].to_numpy() for one in moved]
    assert_allclose(sd[0], sd[2], rtol=0, atol=0)


# a standard deviation that is NaN because a covariance is missing


@pytest.mark.parametrize("name", ["prior_covariance", "mismatch"])
def test_a_missing_covariance_is_named(datasets, name):
    del datasets[name]
    with pytest.raises(ValueError, match=f"got none for {name}"):
        solve_batch(datasets, settings())


@pytest.mark.parametrize("name", SQUARES)
def test_a_posterior_without_a_covariance_breaks_its_contract(posterior, name):
    assert any(name in found for found in violations_of(posterior.drop_vars(name), "posterior"))
    holes = posterior.copy(deep=True)
    holes[name].to_numpy()[0, 0] = np.nan
    assert any(name in found for found in violations_of(holes, "posterior"))


def test_no_number_that_says_how_well_is_missing(posterior):
    for name in posterior.data_vars:
        if "deviation" in name or "covariance" in name:
            assert np.isfinite(posterior[name].to_numpy()).all(), name


# a period without observations that crashes instead of returning the prior


def test_a_day_without_observations_keeps_its_prior(datasets):
    alone = covariance_dataset([])
    alone.attrs["temporal_efolding_days"] = 1e-3
    few = kept(datasets | {"prior_covariance": alone}, np.arange(0, 18, 3))
    seen = np.unique(few["jacobian"]["state_index"].to_numpy() // 30 % 4).tolist()
    assert seen == [0, 1]
    posterior = solve_batch(few, settings())
    moved = np.abs((posterior["flux"] - posterior["flux_prior"]).to_numpy()).max(axis=(0, 2, 3))
    assert (moved[:2] > 1e-3).all()
    assert (moved[2:] == 0.0).all()
    before = posterior["daily_total_prior_standard_deviation"].to_numpy()
    after = posterior["daily_total_standard_deviation"].to_numpy()
    assert_allclose(after[:, 2:], before[:, 2:], rtol=1e-12)
    assert (after[:, :2] < 0.999 * before[:, :2]).all()


def test_a_batch_without_observations_returns_its_prior(datasets):
    posterior = solve_batch(kept(datasets, []), settings())
    assert violations_of(posterior, "posterior") == []
    for name in ("flux", "total", "mean_flux", "daily_total"):
        assert (posterior[name] == posterior[f"{name}_prior"].to_numpy()).all(), name
    assert not posterior["total_covariance_reduction"].to_numpy().any()


# totals of parts of the batch


def test_totals_of_intervals_add_up_to_the_batch(datasets):
    posterior = solve_batch(datasets, declared_intervals(datasets, early=(0, 1), late=(1, 3)))
    assert violations_of(posterior, "posterior") == []
    keys = keys_of(posterior)
    mix = np.zeros((len(keys) // 3, len(keys)))
    for row, (_, region, sector) in enumerate(keys[: len(mix)]):
        mix[row, keys.index(("", region, sector))] = -1.0
        mix[row, keys.index(("early", region, sector))] = 1.0 / 3.0
        mix[row, keys.index(("late", region, sector))] = 2.0 / 3.0
    for name in NAMES:
        total = posterior[name].to_numpy()
        assert_allclose(mix @ total, 0.0, atol=1e-9 * np.abs(total).max())
    for name in SQUARES:
        matrix = posterior[name].to_numpy()
        assert_allclose(mix @ matrix, 0.0, atol=1e-9 * np.abs(matrix).max())
    bounds = posterior["total_bounds"].to_numpy().astype("datetime64[ns]")
    lengths = (bounds[:, 1] - bounds[:, 0]) / np.timedelta64(24, "h")
    assert sorted(set(zip(posterior["total_interval"].to_numpy(), lengths, strict=True))) == [
        ("", 3.0), ("early", 1.0), ("late", 2.0),
    ]  # fmt: skip


def test_an_interval_of_one_day_is_that_day(datasets):
    posterior = solve_batch(datasets, declared_intervals(datasets, middle=(1, 2)))
    row = rows_of(posterior, ("all",), "net", "middle")[0]
    daily = posterior["daily_total"].to_numpy()[1]
    assert posterior["total"].to_numpy()[row] == pytest.approx(daily[2], rel=1e-9)
    deviation = np.sqrt(posterior["total_covariance"].to_numpy()[row, row])
    expected = posterior["daily_total_standard_deviation"].to_numpy()[1, 2]
    assert deviation == pytest.approx(expected, rel=1e-9)


def test_an_interval_that_cuts_a_day_is_refused(datasets):
    wrong = declared_intervals(datasets, cut=(0, 1))
    wrong.time.totals["cut"].end -= np.timedelta64(1, "h")
    with pytest.raises(ValueError, match="made of whole periods"):
        solve_batch(datasets, wrong)


# an error matrix that is taken for a list of standard deviations


def test_correlated_errors_are_not_the_same_as_their_diagonal(datasets):
    n = datasets["observations"].sizes["obs"]
    matrix = 400.0 * (0.5 * np.eye(n) + 0.4)
    whole = solve_batch(whole_mismatch(datasets, matrix), settings())
    alone = solve_batch(whole_mismatch(datasets, np.diag(np.diag(matrix))), settings())
    row = rows_of(whole, ("all",), "all")[0]
    one, two = (p["total_covariance"].to_numpy()[row, row] for p in (whole, alone))
    assert abs(one / two - 1.0) > 0.01

"""Declared totals: exact, nearest, refused where they cannot hold."""

import numpy as np
import pytest
from core_fakes import DECLARED, covariance_dataset, prior_dataset, scaled_kronecker
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from prior_fakes import bounds_of, description_of, prior_of, total_weights

from inversion.aggregates import layout_of, region_sector_mix
from inversion.declared import Declaration, feasibility_problems
from inversion.errors.prior import prior_covariance, with_declared
from inversion.linalg.dense import densify
from inversion.linalg.separable import Separable
from inversion.nearest import nearest_covariance

DISTRICTS, SECTORS = ("330102", "330105"), ("power", "transport")


def _declared(**changes):
    rows = {(region, sector): sd for region, sector, sd in DECLARED}
    rows |= {tuple(key.split("__")): sd for key, sd in changes.items()}
    return [Declaration(region, sector, sd) for (region, sector), sd in rows.items()]


def _total(layout, region, sector):
    """Weights of one total, written out independently of the product's mixing matrices."""
    place = layout.city_weights if region == "all" else None
    if place is None:
        place = layout.region_weights[:, layout.regions.index(region)]
    chosen = np.array(
        [
            (sector == "all" and inventory) or sector == name
            for name, inventory in zip(layout.sectors, layout.is_inventory, strict=True)
        ],
        dtype=float,
    )
    return np.kron(np.kron(chosen, layout.period_weights), place)


def test_every_declared_total_is_exact_in_the_full_state(rng):
    prior = prior_dataset(rng)
    layout = layout_of(prior)
    covariance = prior_covariance(prior, covariance_dataset(DECLARED))
    dense = densify(covariance)
    for region, sector, deviation in DECLARED:
        weights = _total(layout, region, sector)
        assert_allclose(weights @ dense @ weights, deviation**2, rtol=1e-6)
    scale = np.abs(dense).max()
    assert np.linalg.eigvalsh(0.5 * (dense + dense.T))[0] > -1e-10 * scale


def test_the_field_given_its_totals_is_left_alone(rng):
    prior = prior_dataset(rng)
    covariance = prior_covariance(prior, covariance_dataset(DECLARED))
    before, after = densify(covariance.base), densify(covariance)
    W = densify(covariance.weights)

    def conditional(B):
        return B - B @ W @ np.linalg.solve(W.T @ B @ W, W.T @ B)

    assert_allclose(conditional(after), conditional(before), rtol=0, atol=1e-9)


def test_the_city_may_be_known_better_than_its_parts_and_far_from_the_kernel(rng):
    base, dense = scaled_kronecker(rng)
    layout = layout_of(prior_dataset(rng))
    declared = _declared(
        all__all=0.01, all__transport=0.165, **{"330102__all": 5.0, "330105__all": 5.004}
    )
    covariance = with_declared(base, layout, declared)
    corrected = densify(covariance)
    for one in declared:
        weights = _total(layout, one.region, one.sector)
        assert_allclose(np.sqrt(weights @ corrected @ weights), one.standard_deviation, rtol=1e-6)
    assert np.linalg.eigvalsh(corrected)[0] > -1e-8 * np.abs(dense).max()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.05, 2.0), min_size=3, max_size=5),
    st.floats(0.05, 0.95),
    st.integers(0, 1000),
)
def test_nearest_covariance_is_exact_for_every_feasible_declaration(parts, place, seed):
    rng = np.random.default_rng(seed)
    parts = np.array(parts)
    low, high = max(0.0, 2.0 * parts.max() - parts.sum()), parts.sum()
    city = low + place * (high - low)
    root = rng.standard_normal((len(parts), len(parts) + 2))
    totals = np.column_stack([np.eye(len(parts)), np.ones(len(parts))])
    wanted = nearest_covariance(root @ root.T, totals, np.append(parts, city))
    assert_allclose(np.sqrt(np.diag(totals.T @ wanted @ totals)), [*parts, city], rtol=1e-6)
    assert np.linalg.eigvalsh(wanted)[0] > 0.0


def test_nearest_covariance_leaves_alone_what_is_already_declared(rng):
    root = rng.standard_normal((3, 5))
    given_covariance = root @ root.T
    deviation = np.sqrt(np.diag(given_covariance))
    assert_allclose(
        nearest_covariance(given_covariance, np.eye(3), deviation), given_covariance, rtol=1e-9
    )


def test_nearest_covariance_is_the_stationary_point_of_the_divergence(rng):
    """Among covariances with the declared variances, moving any other entry is worse."""
    root = rng.standard_normal((3, 5))
    G = root @ root.T
    wanted = nearest_covariance(G, np.eye(3), np.array([0.5, 1.0, 3.0]))

    def divergence(C):
        return np.trace(np.linalg.solve(G, C)) - np.linalg.slogdet(C)[1]

    for i, j in ((0, 1), (0, 2), (1, 2)):
        for step in (1e-3, -1e-3):
            moved = wanted.copy()
            moved[i, j] += step
            moved[j, i] += step
            assert divergence(moved) > divergence(wanted)


@pytest.mark.parametrize(
    ("changes", "family"),
    [({"all__all": 0.32}, "districts"), ({"all__power": 0.5}, "sectors"), ({"all__all": 0.02}, "")],
)
def test_infeasible_declarations_are_refused_with_the_interval(changes, family, rng):
    problems = feasibility_problems(_declared(**changes), DISTRICTS, SECTORS)
    assert any(family in problem and "must lie between" in problem for problem in problems)
    prior = prior_dataset(rng)
    with pytest.raises(ValueError, match=r"must lie between .* and .* kg s-1"):
        with_declared(scaled_kronecker(rng)[0], layout_of(prior), _declared(**changes))


def test_feasible_or_incomplete_declarations_have_no_problem():
    assert feasibility_problems(_declared(), DISTRICTS, SECTORS) == []
    partial = [one for one in _declared(all__all=9.0) if one.region == "all"]
    assert feasibility_problems(partial, DISTRICTS, ()) == []


def test_repeated_and_impossible_values_are_problems():
    twice = [*_declared(), Declaration("all", "all", 0.3)]
    assert "must be declared once" in feasibility_problems(twice, DISTRICTS, SECTORS)[0]
    zero = _declared(all__gpp=0.0)
    assert "finite and > 0" in feasibility_problems(zero, DISTRICTS, SECTORS)[0]


NAMES = [("330102", "all"), ("330105", "all"), ("all", "power"), ("all", "transport")]
PERIODS = {"month of days": (24, 30), "year of months": (730, 12), "year of days": (24, 365)}


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(PERIODS)),
    st.lists(st.floats(-1.0, 1.0), min_size=5, max_size=5),
    st.floats(-0.3, 1.3),
    st.booleans(),
    st.integers(0, 99),
)
def test_random_declarations_are_met_or_refused_with_the_interval(
    periods, exponents, place, daily, seed
):
    """For a month and a year: exact to 1e-6 wherever the values can hold together."""
    prior = prior_of(np.random.default_rng(seed), bounds_of(*PERIODS[periods]))
    options = {"daily": [0.3, 0.1, 0.2], "daily_sector_efolding_days": 2.5} if daily else {}
    kernel = prior_covariance(prior, description_of(**options))
    weights = {name: total_weights(prior, *name) for name in [*NAMES, ("all", "gpp")]}
    parts = {
        name: 10.0**exponent * np.sqrt(w @ kernel.matvec(w))
        for (name, w), exponent in zip(weights.items(), exponents, strict=True)
    }
    one, two = (np.array([parts[name] for name in pair]) for pair in (NAMES[:2], NAMES[2:]))
    low = max(abs(np.diff(one)[0]), abs(np.diff(two)[0]))
    high = min(one.sum(), two.sum())
    city = low + place * (high - low)
    assume(city > 0.0 and min(abs(city / low - 1.0), abs(city / high - 1.0)) > 1e-3)
    declared = [(*name, value) for name, value in [*parts.items(), (("all", "all"), city)]]
    description = description_of(declared, **options)
    if not low < city < high:
        with pytest.raises(ValueError, match=r"must lie between .* and .* kg s-1 given those of"):
            prior_covariance(prior, description)
        return
    covariance = prior_covariance(prior, description)
    for region, sector, value in declared:
        w = total_weights(prior, region, sector)
        assert_allclose(np.sqrt(w @ covariance.matvec(w)), value, rtol=1e-6)
    assert np.linalg.eigvalsh(covariance.wanted)[0] > 0.0


def test_months_of_a_year_keep_what_the_year_was_declared_to_have(rng):
    """The mode of the total lasts: no month is four times as uncertain as the year it makes."""
    prior = prior_of(rng, bounds_of(730, 12))
    prior["flux_standard_deviation"] = 0.05 * prior["flux_standard_deviation"]
    w = total_weights(prior, "all", "all")
    city = w @ prior["flux"].to_numpy().ravel()
    covariance = prior_covariance(prior, description_of([("all", "all", 0.15 * city)]))
    month = w.reshape(3, 12, -1) * 12.0
    months = np.zeros((12, w.size))
    for k in range(12):
        one = np.zeros_like(month)
        one[:, k] = month[:, k]
        months[k] = one.ravel()
    shares = np.sqrt(np.diag(months @ covariance.matmat(months.T)))
    shares /= months @ prior["flux"].to_numpy().ravel()
    assert_allclose(np.sqrt(w @ covariance.matvec(w)) / city, 0.15, rtol=1e-6)
    assert (shares > 0.12).all()
    assert (shares < 0.20).all()


def test_one_sector_and_one_district_have_families_too():
    table = [Declaration(d, s, 0.1) for d in DISTRICTS for s in SECTORS]
    sums = [Declaration("330102", "all", 0.25), Declaration("all", "power", 0.15)]
    problems = feasibility_problems([*table, *sums], DISTRICTS, SECTORS)
    assert len(problems) == 1
    assert "region 330102, sector all's declared" in problems[0]
    assert "between 0 and 0.2 kg s-1 given those of its sectors" in problems[0]


def test_values_on_the_border_are_refused_with_the_interval(rng):
    base = scaled_kronecker(rng)[0]
    declared = [one for one in _declared(all__all=0.31) if one.sector == "all"]
    with pytest.raises(
        ValueError, match=r"room for every part.*the city's .* between 0.03 and 0.31"
    ):
        with_declared(base, layout_of(prior_dataset(rng)), declared)


def test_totals_that_the_prior_takes_for_one_are_refused(rng):
    prior = prior_of(rng, bounds_of(24, 2))
    prior["flux_standard_deviation"][:] = 1.0
    description = description_of([("all", "power", 0.1), ("all", "transport", 0.2)])
    description["sector_correlation"][0, 1] = description["sector_correlation"][1, 0] = 1.0
    with pytest.raises(ValueError, match=r"must be able to differ from each other.*transport"):
        prior_covariance(prior, description)


def test_values_beyond_the_border_are_refused_without_the_check_too():
    with pytest.raises(ValueError, match="must leave room for every part"):
        nearest_covariance(
            np.eye(2), np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]), np.array([1.0, 1.0, 2.1])
        )


def test_a_total_without_prior_uncertainty_is_refused(rng):
    prior = prior_dataset(rng)
    prior["flux_standard_deviation"][1] = 0.0
    with pytest.raises(ValueError, match=r"prior uncertainty in at least one cell.*transport"):
        prior_covariance(prior, covariance_dataset([("all", "transport", 0.1)]))


def test_mixes_are_the_totals_of_the_written_out_weights(rng):
    layout = layout_of(prior_dataset(rng))
    whole = densify(Separable(np.eye(3), layout.period_weights[:, None], layout.region_weights))
    for region, sector, _ in DECLARED:
        assert_allclose(
            whole @ region_sector_mix(layout, region, sector), _total(layout, region, sector)
        )

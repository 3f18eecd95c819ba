"""The terms of R: their sizes, what they depend on, and what the dataset and the table say of them."""

import json
import logging
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from mismatch_fakes import built, case_of, known
from test_jacobian import random_case

from contracts.datasets import check_dataset, read_dataset, write_dataset
from contracts.provenance import Provenance
from contracts.settings.mismatch import MismatchSettings
from inversion.diagnostics import mismatch_components
from inversion.errors.local_clock import local_clock
from inversion.errors.mismatch import (
    Term,
    build_mismatch,
    mismatch_covariance,
    prior_enhancement,
    term_variables,
)
from inversion.jacobian import build_jacobian


def test_terms_are_what_the_settings_say():
    _, mismatch, jacobian, before = built()
    assert mismatch["term"].to_numpy().tolist() == [
        "instrument",
        "representation",
        "transport",
        "background",
    ]
    deviation = mismatch["standard_deviation"].to_numpy()
    assert deviation[0].tolist() == [0.2] * 6
    assert deviation[1] == pytest.approx(np.hypot(0.5, 0.5 * 0.6))
    enhancement = prior_enhancement(jacobian, before)
    assert deviation[2] == pytest.approx(np.hypot(0.3, 0.25 * enhancement))
    assert deviation[3].tolist() == [0.3] * 6
    assert mismatch["correlation_time"].to_numpy().tolist() == [0.0, 7200.0, 28800.0, 14400.0]
    assert mismatch["cross_site_correlation"].to_numpy().tolist() == [0.0, 0.0, 0.25, 0.8]
    assert "diagonal" not in mismatch.attrs
    check_dataset(mismatch, "mismatch")


def test_hours_without_spread_take_the_typical_one_and_are_counted():
    spread = ("obs", np.array([0.3, 0.4, np.nan, 0.3, 0.4, np.nan]))
    _, mismatch, _, _ = built(spread=spread)
    typical = np.hypot(0.5, 0.5 * np.sqrt(0.125))
    assert mismatch["standard_deviation"][1, [2, 5]].to_numpy() == pytest.approx(typical)
    assert mismatch.attrs["hours_without_spread"] == 2
    obs, made, before = random_case()
    bare = obs.drop_vars("spread")
    jacobian = build_jacobian(bare, made, before)
    without = build_mismatch(bare, jacobian, before, MismatchSettings())
    assert without["standard_deviation"][1].to_numpy().tolist() == [0.5] * 6
    assert without.attrs["hours_without_spread"] == 6


def test_enhancement_is_the_sum_over_hours_of_flux_times_sensitivity():
    _, _, jacobian, before = built()
    start, index = jacobian["row_start"].to_numpy(), jacobian["state_index"].to_numpy()
    flux = before["flux"].to_numpy().ravel()
    values = jacobian["sensitivity"].to_numpy()
    by_row = [values[a:b] @ flux[index[a:b]] for a, b in pairwise(start)]
    expected = np.array(by_row) + jacobian["fixed_mole_fraction"].to_numpy()
    np.testing.assert_allclose(prior_enhancement(jacobian, before), expected, rtol=1e-12)


def test_instrument_errors_below_the_floor_are_lifted_and_counted():
    error = ("obs", np.array([0.01, 0.2, 0.2, 0.2, 0.02, 0.2]))
    _, mismatch, _, _ = built(instrument_error=error)
    assert mismatch["standard_deviation"][0].to_numpy().tolist() == [0.1, 0.2, 0.2, 0.2, 0.1, 0.2]
    assert mismatch.attrs["instrument_errors_lifted_to_floor"] == 2


def test_terms_can_be_switched_off():
    off = {"enabled": False}
    section = MismatchSettings(representation=off, transport=off, background=off)
    _, mismatch, _, _ = built(section)
    assert mismatch["term"].to_numpy().tolist() == ["instrument"]


def test_a_diagonal_is_only_made_loudly(caplog):
    with caplog.at_level(logging.WARNING):
        obs, mismatch, _, _ = built(MismatchSettings(diagonal=True))
    assert "R is diagonal" in caplog.text
    assert mismatch.attrs["diagonal"] == "yes"
    covariance = mismatch_covariance(mismatch, obs)
    _, full, _, _ = built()
    np.testing.assert_allclose(np.diag(covariance), np.diag(mismatch_covariance(full, obs)))
    assert np.count_nonzero(covariance - np.diag(np.diag(covariance))) == 0


def test_hours_and_classes_scale_their_term():
    # random_case: two towers, both at local hours 4 and 5, the first at 6 and 23 as well
    section = MismatchSettings(
        transport={"by_local_hour": [{"from_hour": 22, "to_hour": 5, "factor": 2.0}]},
        instrument={"by_class": {"midcost": 3.0}},
    )
    classes = ("receptor", np.array(["crds", "midcost"], dtype=object))
    _, plain, _, _ = built(instrument_class=classes)
    _, scaled, _, _ = built(section, instrument_class=classes)
    ratio = (scaled["standard_deviation"] / plain["standard_deviation"]).to_numpy()
    assert ratio[0].tolist() == pytest.approx([1.0, 1.0, 1.0, 1.0, 3.0, 3.0])
    assert ratio[2].tolist() == pytest.approx([2.0, 1.0, 1.0, 2.0, 2.0, 1.0])
    assert (ratio[[1, 3]] == 1.0).all()
    told = json.loads(scaled.attrs["factors"])
    assert told["transport"] == {"by_local_hour": [[22, 5, 2.0]], "by_class": {}}
    assert json.loads(scaled.attrs["counts"]) == {
        "instrument": {"at_named_local_hours": 0, "of_class_midcost": 2},
        "transport": {"at_named_local_hours": 3},
    }
    assert "factors" not in plain.attrs
    check_dataset(scaled, "mismatch")


def test_without_classes_every_instrument_is_crds():
    crds = MismatchSettings(instrument={"by_class": {"crds": 2.0, "midcost": 9.0}})
    _, mismatch, _, _ = built(crds)
    assert mismatch["standard_deviation"][0].to_numpy() == pytest.approx(0.4)
    counted = json.loads(mismatch.attrs["counts"])["instrument"]
    assert (counted["of_class_crds"], counted["of_class_midcost"]) == (6, 0)


def test_the_floor_stands_after_all_factors():
    section = MismatchSettings(instrument={"by_class": {"crds": 0.01}})
    _, mismatch, _, _ = built(section)
    assert mismatch["standard_deviation"][0].to_numpy().tolist() == [0.1] * 6
    assert mismatch.attrs["instrument_errors_lifted_to_floor"] == 6


def test_local_time_is_that_of_the_offset_or_counts_from_the_first_period():
    obs, _, before = random_case()
    day, hour = local_clock(obs, before)
    assert hour.tolist() == [4, 5, 6, 23, 4, 5]
    assert day.tolist() == [0, 0, 1, 2, 0, 0]
    stated, same_hour = local_clock(obs, before, 8.0)
    assert same_hour.tolist() == hour.tolist()
    assert (stated - stated[0]).tolist() == day.tolist()
    assert local_clock(obs, before, 9.5)[1].tolist() == [5, 6, 7, 0, 5, 6]
    assert local_clock(obs, before, 0.0)[1].tolist() == [20, 21, 22, 15, 20, 21]


def test_a_file_gives_back_the_same_covariance(tmp_path):
    obs = known(random_case()[0], np.random.default_rng(5))
    background = {"shared": "local_day_and_wind_sector"}
    section = MismatchSettings(transport={"cross_site_efolding_km": 20.0}, background=background)
    mismatch = build_mismatch(obs, *case_of(obs), section)
    write_dataset(mismatch, tmp_path / "mismatch.nc", "mismatch", Provenance())
    again = read_dataset(tmp_path / "mismatch.nc", "mismatch")
    np.testing.assert_array_equal(
        mismatch_covariance(again, obs), mismatch_covariance(mismatch, obs)
    )


def test_diagonal_drops_groups_too():
    section = MismatchSettings(diagonal=True, background={"shared": "local_day"})
    _, mismatch, _, _ = built(section)
    assert "error_group" not in mismatch
    assert "shared_by" not in mismatch.attrs
    assert (mismatch["correlation_time"] == 0.0).all()


def test_table_says_what_each_term_depends_on():
    section = MismatchSettings(
        transport={
            "cross_site_efolding_km": 20.0,
            "by_local_hour": [{"from_hour": 19, "to_hour": 7, "factor": 2.0}],
            "by_class": {"midcost": 3.0},
        },
        background={"shared": "local_day"},
    )
    _, mismatch, _, _ = built(section)
    rows = {row["component"]: row for row in mismatch_components(mismatch)}
    transport, background = rows["transport"], rows["background"]
    assert transport["across_sites_efolding_km"] == 20.0
    assert transport["by_local_hour"] == [[19, 7, 2.0]]
    assert transport["by_class"] == {"midcost": 3.0}
    assert "shared_by" not in transport
    assert background["shared_by"] == "local_day"
    shown = ("correlation_time_hours", "across_sites", "across_days")
    assert [background[key] for key in shown] == [None, 1.0, 0.0]
    assert set(rows["instrument"]) == {"component", "stands_in", "size", "unit", *shown}
    json.dumps(list(rows.values()), allow_nan=False)


def test_table_of_terms_with_groups_of_ones_own():
    n = 6
    campaign = Term("campaign", np.full(n, 2.0), float("nan"), 1.0, group=np.arange(n) // 3)
    forever = Term("forever", np.full(n, 1.0), float("nan"), 1.0)
    obs, mismatch, _, _ = built()
    variables = {"obs_id": mismatch["obs_id"], **term_variables([campaign, forever])}
    own = xr.Dataset(
        variables,
        coords={"term": np.array(["campaign", "forever"], dtype=object)},
        attrs={"synthetic": "yes"},
    )
    check_dataset(own, "mismatch")
    one = np.ones((3, 3))
    expected = np.ones((n, n)) + 4.0 * np.kron(np.eye(2), one)
    np.testing.assert_allclose(mismatch_covariance(own, obs), expected)
    rows = mismatch_components(own)
    assert [(row.get("shared_by"), row["across_days"]) for row in rows] == [
        ("group", None),
        (None, 1.0),
    ]

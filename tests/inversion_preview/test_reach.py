"""Sampled days, borrowed footprints and blocks: what is kept, what is counted, what is refused."""

import json

import numpy as np
import pytest
from inversion_fakes import footprints, observations
from preview_fakes import SETTINGS, before_only, city, days_of, grid_of, thinned

from contracts.datasets import check_dataset
from inversion.footprint_join import join_footprints
from inversion.previewing.blocks import footprints_by_block
from inversion.previewing.borrowed import borrowed_footprints
from inversion.previewing.days import every_few_days
from inversion.previewing.reach import foreseen_problem


@pytest.fixture(scope="module")
def made():
    return city(np.random.default_rng(11), cells=9, days=6, towers=2)


def test_every_few_days_keeps_whole_days_and_says_how_many(made):
    obs = made[0]["observations"]
    kept = every_few_days(obs, 2, 8.0)
    check_dataset(kept, "observations")
    assert sorted(set(days_of(kept))) == [1, 3, 5]
    assert json.loads(kept.attrs["counts"]) == {"given": 30, "sampled": 18, "every_days": 2}
    assert every_few_days(obs, 1, 8.0).sizes["obs"] == 30


def test_a_receptor_that_is_silent_on_these_days_keeps_its_first_day():
    obs = observations({"a": (12, 36, 60), "b": (36, 60)})
    kept = every_few_days(obs, 3, 8.0)
    assert kept["obs_id"].values.tolist() == ["a_36", "b_36"]
    silent = observations({"a": (12, 36, 60), "b": (60,)})
    assert every_few_days(silent, 3, 8.0)["obs_id"].values.tolist() == ["a_36", "b_60"]


def test_like_hours_lend_to_like_hours(made):
    datasets, stations = made
    obs = datasets["observations"]
    names = obs["obs_id"].to_numpy().astype(str)
    keep = names[days_of(obs) == 3]
    lent, counts = borrowed_footprints(obs, thinned(stations, keep))
    assert counts == {"own": 6, "borrowed": 24, "footprints_unused": 0}
    for one in lent:
        check_dataset(one, "footprints")
    rows, _ = join_footprints(obs, lent, datasets["prior"])
    whole, _ = join_footprints(obs, stations, datasets["prior"])
    place = {name: k for k, name in enumerate(names)}
    for name, row in zip(names, rows, strict=True):
        tower, hour = name.rsplit("_", 1)
        lender = whole[place[f"{tower}_{72 + int(hour) % 24}"]]
        assert row.sensitivity.tolist() == lender.sensitivity.tolist()
        assert row.time == obs["time"].to_numpy()[place[name]]


def test_footprints_of_others_are_counted_and_twice_is_refused(made):
    datasets, stations = made
    obs = datasets["observations"].isel(obs=slice(0, 15))
    assert borrowed_footprints(obs, stations)[1]["footprints_unused"] == 15
    with pytest.raises(ValueError, match="must have one footprint; got two for tower_0"):
        borrowed_footprints(obs, [stations[0], stations[0]])


def test_a_receptor_without_any_footprint_is_refused(made):
    datasets, stations = made
    with pytest.raises(ValueError, match="at least one footprint to borrow; got none for tower_1"):
        borrowed_footprints(datasets["observations"], stations[:1])


@pytest.mark.parametrize("cells", [2, 4])
def test_blocks_keep_every_sum(made, cells):
    one = made[1][0]
    blurred = footprints_by_block(one, cells)
    check_dataset(blurred, "footprints")

    def sums(dataset):
        obs = np.repeat(np.arange(dataset.sizes["obs"]), dataset["row_size"].to_numpy())
        total = np.zeros((dataset.sizes["obs"], dataset.sizes["lag"], 3, 3))
        np.add.at(
            total,
            (
                obs,
                dataset["lag_index"].to_numpy(),
                dataset["row_index"].to_numpy() // 4,
                dataset["column_index"].to_numpy() // 4,
            ),
            dataset["sensitivity"].to_numpy(),
        )
        return total

    assert sums(blurred) == pytest.approx(sums(one), abs=1e-12)
    spread = blurred["sensitivity"].to_numpy()
    assert len(np.unique(spread.round(12))) < len(spread)


def test_a_block_of_one_cell_changes_nothing():
    obs = observations({"a": (3,)})
    one = footprints(obs, [[(0, 0, 0, 1.0)]], grid=grid_of(3))
    assert footprints_by_block(one, 1) is one


def test_blocks_over_the_edge_stay_on_the_grid():
    obs = observations({"a": (3,)})
    one = footprints(obs, [[(0, 2, 2, 1.0), (0, 0, 0, 4.0)]], grid=grid_of(3))
    blurred = footprints_by_block(one, 2)
    assert blurred["sensitivity"].values.tolist() == [1.0, 1.0, 1.0, 1.0, 1.0]
    assert blurred["row_index"].values.max() == 2


def test_a_missing_dataset_is_named(made):
    datasets, stations = made
    part = before_only(datasets)
    del part["background"]
    with pytest.raises(ValueError, match="got none for background"):
        foreseen_problem(part, stations, SETTINGS.errors.mismatch)

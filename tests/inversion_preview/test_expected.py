"""What is foreseen against what the inversion finds."""

import numpy as np
import pytest
from inversion_fakes import prior_covariance, problem
from preview_fakes import SETTINGS, before_only, city, thinned

from contracts.settings.preview import PreviewSettings
from inversion.preview import preview
from inversion.previewing.days import every_few_days
from inversion.previewing.expected import expect
from inversion.previewing.reach import foreseen_problem
from inversion.solve import solve_batch


@pytest.fixture(scope="module", params=[12, 13])
def made(request):
    return city(np.random.default_rng(request.param))


@pytest.mark.parametrize("declared", [False, True])
def test_the_same_footprints_give_what_the_inversion_gives(declared):
    datasets = problem()
    if declared:
        description = prior_covariance(datasets["prior"])
        description = description.drop_dims("declared").assign(
            declared_region=("declared", np.array(["all", "330102"], dtype=object)),
            declared_sector=("declared", np.array(["all", "all"], dtype=object)),
            declared_standard_deviation=("declared", np.array([0.3, 0.2]), {"units": "kg s-1"}),
        )
        datasets["prior_covariance"] = description
    found = expect(datasets, SETTINGS)
    posterior = solve_batch(datasets, SETTINGS)
    assert found.dofs == pytest.approx(posterior.attrs["dofs"], rel=1e-6)
    assert list(found.region) == posterior["total_region"].values.tolist()
    assert list(found.sector) == posterior["total_sector"].values.tolist()
    for name, attribute in (
        ("total_covariance", "standard_deviation"),
        ("total_prior_covariance", "prior_standard_deviation"),
    ):
        wanted = np.sqrt(np.diagonal(posterior[name].values))
        assert getattr(found, attribute) == pytest.approx(wanted, rel=1e-6)
    if declared:
        assert found.prior_standard_deviation[found.index("all")] == pytest.approx(0.3)


def test_observed_values_change_nothing():
    datasets = problem()
    other = dict(datasets)
    other["observations"] = datasets["observations"].assign(
        mole_fraction=datasets["observations"]["mole_fraction"] * 1.1
    )
    one, two = expect(datasets, SETTINGS), expect(other, SETTINGS)
    assert one.dofs == two.dofs
    assert one.standard_deviation.tolist() == two.standard_deviation.tolist()


def test_all_footprints_are_exact_and_some_are_not(made, exact):
    datasets, footprints = made
    same = preview(before_only(datasets), SETTINGS, footprints)
    assert same["footprints"] == {
        "exact": True,
        "block_cells": 1,
        "own": 132,
        "borrowed": 0,
        "footprints_unused": 0,
    }
    assert same["dofs"] == pytest.approx(exact.dofs, rel=1e-9)
    found = [row["standard_deviation"] for row in same["totals"]]
    assert found == pytest.approx(exact.standard_deviation.tolist(), rel=1e-9)
    settings = type(SETTINGS)(**vars(SETTINGS), preview=PreviewSettings(block_cells=2))
    assert not preview(before_only(datasets), settings, footprints)["footprints"]["exact"]


def of_some_days(datasets, footprints, days, cells=1):
    """Return what is foreseen from the footprints of some days on blocks of cells."""
    kept = every_few_days(datasets["observations"], days, 8.0)["obs_id"].to_numpy().astype(str)
    found, counts = foreseen_problem(
        before_only(datasets),
        thinned(footprints, kept),
        SETTINGS.errors.mismatch,
        8.0,
        cells,
    )
    assert counts["own"] == len(kept)
    return expect(found, SETTINGS)


@pytest.fixture(scope="module")
def exact(made):
    return expect(made[0], SETTINGS)


@pytest.mark.parametrize(("days", "cells"), [(2, 1), (1, 2), (2, 2)])
def test_the_reach_of_some_days_or_blocks_is_within_a_fifth(made, exact, days, cells):
    """Degrees of freedom, city and districts; single sectors of a district a little less."""
    near = of_some_days(*made, days, cells)
    assert near.dofs == pytest.approx(exact.dofs, rel=0.2)
    whole = np.array(exact.sector) == "all"
    gap = near.standard_deviation[:-4] / exact.standard_deviation[:-4] - 1.0  # outside: no cell
    assert np.abs(gap[whole[:-4]]).max() < 0.2
    assert np.abs(gap).max() < 0.35


def test_too_little_reach_is_not_within_a_fifth(made, exact):
    whole = np.array(exact.sector) == "all"
    for days, cells in ((12, 1), (1, 16)):
        near = of_some_days(*made, days, cells)
        gap = near.standard_deviation[:-4] / exact.standard_deviation[:-4] - 1.0
        assert np.abs(gap[whole[:-4]]).max() > 0.2


def test_more_observations_tell_more(made, exact):
    datasets, footprints = made
    fewer = before_only(datasets)
    half = datasets["observations"]["receptor_index"].to_numpy() < 2
    for name in ("observations", "background"):
        fewer[name] = datasets[name].isel(obs=half)
    found, counts = foreseen_problem(fewer, footprints, SETTINGS.errors.mismatch, 8.0)
    part = expect(found, SETTINGS)
    assert part.dofs < exact.dofs
    assert (part.standard_deviation >= exact.standard_deviation * (1 - 1e-9)).all()
    assert counts["footprints_unused"] == int((~half).sum())

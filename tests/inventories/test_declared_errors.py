"""Settings of prior errors come out of the dataset they go into, by name and number."""

import numpy as np
import pytest
from inventories_fakes import inputs
from pydantic import ValidationError

from contracts.datasets import check_dataset
from contracts.settings.errors import PriorErrorSettings
from inventories.declared import prior_covariance
from inventories.prior import build_prior
from inversion.errors.prior import prior_covariance as b_of
from inversion.linalg.in_time import InTime
from inversion.linalg.likeness import Likeness
from inversion.linalg.low_rank import LowRank

KINDS = {"power": "inventory", "transport": "inventory", "gpp": "biosphere"}
TOTALS = np.array([[2.0, 1.0], [1.0, 3.0], [-0.5, -0.7]])


def dataset(**settings):
    made = prior_covariance(TOTALS, KINDS, ("1", "2"), PriorErrorSettings(**settings))
    check_dataset(made.assign_attrs(synthetic="yes"), "prior_covariance", "here")
    return made


def test_defaults_say_that_nothing_is_added():
    made = dataset()
    assert made.attrs["spatial_kernel"] == "exponential"
    assert made.attrs["likeness_of_sector_mix"] == "no"
    assert made.attrs["declared_averaging"] == "batch"
    assert made.attrs["temporal_day_to_day_share"] == made.attrs["temporal_same_hour_share"] == 0.0
    assert "daily_sector_standard_deviation" not in made
    assert "over the batch" in made["declared_standard_deviation"].attrs["long_name"]


def test_settings_stand_in_the_dataset():
    made = dataset(
        spatial_kernel="matern32",
        likeness_of_sector_mix=True,
        temporal_day_to_day_share=0.3,
        temporal_day_to_day_efolding_days=2.0,
        temporal_same_hour_share=0.2,
        temporal_same_hour_efolding_days=5.0,
        daily_sector_sd=0.1,
        daily_sector_sd_by_sector={"gpp": 0.25},
        daily_sector_efolding_days=3.0,
        declared={"averaging": "year", "efolding_days": 200.0},
    )
    expected = {
        "spatial_kernel": "matern32",
        "likeness_of_sector_mix": "yes",
        "temporal_day_to_day_share": 0.3,
        "temporal_day_to_day_efolding_days": 2.0,
        "temporal_same_hour_share": 0.2,
        "temporal_same_hour_efolding_days": 5.0,
        "daily_sector_efolding_days": 3.0,
        "declared_averaging": "year",
        "declared_efolding_days": 200.0,
    }
    assert {key: made.attrs[key] for key in expected} == expected
    assert made["daily_sector_standard_deviation"].values.tolist() == [0.1, 0.1, 0.25]
    assert "over the year" in made["declared_standard_deviation"].attrs["long_name"]


def test_a_prior_of_the_pipeline_gets_all_of_it(tmp_path):
    errors = {
        "spatial_kernel": "gaussian",
        "likeness_of_sector_mix": True,
        "temporal_day_to_day_share": 0.5,
        "daily_sector_sd": 0.1,
        "declared": {"averaging": "year"},
    }
    result = build_prior(inputs(tmp_path, errors=errors))
    sums = b_of(result.prior, result.prior_covariance)
    kernel, daily = sums.base.parts
    assert isinstance(daily, LowRank)
    assert daily.modes.count == 31
    assert isinstance(kernel.base.spaces[0], Likeness)
    assert kernel.base.spaces[0].space.kernel == "gaussian"
    assert kernel.base.spaces[2] is not kernel.base.spaces[0]
    assert isinstance(kernel.base.period, InTime)
    assert len(kernel.base.period.features) == 2


def test_wrong_settings_are_refused():
    with pytest.raises(ValidationError, match="must sum to at most 1"):
        PriorErrorSettings(temporal_day_to_day_share=0.6, temporal_same_hour_share=0.5)
    with pytest.raises(ValidationError, match="daily shares must lie in"):
        PriorErrorSettings(daily_sector_sd_by_sector={"gpp": -0.1})
    with pytest.raises(ValidationError, match="spatial_kernel"):
        PriorErrorSettings(spatial_kernel="cubic")
    with pytest.raises(ValidationError, match="averaging"):
        PriorErrorSettings(declared={"averaging": "decade"})
    with pytest.raises(ValueError, match="daily_sector_sd_by_sector: heating"):
        dataset(daily_sector_sd_by_sector={"heating": 0.1})

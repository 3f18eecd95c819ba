"""Every kind of state that is no flux: its names, units, columns, prior, switch and refusals."""

import numpy as np
import pytest
from nuisance_city import MIDCOST, city, errors
from numpy.testing import assert_allclose
from pydantic import ValidationError

from contracts.settings.background import BackgroundSettings
from contracts.settings.errors import ErrorSettings
from contracts.settings.mismatch import MismatchSettings
from contracts.settings.nuisance import NuisanceSettings
from contracts.settings.state_or_mismatch import background_twice
from inversion.diagnostics import nuisance_components
from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.nuisance.kinds import Given
from inversion.nuisance.sensor import sensor_states
from inversion.nuisance.states import Nuisance, joined
from inversion.problem import assemble_problem

DAYS = 3
LABELS = ["2025-06-01T16", "2025-06-02T16", "2025-06-03T16"]


@pytest.fixture(scope="module")
def datasets():
    return city(DAYS)


def states(datasets, **stated):
    return assemble_problem(datasets, errors(**stated)).nuisance


def of_kind(nuisance, kind):
    return nuisance.only([k for k, name in enumerate(nuisance.names) if name.startswith(kind)])


def test_all_kinds_follow_each_other(datasets):
    found = states(
        datasets,
        transport_common_sd=0.1,
        transport_daily_sd=0.2,
        diurnal_amplitude_sd=0.15,
        sensor_bias_start_sd_umol_mol=1.0,
        sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.3,
    )
    days = ["2025-06-02", "2025-06-03", "2025-06-04"]
    assert list(found.names) == [
        *[f"background:offset_{day}" for day in days],
        "transport:common",
        *[f"transport:{label}" for label in LABELS],
        "diurnal:transport",
        "diurnal:buildings",
        "diurnal:gpp",
        *[f"sensor:{MIDCOST}_{label}" for label in LABELS],
    ]
    ppm, one = "umol mol-1", "1"
    assert list(found.units) == [ppm] * 3 + [one] * 7 + [ppm] * 3
    assert_allclose(found.standard_deviation[:10], [0.7] * 3 + [0.1] + [0.2] * 3 + [0.15] * 3)


def test_nothing_is_left_when_everything_is_off():
    found = states(city(DAYS, daily_offset_sd_umol_mol=0.0))
    assert found.names == ()
    assert found.columns.shape == (120, 0)
    assert found.prior_covariance.size == 0


def test_without_states_switches_every_kind_off(datasets):
    section = NuisanceSettings(
        diurnal_amplitude_sd=0.2,
        diurnal_amplitude_sd_by_sector={"gpp": 0.5},
        sensor_bias_start_sd_umol_mol=1.0,
        sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.1,
    ).without_states()
    found = assemble_problem(datasets, ErrorSettings(nuisance=section)).nuisance
    assert all(name.startswith("background:") for name in found.names)


def test_transport_columns_are_the_modelled_enhancement(datasets):
    problem = assemble_problem(datasets, errors(transport_common_sd=0.1, transport_daily_sd=0.2))
    found = of_kind(problem.nuisance, "transport")
    assert_allclose(found.columns[:, 0], problem.jacobian.matvec(problem.prior))
    assert_allclose(found.columns[:, 1:].sum(axis=1), found.columns[:, 0])


def test_diurnal_sd_by_sector_and_a_flat_profile(datasets, caplog):
    with caplog.at_level("INFO"):
        found = states(
            datasets, diurnal_amplitude_sd=0.1, diurnal_amplitude_sd_by_sector={"gpp": 0.3, "transport": 0.0}
        )  # fmt: skip
    found = of_kind(found, "diurnal")
    assert found.names == ("diurnal:buildings", "diurnal:gpp")
    assert_allclose(found.standard_deviation, [0.1, 0.3])
    made = datasets["jacobian"]["diurnal_mole_fraction"].to_numpy()
    assert_allclose(found.columns, made[:, [1, 2]])
    assert "flat profile: respiration" in caplog.text


def test_diurnal_refusals(datasets):
    with pytest.raises(ValueError, match=r"must name state sectors; got \['cars'\]"):
        states(datasets, diurnal_amplitude_sd_by_sector={"cars": 0.1})
    bare = {**datasets, "jacobian": datasets["jacobian"].drop_vars("diurnal_mole_fraction")}
    with pytest.raises(ValueError, match=r"no diurnal_mole_fraction in jacobian\.nc"):
        states(bare, diurnal_amplitude_sd=0.1)
    assert of_kind(states(bare), "diurnal").names == ()


def test_a_walking_bias_has_the_covariance_of_its_steps(datasets):
    found = of_kind(
        states(
            datasets,
            sensor_bias_start_sd_umol_mol=0.8,
            sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.3,
        ),
        "sensor",
    )
    steps = np.array([[0.8, 0.0, 0.0], [0.8, 0.3, 0.0], [0.8, 0.3, 0.3]])
    assert_allclose(found.covariance, steps @ steps.T)
    names = datasets["observations"]["receptor"].to_numpy().astype(str)
    mine = names[datasets["observations"]["receptor_index"].to_numpy()] == MIDCOST
    assert_allclose(found.columns.sum(axis=1), mine.astype(float))
    assert isinstance(found.prior_covariance, Dense)


def test_days_without_an_observation_are_walked_over(datasets):
    obs = datasets["observations"]
    names = obs["receptor"].to_numpy().astype(str)[obs["receptor_index"].to_numpy()]
    label = obs["time"].to_numpy() - np.datetime64(LABELS[0])
    second = (label // np.timedelta64(24 * 3600 * 10**9, "ns")) == 1
    keep = np.flatnonzero(~(second & (names == MIDCOST)))
    section = NuisanceSettings(
        sensor_bias_start_sd_umol_mol=0.8, sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.3
    )
    fewer = {**datasets, "observations": obs.isel(obs=keep)}
    found = sensor_states(Given(fewer, np.zeros(len(keep)), section))
    assert found.names == (f"sensor:{MIDCOST}_{LABELS[0]}", f"sensor:{MIDCOST}_{LABELS[2]}")
    assert_allclose(found.covariance, [[0.64, 0.64], [0.64, 0.64 + 2 * 0.09]])


def test_a_bias_that_does_not_walk_is_one_state(datasets):
    found = of_kind(states(datasets, sensor_bias_start_sd_umol_mol=0.8), "sensor")
    assert found.names == (f"sensor:{MIDCOST}_common",)
    assert isinstance(found.prior_covariance, Diagonal)


def test_an_unknown_class_has_a_bias_and_no_classes_are_refused(datasets):
    obs = datasets["observations"]
    classes = np.array(["crds"] * 7 + ["unknown"], dtype=object)
    other = {**datasets, "observations": obs.assign(instrument_class=("receptor", classes))}
    found = of_kind(states(other, sensor_bias_start_sd_umol_mol=0.8), "sensor")
    assert found.names == ("sensor:s8_common",)
    bare = {**datasets, "observations": obs.drop_vars("instrument_class")}
    with pytest.raises(ValueError, match=r"no instrument_class in observations\.nc"):
        states(bare, sensor_bias_start_sd_umol_mol=0.8)


def test_a_user_s_parameters_keep_their_names(datasets):
    bare = {**datasets, "background": datasets["background"].drop_vars("parameter_kind")}
    assert states(bare).names[0] == "background:background_offset_2025-06-02"


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one unit, column and variance each; got 2 names"):
        Nuisance(("a", "b"), ("1",), np.zeros((3, 2)), np.ones(2))
    one = Nuisance(("a",), ("1",), np.zeros((3, 1)), np.ones(1))
    with pytest.raises(ValueError, match=r"a name of its own; got \['a'\]"):
        joined([one, one], 3)


def test_settings_refuse_what_cannot_be():
    with pytest.raises(ValidationError, match="must start with an uncertainty"):
        NuisanceSettings(sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.1)
    with pytest.raises(ValidationError, match=r"must lie in \[0, 1\]; got \{'gpp': 15.0\}"):
        NuisanceSettings(diurnal_amplitude_sd_by_sector={"gpp": 15.0})
    with pytest.raises(ValidationError, match="must divide 24 or be a multiple of it; got 36"):
        BackgroundSettings(offset_period_hours=36)


def test_a_station_s_own_lasting_error_stands_once():
    lasting = {"representation": {"correlation_time_hours": 36.0}}
    assert ErrorSettings(mismatch=lasting).mismatch.representation.correlation_time_hours == 36.0
    with pytest.raises(ValidationError, match=r"36 \(beside states of sensors' bias\)"):
        ErrorSettings(mismatch=lasting, nuisance={"sensor_bias_start_sd_umol_mol": 1.0})


def test_the_background_stands_in_the_state_or_in_the_mismatch():
    term = MismatchSettings(background={"correlation_time_hours": 8.0})
    assert background_twice(term) == []
    assert background_twice(term, BackgroundSettings()) == []
    short = BackgroundSettings(offset_period_hours=6)
    assert background_twice(term, short) == [
        "errors.mismatch.background.correlation_time_hours = 8 (beside background states of 6 h)"
    ]
    long = MismatchSettings(background={"correlation_time_hours": 48.0})
    assert len(background_twice(long)) == 1
    assert background_twice(long, BackgroundSettings(offset_period_hours=72)) == []
    assert background_twice(long, BackgroundSettings(daily_offset_sd_umol_mol=0.0)) == []
    gradient = {"west_east_sd_umol_mol_per_100km": 1.0}
    only = BackgroundSettings(daily_offset_sd_umol_mol=0.0, gradient=gradient)
    assert len(background_twice(long, only)) == 1


def test_the_table_of_errors_tells_what_correlates():
    made = city(DAYS, gradient={"common_west_east_sd_umol_mol_per_100km": 2.0})
    found = states(
        made,
        transport_daily_sd=0.2,
        diurnal_amplitude_sd=0.15,
        sensor_bias_start_sd_umol_mol=0.8,
        sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.3,
    )
    rows = {row["component"]: row for row in nuisance_components(found)}
    assert list(rows) == [
        "background, by day",
        "gradient, common to the batch",
        "transport, by day",
        "diurnal, common to the batch",
        "sensor, by day",
    ]
    assert rows["gradient, common to the batch"]["across_sites"] is None
    assert rows["diurnal, common to the batch"]["across_days"] == 1.0
    sensor = rows["sensor, by day"]
    one, two = 0.64 / np.sqrt(0.64 * 0.73), 0.73 / np.sqrt(0.73 * 0.82)
    assert sensor["across_days"] == pytest.approx((one + two) / 2)
    assert sensor["across_sites"] == 0.0
    # an eighth of the observations, whose variance grows from day to day
    assert sensor["size"] == pytest.approx(np.sqrt((0.64 + 0.73 + 0.82) / 3 / 8))


def test_photosynthesis_and_respiration_are_states_of_their_own(datasets):
    problem = assemble_problem(datasets, errors())
    block = problem.prior_covariance.parts[0]
    quarter = problem.n_flux // 4
    probe = np.zeros((problem.n_flux, 1))
    probe[2 * quarter : 3 * quarter] = 1.0
    answer = block.matmat(probe)[:, 0].reshape(4, -1)
    assert datasets["prior"]["sector"].to_numpy().tolist()[2:] == ["gpp", "respiration"]
    assert np.abs(answer[2]).max() > 0.0
    assert_allclose(answer[3], 0.0, atol=1e-12 * np.abs(answer[2]).max())

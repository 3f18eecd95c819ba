"""Methane through the doors of CO2: ppb in, umol mol-1 inside, kg s-1 of CH4 and ppb out, against a calculation by hand."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pydantic import ValidationError

from contracts.datasets import check_dataset
from contracts.settings.background import BackgroundSettings
from contracts.settings.errors import ErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.model import Settings
from contracts.settings.of_gas import defaults_of_gas, of_gas
from contracts.settings.stations import DetectorSettings, MonitorSettings, StationSettings
from stations.__main__ import main
from stations.averaging import Hourly
from stations.check import check
from stations.detectors import detect
from stations.flags import FLAGS
from workflow import own

CH4 = GasSettings(name="CH4")
CO2 = GasSettings(name="CO2", highest_umol_mol=10_000.0)  # the numbers are those of methane in ppb
START, HOUR = np.datetime64("2025-06-01T00:00", "ns"), np.timedelta64(1, "h")
HOURS = 48
GRID = own.Grid("EPSG:4326", np.array([30.0, 30.1]), np.array([120.0, 120.1, 120.2]))
SENSITIVITY = np.random.default_rng(5).uniform(2.0, 8.0, (10, 1, 1, 2))
FLUX, SD, ERROR, BACKGROUND = 4.0, 3.0, 2.0, 1900.0  # nmol m-2 s-1 and ppb
PLACE = {"latitude": 30.05, "longitude": 120.05, "ground_height_m": 10, "inlet_height_m": 80}
WORDS = {"CH4": ("ppb", "nmol m-2 s-1", 1e-3), "CO2": ("ppm", "umol m-2 s-1", 1.0)}


def written(path):
    """Write a record in ppb and return its values."""
    value = np.round(1940.0 + 20.0 * np.sin(1.7 * np.arange(HOURS)), 2)
    stamps = np.datetime_as_string(START + np.arange(HOURS) * HOUR, unit="m")
    lines = [f"{time},{x:.2f}" for time, x in zip(stamps, value, strict=True)]
    path.write_text("\n".join(["time,value", *lines, ""]), encoding="utf-8")
    return value


def entry(gas, **changes):
    """Return the registry entry of a record whose numbers are in the unit people read."""
    unit, _, per_unit = WORDS[gas]
    return {
        "name": "TWR",
        "title": "a tower",
        **PLACE,
        "instrument_error_umol_mol": ERROR * per_unit,
        "calibration_scale": {"CH4": "WMO-CH4-X2004A", "CO2": "WMO-CO2-X2019"}[gas],
        "files": ["twr.csv"],
        "synthetic": True,
        "reader": {
            "format": "declared_csv",
            "columns": {"time": "time", "value": "value"},
            "time_format": "%Y-%m-%dT%H:%M",
            "label": "start",
            "slot_seconds": 3600,
            "unit": unit,
        },
        **changes,
    }


def case(gas, path):
    """Return record, observations, datasets and posterior of the same numbers as one gas."""
    unit, flux_unit, _ = WORDS[gas.name]
    read = own.record(entry(gas.name), [path], gas)
    batch = (START, START + HOURS * HOUR)
    seen = own.hours({"TWR": read.dataset}, batch, (12, 17), utc_offset_hours=0.0, gas=gas)
    state = own.State({"waste": "inventory"}, [batch], GRID, gas, "Testland", synthetic=True)
    shape = tuple(state.axes().values())
    prior = own.prior(state, np.full(shape, FLUX), np.full(shape, SD), flux_unit)
    footprints = own.footprints(seen, SENSITIVITY, GRID, f"{unit}/({flux_unit})")
    datasets = {
        "observations": seen,
        "prior": prior,
        "prior_covariance": own.prior_covariance(prior, 0.0, time=1.0, place=5.0, declared={}),
        "jacobian": own.jacobian_of_footprints(seen, [footprints], prior),
        "background": own.background(seen, BACKGROUND, {"offset": (1.0, 5.0)}, unit),
        "mismatch": own.mismatch(seen, []),
    }
    posterior = own.solve(datasets, own.sections(gas.name, 0.0, 0.0))
    return SimpleNamespace(read=read, seen=seen, datasets=datasets, posterior=posterior)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("methane")


@pytest.fixture(scope="module")
def methane(folder):
    value = written(folder / "twr.csv")
    return case(CH4, folder / "twr.csv"), value


def test_the_record_is_canonical_inside(methane):
    got, value = methane
    record = got.read.dataset
    check_dataset(record, "station")
    assert_allclose(record["mole_fraction"].values, value * 1e-3, rtol=1e-12)
    assert record["mole_fraction"].attrs["units"] == "umol mol-1"
    assert record["mole_fraction"].attrs["standard_name"] == "mole_fraction_of_methane_in_air"
    assert (record.attrs["gas"], record.attrs["calibration_scale"]) == ("CH4", "WMO-CH4-X2004A")
    assert json.loads(record.attrs["counts"])["hours_usable"] == HOURS
    assert got.seen.sizes["obs"] == 10


def test_totals_are_kilograms_of_methane_as_by_hand(methane):
    got, value = methane
    wanted = [k for k in range(HOURS) if 12 <= k % 24 < 17]
    h = np.hstack([SENSITIVITY.reshape(10, 2), np.ones((10, 1))])  # ppb per nmol m-2 s-1, offset
    east = np.deg2rad(0.1) * 6_371_008.8 * np.cos(np.deg2rad(30.05))
    rho = np.exp(-east / 5000.0)
    b = np.zeros((3, 3))
    b[:2, :2] = SD**2 * np.array([[1.0, rho], [rho, 1.0]])
    b[2, 2] = 5.0**2
    s = h @ b @ h.T + ERROR**2 * np.eye(10)
    innovation = value[wanted] - BACKGROUND - h @ np.array([FLUX, FLUX, 0.0])
    gain = b @ h.T @ np.linalg.inv(s)
    mean = np.array([FLUX, FLUX, 0.0]) + gain @ innovation
    covariance = b - gain @ h @ b
    area = got.datasets["prior"]["cell_area"].values.ravel()
    weights = np.append(area * 1e-9 * 16.0425e-3, 0.0)  # nmol m-2 s-1 -> mol -> kg
    posterior = got.posterior
    assert_allclose(posterior["total"].values[0], weights @ mean, rtol=1e-9)
    assert_allclose(posterior["total_prior"].values[0], weights @ [FLUX, FLUX, 0.0], rtol=1e-12)
    sd = np.sqrt(posterior["total_covariance"].values[0, 0])
    assert_allclose(sd, np.sqrt(weights @ covariance @ weights), rtol=1e-9)
    assert_allclose(posterior["nuisance_mean"].values, [mean[2] * 1e-3], rtol=1e-9)
    row = own.flux_rows(posterior)[0]
    assert row["unit"] == "t"
    assert_allclose(row["posterior"], weights @ mean * HOURS * 3600 / 1000, rtol=1e-9)


def test_the_fit_is_told_in_ppb(methane):
    got, value = methane
    rows = own.fit_rows(got.posterior, got.seen, CH4)
    wanted = [k for k in range(HOURS) if 12 <= k % 24 < 17]
    assert {row["unit"] for row in rows} == {"ppb"}
    assert_allclose([row["observed"] for row in rows], value[wanted], rtol=1e-12)
    assert_allclose([row["background"] for row in rows], BACKGROUND, rtol=1e-12)
    modelled = BACKGROUND + FLUX * SENSITIVITY.sum(axis=(1, 2, 3))
    assert_allclose([row["modelled_prior"] for row in rows], modelled, rtol=1e-12)


def test_the_same_numbers_as_co2_judge_the_same(methane, folder):
    got = methane[0]
    other = case(CO2, folder / "twr.csv")
    assert len(other.seen["obs_id"]) == len(got.seen["obs_id"])

    def scores(posterior):
        sd = np.sqrt(np.diag(posterior["total_covariance"].values))[0]
        before = np.sqrt(np.diag(posterior["total_prior_covariance"].values))[0]
        change = (posterior["total"].values - posterior["total_prior"].values)[0]
        z = posterior["innovation"].values / posterior["innovation_standard_deviation"].values
        return [change / before, sd / before, *z, posterior.attrs["reduced_chi_square"]]

    assert_allclose(scores(got.posterior), scores(other.posterior), rtol=1e-9)
    assert_allclose(got.posterior.attrs["dofs"], other.posterior.attrs["dofs"], rtol=1e-9)
    ratio = other.posterior["total"].values[0] / got.posterior["total"].values[0]
    assert_allclose(ratio, 1000.0 * 44.0095 / 16.0425, rtol=1e-9)


def test_the_gate_of_co2_would_have_refused_it(methane, folder):
    mistaken = entry("CH4", calibration_scale="WMO-CO2-X2019")
    with pytest.raises(ValueError, match=r"48 of 48 values outside.*values of CO2 within 250"):
        own.record(mistaken, [folder / "twr.csv"], CO2)
    with pytest.raises(ValueError, match=r"values of CH4 within 1.5 to 100.*Check `unit`"):
        own.record(
            {**entry("CH4"), "reader": {**entry("CH4")["reader"], "unit": "ppm"}},
            [folder / "twr.csv"],
            CH4,
        )


def test_a_scale_or_a_column_of_another_gas_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="must be one of CO2; got WMO-CH4-X2004A in station TWR"):
        own.record(entry("CH4"), [folder / "twr.csv"], CO2)
    text = json.dumps({k: v for k, v in entry("CH4").items() if k != "name"})
    gcwerks = '{"format": "gcwerks", "gas": "co2", "label": "centre", "slot_seconds": 60}'
    other = json.loads(text) | {"reader": json.loads(gcwerks), "inlet_height_m": 20}
    (tmp_path / "twr.csv").write_text("time,value\n")
    registry = tmp_path / "registry.yaml"
    registry.write_text(json.dumps({"stations": {"TWR": json.loads(text), "GCW": other}}))
    section = StationSettings(registry=str(registry))

    def found(gas):
        problems = check(
            SimpleNamespace(
                stations=section,
                gas=gas,
                synthetic=None,
                synthetic_records=None,
                target="fluxes",
                data_root=str(tmp_path),
            )
        )
        return [str(problem) for problem in problems]

    (column,) = found(CH4)
    assert "expected a record of CH4; found column co2" in column
    assert sum("expected a record of CO2; found CH4" in text for text in found(CO2)) == 2


def test_the_check_of_files_knows_the_gas(folder, tmp_path, capsys):
    registry = tmp_path / "registry.yaml"
    facts = {key: value for key, value in entry("CH4").items() if key != "name"}
    registry.write_text(json.dumps({"stations": {"TWR": facts}}))
    words = ["check", str(folder / "twr.csv"), "--registry", str(registry), "--station", "TWR"]
    assert main([*words, "--gas", "CH4"]) == 0
    assert main(words) == 2
    assert "values of CO2 within 250 to 2000" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*words, "--gas", "CH5"])


def test_defaults_that_are_mole_fractions_follow_the_gas():
    stations = of_gas(StationSettings(), CH4)
    assert stations.detectors.calibration_spread_umol_mol == pytest.approx(0.002)
    assert stations.detectors.calibration_step_umol_mol == pytest.approx(0.08)
    assert stations.baseline.sd_floor_umol_mol == pytest.approx(0.006)
    assert stations.background_baseline.gap_growth_umol_mol == pytest.approx(0.02)
    assert stations.background_baseline.percentile == 50.0
    assert stations.monitor.drift_umol_mol == pytest.approx(0.04)
    assert of_gas(BackgroundSettings(), CH4).daily_offset_sd_umol_mol == pytest.approx(0.014)
    assert of_gas(ErrorSettings(), CH4).prior.cell_floor_umol_m2_s == pytest.approx(0.001)
    mismatch = of_gas(ErrorSettings(), CH4).mismatch
    assert mismatch.instrument.floor_umol_mol == pytest.approx(0.002)
    assert mismatch.transport.relative == ErrorSettings().mismatch.transport.relative
    assert of_gas(stations, CH4) == stations  # once is enough
    assert of_gas(StationSettings(), CO2) == StationSettings()


def test_a_run_of_methane_has_thresholds_of_methane():
    facts = {"run": "x", "title": "x", "time": {"batches": {"2025-06": None}}, "background": {}}
    stations = {"registry": "x", "monitor": {"drift_umol_mol": 0.5}}
    run = Settings.model_validate({**facts, "gas": {"name": "CH4"}, "stations": stations})
    assert run.stations.monitor.drift_umol_mol == 0.5
    assert run.stations.detectors.calibration_spread_umol_mol == pytest.approx(0.002)
    assert run.background.daily_offset_sd_umol_mol == pytest.approx(0.014)
    assert run.errors.mismatch.transport.floor_umol_mol == pytest.approx(0.006)
    assert Settings.model_validate(run.model_dump(mode="json")) == run
    assert Settings.model_validate(facts).errors == ErrorSettings()


def test_a_stated_threshold_is_kept_and_the_others_are_listed():
    monitor = MonitorSettings(drift_umol_mol=0.1)
    section = StationSettings(monitor=monitor, detectors=DetectorSettings(stuck_hours=9))
    scaled = of_gas(section, CH4)
    assert (scaled.monitor.drift_umol_mol, scaled.detectors.stuck_hours) == (0.1, 9)
    listed = defaults_of_gas(section, CH4, "stations.")
    assert listed["stations.detectors.calibration_step_umol_mol"] == 0.08
    assert "stations.monitor.drift_umol_mol" not in listed
    assert all(name.endswith("_umol_mol") for name in listed)
    assert defaults_of_gas(section, CO2) == {}


def tank_record():
    """Return an hourly record of methane, ten hours of it from one tank on five days."""
    rng = np.random.default_rng(2)
    time = START + np.arange(24 * 10) * HOUR
    value, spread = 1.95 + rng.normal(0.0, 0.006, time.size), np.full(time.size, 0.008)
    tank = np.arange(5, time.size, 24)[:5]
    value[tank], spread[tank] = 2.20, 0.0004
    zero = np.zeros(time.size, dtype=np.int64)
    return Hourly(time, value, spread / 8, spread, zero + 60, zero, zero), tank


def test_tank_air_is_seen_at_the_size_of_methane():
    record, tank = tank_record()
    bit = FLAGS["calibration_as_ambient"]
    assert np.flatnonzero(detect(record, of_gas(DetectorSettings(), CH4)) & bit).tolist() == list(
        tank
    )
    assert not (detect(record, DetectorSettings()) & bit).any()


def test_another_gas_states_what_it_is():
    with pytest.raises(ValidationError, match=r"got no molar_mass_g_mol, .*compatibility_goal"):
        GasSettings(name="N2O")
    nitrous = GasSettings(
        name="N2O",
        molar_mass_g_mol=44.0128,
        mole_fraction_unit="ppb",
        lowest_umol_mol=0.25,
        highest_umol_mol=5.0,
        compatibility_goal_umol_mol=0.0001,
    )
    assert of_gas(MonitorSettings(), nitrous).drift_umol_mol == pytest.approx(0.002)

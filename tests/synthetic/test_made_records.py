"""Records made on given footprints: what they hold, how they read, and what stops them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import record_fakes as fake
import xarray as xr

from contracts.datasets import violations_of
from contracts.settings.gas import GasSettings
from contracts.settings.stations import StationSettings
from contracts.settings.synthetic import SyntheticSettings
from contracts.settings.time import TimeSettings
from contracts.settings.transport import TransportSettings
from stations.ingest import ingest_station
from stations.registry import load_registry
from synthetic.check import check
from synthetic.check_records import check_records
from synthetic.forward import forward_of
from synthetic.record_text import unlike_declaration
from synthetic.records import make_records, plan_scene
from workflow.releases import released_hours

OFFSET = -6.0
REGISTRY = "config/stations/salt_lake_city.yaml"


def made(settings=None, footprints=None, network=fake.NETWORK):
    return make_records(
        footprints or fake.both(), fake.prior(), network, settings or fake.settings(), OFFSET
    )


@pytest.fixture(scope="module")
def records():
    return made()


def values(text):
    """Return stamps and mole fractions of a made file."""
    rows = [line.split(",") for line in text.splitlines()[2:]]
    return [row[0] for row in rows], np.array([float(row[1]) for row in rows])


def test_files_say_synthetic_and_hold_the_released_hours_only(records):
    assert sorted(records.texts) == ["bgd.csv", "one.csv", "two.csv"]
    assert all(text.startswith("# SYNTHETIC record of station") for text in records.texts.values())
    assert values(records.texts["one.csv"])[0] == [
        "2015-09-02 12:00:00",
        "2015-09-02 13:00:00",
        "2015-09-02 18:00:00",
        "2015-09-03 12:00:00",
    ]
    stamps, _ = values(records.texts["bgd.csv"])
    assert (stamps[0], len(stamps)) == ("2015-09-01 06:00:00", 4 * 24)


def test_truth_and_truths_keep_their_contracts(records):
    assert violations_of(records.truth, "truth") == []
    everywhere = np.isfinite(records.truths["mole_fraction"]).all(["draw", "receptor"])
    assert violations_of(records.truths.isel(time=everywhere.values), "truths") == []
    assert records.truth.attrs["synthetic"] == records.truths.attrs["synthetic"] == "yes"
    assert "sector 0.25" in records.truths.attrs["family"]
    assert records.truths.attrs["hours_that_reach_before_the_periods"] == 0
    assert 0.5 < records.truths.attrs["inside_share_minimum"] < 1.0


def test_an_hour_without_a_footprint_is_no_record(records):
    drawn = records.truths["mole_fraction"].isel(draw=0)
    known = {
        (str(name), int((time - fake.START) / fake.HOUR))
        for name in drawn["receptor"].values
        for time in drawn["time"].values
        if np.isfinite(drawn.sel(receptor=name, time=time))
    }
    assert known == {(name, hour) for name, hours in fake.HOURS.items() for hour in hours}
    assert records.truths.attrs["hours_without_footprint"] == 2 * 5 - 6


def test_without_errors_a_record_is_inflow_and_carried_prior():
    settings = fake.silent()
    silent = made(settings)
    scene = plan_scene(fake.both(), fake.prior(), settings, OFFSET)
    flux = fake.prior()["flux"].values
    expected = scene.inflow()[scene.hour] + forward_of(fake.both(), fake.prior()).enhancement(flux)
    written = np.concatenate([values(silent.texts[f"{n}.csv"])[1] for n in ("one", "two")])
    np.testing.assert_allclose(written, expected, atol=6e-4)
    table = silent.truths["mole_fraction"].values
    np.testing.assert_allclose(table[:, 0, 0], expected[0], atol=1e-6)
    np.testing.assert_allclose(table[:, 1, -1], expected[-1], atol=1e-6)


def test_the_inflow_has_its_stated_size():
    """Of ever other seeds: the first hour, in a run of a few days."""
    first = []
    for seed in range(400):
        settings = fake.settings(seed=seed)
        scene = plan_scene(fake.both()[:1], fake.prior(), settings, OFFSET)
        first.append(scene.inflow()[0])
    section = fake.settings().background
    np.testing.assert_allclose(np.mean(first), section.mean_ppm, atol=0.25)
    np.testing.assert_allclose(np.std(first), section.synoptic_ppm, rtol=0.12)


def test_errors_have_their_stated_sizes():
    """Two hours of one tower on one day: the parts of the variance add up."""
    settings = fake.silent().model_copy(
        update={"draws": 1500, "noise": fake.settings().noise, "transport_common_relative": 0.2}
    )
    one = fake.footprints("ONE", [30, 31])
    truths = made(settings, [one], fake.NETWORK[:2]).truths
    noise, drawn = settings.noise, truths["mole_fraction"].values[:, 0]
    carried = forward_of([one], fake.prior()).enhancement(fake.prior()["flux"].values)
    relative = np.hypot(noise.transport_relative, 0.2 * np.hypot(1, noise.transport_relative))
    expected = np.sqrt(
        noise.instrument_ppm**2
        + noise.representation_ppm**2
        + noise.background_daily_ppm**2
        + noise.background_hourly_ppm**2
        + (relative * carried) ** 2
    )
    np.testing.assert_allclose(drawn.std(axis=0), expected, rtol=0.07)


def test_the_same_settings_give_the_same_records_in_any_order(records):
    again = made(footprints=fake.both()[::-1], network=fake.NETWORK[::-1])
    assert again.texts == records.texts
    xr.testing.assert_identical(again.truth, records.truth)
    xr.testing.assert_identical(again.truths, records.truths)
    other = made(fake.settings(seed=1))
    assert other.texts["one.csv"] != records.texts["one.csv"]


def test_a_tower_without_footprints_is_refused():
    with pytest.raises(ValueError, match="footprints of ONE for the towers ONE, TWO"):
        made(footprints=fake.both()[:1])


def test_the_registry_reads_what_is_written(records, tmp_path):
    row = load_registry(REGISTRY).stations["SLC1"]
    path = tmp_path / "synthetic_slc1.csv"
    path.write_text(records.texts["one.csv"], encoding="utf-8")
    station = ingest_station(row, [path], None, StationSettings(), GasSettings()).dataset
    found = station["mole_fraction"].values
    np.testing.assert_allclose(
        found[np.isfinite(found)], values(records.texts["one.csv"])[1], rtol=1e-12
    )
    assert station["time"].values[0] == fake.START + 30 * fake.HOUR
    assert station.attrs["synthetic"] == "yes"
    assert unlike_declaration(REGISTRY) == []


def settings_of(**changes):
    parts = {
        "synthetic": None,
        "synthetic_records": fake.settings(),
        "given": {},
        "stations": StationSettings(registry=REGISTRY),
        "time": TimeSettings(batches={"2015-09": None}),
        "transport": TransportSettings(reader="stilt", files=("a.nc",)),
    }
    return SimpleNamespace(**{**parts, **changes})


def test_a_good_configuration_has_no_problem():
    assert check(settings_of()) == []
    assert check(settings_of(synthetic_records=None, transport=None)) == []


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"time": TimeSettings(batches={"2015-09": None, "2015-10": None})}, "time.", "exactly one"),
        ({"transport": None}, "transport.files", "footprints to carry a truth"),
        ({"transport": TransportSettings()}, "transport.files", "footprints to carry a truth"),
        ({"given": {"observations": "a.nc"}}, "given.observations", "none beside"),
        ({"stations": None}, "stations.registry", "stations to make records of"),
        (
            {"stations": StationSettings(registry=REGISTRY, raw_root="raw")},
            "stations.raw_root",
            "nothing",
        ),
        (
            {"stations": StationSettings(registry="config/stations/tacolneston.yaml")},
            "stations.registry",
            "a registry of synthetic stations",
        ),
        (
            {"stations": StationSettings(registry="config/stations/hangzhou_synthetic.yaml")},
            "stations.registry",
            "the reader {",
        ),
    ],
)  # fmt: skip
def test_every_problem_is_named(changes, where, said):
    (problem,) = check(settings_of(**changes))
    assert problem.where.startswith(where)
    assert problem.expected.startswith(said)


def test_a_made_city_beside_made_records_is_a_problem():
    (problem,) = check_records(settings_of(synthetic=SyntheticSettings()))
    assert (problem.where, problem.expected) == ("synthetic_records", "no made city")


def test_a_network_without_inflow_is_a_problem(tmp_path):
    text = Path(REGISTRY).read_text(encoding="utf-8").replace("role: background", "role: tower")
    path = tmp_path / "towers.yaml"
    path.write_text(text, encoding="utf-8")
    (problem,) = check(settings_of(stations=StationSettings(registry=str(path))))
    assert problem.found == "only tower"


def test_all_hours_of_a_tower_are_released(monkeypatch):
    row = load_registry(REGISTRY).stations["SLC2"]
    hours = fake.START + fake.HOUR * np.array([0, 18])
    asked = {}

    def receptor_hours(stations, files, section):
        ((asked["name"], dataset),) = stations.items()
        asked["place"] = (dataset.attrs["longitude"], dataset.attrs["latitude"])
        return {asked["name"]: hours if files else hours[:0]}

    monkeypatch.setattr("workflow.releases.receptor_hours", receptor_hours)
    found = released_hours(row, ["a.nc"], TransportSettings(reader="stilt"))
    assert found["obs_id"].values.tolist() == ["SLC2_20150901T06", "SLC2_20150902T00"]
    assert asked == {"name": "SLC2", "place": (-112.07, 40.54)}
    assert float(found["inlet_height"].item()) == 5.0
    with pytest.raises(ValueError, match=r"got none for SLC2 at -112.07, 40.54, 5 m among 0 files"):
        released_hours(row, [], TransportSettings(reader="stilt"))

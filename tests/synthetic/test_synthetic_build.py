"""The whole city in small: files, determinism, order of stations, sums, clocks, checks."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from synthetic_fakes import SECTORS

from contracts.settings.stations import StationSettings
from contracts.settings.synthetic import DriftSettings, SyntheticSettings
from contracts.settings.time import BatchSettings, TimeSettings
from synthetic.build import make_city, plan_city
from synthetic.check import check
from synthetic.city import _points
from synthetic.hours import make_timeline
from synthetic.places import Spot
from synthetic.signals import hourly_flux
from synthetic.tables import region_rates
from synthetic.weather import make_weather

THREE_DAYS = {"short": BatchSettings(start="2025-06-01T16:00", end="2025-06-04T16:00")}
KEPT = ("DMS", "SCM", "TLU", "XIH")


def small_registry(path, registry, names):
    """Write a registry of few stations in the given order."""
    from ruamel.yaml import YAML

    table = YAML(typ="safe").load(registry)
    table["stations"] = {name: table["stations"][name] for name in names}
    with path.open("w") as stream:
        YAML().dump(table, stream)
    return str(path)


@pytest.fixture
def small(settings_of, tmp_path):
    text = open(settings_of().stations.registry).read()  # noqa: SIM115

    def build(order=KEPT, **changes):
        path = small_registry(tmp_path / f"{'_'.join(order)}.yaml", text, order)
        parts = {
            "time": TimeSettings(batches=THREE_DAYS),
            "stations": StationSettings(registry=path),
        }
        return settings_of(**{**parts, **changes})

    return build


def test_same_settings_same_bytes_whatever_the_order_of_stations(small, tmp_path):
    quick = SyntheticSettings(draws=2, lead_days=2, plume={"window_hours": 6})
    one = make_city(small(synthetic=quick), tmp_path / "one")
    two = make_city(small(order=KEPT[::-1], synthetic=quick), tmp_path / "two")
    assert [p.name for p in one] == [p.name for p in two]
    assert len(one) == len(KEPT) + 6
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
    check_files(tmp_path / "one")


def check_files(out):
    """Check what the files of a small city say."""
    for name in ("weather.nc", "proxies.nc", "truth.nc", "truths.nc"):
        with xr.open_dataset(out / name) as ds:
            assert "SYNTHETIC" in ds.attrs["title"]
            assert ds.attrs["synthetic"] == "yes"
    with xr.open_dataset(out / "weather.nc") as ds:
        assert ds.time.values[0] == np.datetime64("2025-05-30T16:00")
        assert ds.time.values[-1] >= np.datetime64("2025-06-04T16:00")
    truths, truth = (xr.load_dataset(out / f"{n}.nc") for n in ("truths", "truth"))
    assert list(truths.receptor.values) == ["TLU", "XIH"]
    assert truths.sizes["time"] == 15
    assert truths.time.values[0] == np.datetime64("2025-06-02T04:00")
    assert np.isfinite(truths.mole_fraction.values).all()
    for total, axis in ((truths.true_total, "sector"), (truth.true_total, "total_sector")):
        counted = total.sel({axis: list(SECTORS[:5])}).sum(axis)
        np.testing.assert_allclose(counted, total.sel({axis: "all"}), rtol=1e-12)
        districts = [r for r in total.region.values if r.startswith("33")]
        np.testing.assert_allclose(
            total.sel(region=districts).sum("region"), total.sel(region="all"), rtol=1e-12
        )
    in_batch = truth.period_in_batch.values == 1
    assert in_batch.tolist() == [False, True, True, True]
    mean = truth.flux.values[:, in_batch].mean(axis=1)
    outside_and_city = truth.true_total.sel(region=["all", "outside"]).sum("region").values[:7]
    mass = (mean * truth.cell_area.values).sum(axis=(1, 2)) * 0.0440095e-6
    np.testing.assert_allclose(mass, outside_and_city, rtol=1e-9)


def test_inventory_table_sums_to_the_annual_total(small, tmp_path):
    plan = plan_city(small())
    whole = sum(v for (region, _), v in plan.totals.items() if region != "outside")
    assert whole == pytest.approx(55e6 * 3 / 365, rel=1e-4)
    rates = region_rates(plan.scene.prior.flux, plan.city)
    expected = [
        sum(v for (r, s), v in plan.totals.items() if r != "outside" and s == sector)
        for sector in SECTORS[:5]
    ]
    np.testing.assert_allclose(rates[:5, 0], np.array(expected) * 1000 / (3 * 86400.0), rtol=2e-3)
    from synthetic.tables import COLUMNS, inventory_rows

    rows = inventory_rows(plan.totals, *plan.dates)
    assert plan.dates == ("2025-06-02", "2025-06-05")
    assert list(rows[0]) == COLUMNS
    assert len(rows) == 14 * 5
    assert csv.DictReader([",".join(COLUMNS)]).fieldnames == COLUMNS


def test_people_and_forest_are_as_stated(small):
    city = plan_city(small()).city
    inside = 1.0 - city.fraction[-1]
    assert (city.proxies["population"] * inside).sum() == pytest.approx(12.5e6)
    area = inside * city.grid.cell_area
    assert (city.proxies["forest_fraction"] * area).sum() / area.sum() == pytest.approx(0.65)


def test_a_grid_without_the_places_is_refused(grid):
    spots = (Spot(5000.0, 3000.0, 2.0), Spot(5000.0, 3500.0, 1.0))  # metres on the plain grid
    assert _points(grid, spots)[21, 26] == 3.0
    with pytest.raises(ValueError, match=r"must hold all places .* got .*9000000000"):
        _points(grid, (*spots, Spot(120.0, 9e9, 1.0)))


def test_a_pulse_in_the_profile_lies_at_its_local_hour(family, scene):
    flux = hourly_flux(family.draw("clock"), scene)
    gpp_alone = scene.rhythm.factor(np.arange(len(scene.timeline.hour_start)))[5]
    noon = (scene.timeline.hour_start + np.timedelta64(8, "h")).astype("datetime64[h]")
    local = noon.astype(int) % 24
    assert set(local[gpp_alone == gpp_alone.max()]) == {12}
    assert (gpp_alone[local < 6] == 0).all()
    assert flux.shape[0] == len(local)


def test_weekdays_are_local_and_rhythm_has_mean_one(scene):
    assert scene.timeline.weekday[scene.timeline.in_batch][0] == 1  # 2025-06-03, a Tuesday
    batch = scene.rhythm.day[:, scene.timeline.in_batch]
    np.testing.assert_allclose(batch.mean(axis=1), 1.0)
    np.testing.assert_allclose(scene.rhythm.hourly.mean(axis=1), 1.0)


def test_weather_turns_through_all_sectors_within_its_limits():
    weather = make_weather(36, 20250601)
    towards = np.arctan2(weather.eastward[:, 1], weather.northward[:, 1])
    sector = np.floor((np.rad2deg(towards) % 360) / 45).astype(int)
    assert (np.bincount(sector, minlength=8) > 0).all()
    speed = np.hypot(weather.eastward[:, 1], weather.northward[:, 1])
    assert speed.min() >= 2.0
    assert speed.max() <= 6.0
    afternoon = weather.mixing_height[14::24]
    assert afternoon.min() >= 900.0
    assert afternoon.max() <= 1500.0
    assert afternoon.std() > 50.0
    assert (weather.mixing_height[3::24] == 200.0).all()


def test_days_that_are_no_local_days_are_refused():
    start = np.array(["2025-06-01T16:00", "2025-06-02T16:00"], "datetime64[ns]")
    bounds = np.stack([start, start + np.timedelta64(20, "h")], axis=1)
    with pytest.raises(ValueError, match=r"whole local days of 24 h; got a period of 20.0 h"):
        make_timeline(bounds, np.array([0, 1]), 2, 8.0)


def test_two_batches_are_refused(settings_of):
    two = TimeSettings(batches={"2025-06": None, "2025-07": None})
    with pytest.raises(ValueError, match=r"one batch; got batches \['2025-06', '2025-07'\]"):
        plan_city(settings_of(time=two))


def test_good_settings_have_no_problems(settings_of):
    assert check(settings_of()) == []
    assert check(SimpleNamespace(synthetic=None, synthetic_records=None)) == []


def test_check_finds_each_problem(settings_of, tmp_path):
    def places(**changes):
        return [problem.where for problem in check(settings_of(**changes))]

    two = TimeSettings(batches={"2025-06": None, "2025-07": None})
    assert places(time=two) == ["time.batches"]
    odd = {"x": BatchSettings(start="2025-06-01T10:00", end="2025-06-04T16:00")}
    assert places(time=TimeSettings(batches=odd)) == ["time.batches"]
    assert places(inventories=SimpleNamespace(sectors={"power": None})) == ["inventories.sectors"]
    shares = SyntheticSettings(annual_share={"power": 1.0})
    assert places(synthetic=shares) == ["synthetic.annual_share"]
    one = SyntheticSettings().family.model_copy(update={"spreads": {}})
    assert places(synthetic=SyntheticSettings().model_copy(update={"family": one})) == [
        "synthetic.family.spreads"
    ]
    stranger = SyntheticSettings(drifting={"ZZZ": DriftSettings(ppm_per_30_days=1.0)})
    assert places(synthetic=stranger) == ["synthetic.drifting"]
    missing = StationSettings(registry=str(tmp_path / "none.yaml"))
    assert places(stations=missing) == ["stations.registry"]
    domain = settings_of().regions.model_copy(update={"source": "domain"})
    assert places(regions=domain) == ["grid.source"]


def test_check_wants_a_background_and_a_healthy_tower(small):
    lonely = SyntheticSettings(drifting={})
    found = check(small(order=("TLU", "XIH"), synthetic=lonely))
    assert [p.where for p in found] == ["stations.registry"]

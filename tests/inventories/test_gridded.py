"""Gridded fluxes: conserved sums, declared repetition, and the real case where it is."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from inventories_fakes import TIME, batch_totals

from contracts.grid import Grid, grid_of_box
from contracts.periods import batch_period
from contracts.settings.errors import PriorErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.grid import GridSettings
from contracts.settings.inventories import GriddedSettings, InventorySettings
from contracts.settings.regions import RegionSettings
from contracts.settings.time import TimeSettings
from inventories.inputs import PriorInputs, input_files
from inventories.prior import build_prior
from inventories.readers.gridded_flux import read_gridded_flux
from inventories.regrid import edges_of_centres, overlap_means

CASES = Path(__file__).parents[3] / "shared/data/cases"
CASE = CASES / "tacolneston"
needs_real = pytest.mark.skipif(not CASE.is_dir(), reason="the shared data folder is absent")
ON = Grid("EPSG:4326", np.arange(50.0, 52.1, 0.5), np.arange(0.0, 2.1, 0.5))
DAYS = np.array([["2018-01-01", "2018-01-02"]], "datetime64[ns]")


def flux_file(path, step=0.5, hours=24, unit="mol/m2/s", change=lambda ds: ds):
    lat = np.arange(49.0 + step / 2, 53.0, step, dtype=np.float32)
    lon = np.arange(-1.0 + step / 2, 3.0, step, dtype=np.float32)
    values = np.random.default_rng(3).random((len(lat), len(lon), hours)) * 1e-6
    dataset = xr.Dataset(
        {"flux": (("lat", "lon", "time"), values, {"units": unit})},
        coords={
            "lat": lat,
            "lon": lon,
            "time": np.datetime64("2018-01-01", "ns") + np.arange(hours) * np.timedelta64(1, "h"),
        },
    )
    change(dataset).to_netcdf(path)
    return path


def test_the_same_lattice_is_only_selected(tmp_path):
    path = flux_file(tmp_path / "f.nc")
    found = read_gridded_flux(path, GriddedSettings(file="f.nc"), ON, DAYS)
    source = xr.open_dataset(path)["flux"].mean("time").to_numpy()[2:6, 2:6] * 1e6
    np.testing.assert_allclose(found.flux[0], source, rtol=1e-12)
    assert "same lattice" in found.note
    assert found.covers_batch


def test_another_lattice_conserves_sums(tmp_path):
    path = flux_file(tmp_path / "f.nc", step=0.4)
    rng = np.random.default_rng(1)
    fine = (np.linspace(49, 53, 11), np.linspace(-1, 3, 11))
    target = (np.array([49.0, 49.7, 51.3, 53.0]), np.array([-1.0, 0.55, 3.0]))
    field = rng.random((10, 10))
    means, how = overlap_means(field, fine, target, "x")
    assert how == "regridded by conserved sums"

    def belt(edges):
        """Return the areas of belts between parallels per radian, by the midpoint rule."""
        f = 1 / 298.257223563
        fine = np.deg2rad(np.linspace(edges[:-1], edges[1:], 2001))
        middle = 0.5 * (fine[1:] + fine[:-1])
        squared = f * (2 - f)
        ring = np.cos(middle) * (1 - squared) / (1 - squared * np.sin(middle) ** 2) ** 2
        return (ring * np.diff(fine, axis=0)).sum(axis=0)

    def amount(values, edges):
        return (values * np.outer(belt(edges[0]), np.diff(edges[1]))).sum()

    np.testing.assert_allclose(amount(means, target), amount(field, fine), rtol=1e-9)
    found = read_gridded_flux(path, GriddedSettings(file="f.nc"), ON, DAYS)
    assert "conserved sums" in found.note


def test_nested_cells_are_summed_and_said(tmp_path):
    path = flux_file(tmp_path / "f.nc", step=0.1)
    found = read_gridded_flux(path, GriddedSettings(file="f.nc"), ON, DAYS)
    assert "5 x 5 cells each, by conserved sums" in found.note
    fine = xr.open_dataset(path)["flux"].mean("time").to_numpy()[10:30, 10:30] * 1e6
    area = Grid("EPSG:4326", 50 + 0.1 * np.arange(21), 0.1 * np.arange(21)).cell_area
    blocks = (fine * area).reshape(4, 5, 4, 5).sum(axis=(1, 3))
    # areas of cells half a degree wide, as polygons of geodesics, are off by 1e-8
    np.testing.assert_allclose(found.flux[0] * ON.cell_area, blocks, rtol=3e-8)


def snapshot(ds):
    return ds.isel(time=0, drop=True)


def test_a_snapshot_stands_for_every_period_and_says_so(tmp_path):
    path = flux_file(tmp_path / "f.nc", change=snapshot)
    days = np.concatenate([DAYS, DAYS + np.timedelta64(1, "D")])
    found = read_gridded_flux(path, GriddedSettings(file="f", repeat="snapshot"), ON, days)
    source = xr.open_dataset(path)["flux"].to_numpy()[2:6, 2:6] * 1e6
    np.testing.assert_allclose(found.flux, np.stack([source, source]), rtol=1e-12)
    assert not found.covers_batch
    assert "repeat snapshot, without time, one field for every period" in found.note
    with pytest.raises(ValueError, match=r"got no time in f.nc.* declare repeat: snapshot"):
        read_gridded_flux(path, GriddedSettings(file="f"), ON, DAYS)
    timed = flux_file(tmp_path / "g.nc")
    with pytest.raises(
        ValueError, match="dimensions lat, lon for repeat: snapshot; got lat, lon, "
    ):
        read_gridded_flux(timed, GriddedSettings(file="g", repeat="snapshot"), ON, DAYS)


def test_a_unit_is_declared_and_recorded(tmp_path):
    strange = flux_file(tmp_path / "f.nc", unit="mol m-2 s-1 (inferred)")
    declared = GriddedSettings(file="f", unit="mol m-2 s-1")
    found = read_gridded_flux(strange, declared, ON, DAYS)
    known = read_gridded_flux(flux_file(tmp_path / "g.nc"), GriddedSettings(file="g"), ON, DAYS)
    np.testing.assert_array_equal(found.flux, known.flux)
    assert "unit mol m-2 s-1 declared, the file says 'mol m-2 s-1 (inferred)'" in found.note
    assert "declared" not in known.note
    same = read_gridded_flux(tmp_path / "g.nc", declared, ON, DAYS)
    assert "unit mol m-2 s-1 declared and in the file" in same.note
    with pytest.raises(ValueError, match="must not contradict a file's known one; got 'umol m-2"):
        read_gridded_flux(
            tmp_path / "g.nc", GriddedSettings(file="g", unit="umol m-2 s-1"), ON, DAYS
        )
    with pytest.raises(ValueError, match="unit of a flux must be one of"):
        read_gridded_flux(strange, GriddedSettings(file="f", unit="g m-2 d-1"), ON, DAYS)


def test_repetition_is_declared_or_refused(tmp_path):
    path = flux_file(tmp_path / "f.nc")
    later = DAYS + np.timedelta64(30, "D")
    with pytest.raises(ValueError, match=r"flux must cover 2018-01-31.* got slots from 2018-01-01"):
        read_gridded_flux(path, GriddedSettings(file="f"), ON, later)
    two = {"start": "2018-01-01T00:00", "end": "2018-01-01T02:00"}
    constant = GriddedSettings(file="f", repeat="constant", **two)
    found = read_gridded_flux(path, constant, ON, later)
    source = xr.open_dataset(path)["flux"].to_numpy()[2:6, 2:6] * 1e6
    np.testing.assert_allclose(found.flux[0], source[..., :2].mean(axis=-1), rtol=1e-12)
    assert not found.covers_batch
    mean = read_gridded_flux(path, GriddedSettings(file="f", repeat="mean"), ON, later)
    np.testing.assert_allclose(mean.flux[0], source.mean(axis=-1), rtol=1e-12)
    with pytest.raises(ValueError, match="start and end must be given for repeat: constant"):
        GriddedSettings(file="f", repeat="constant")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ds: ds.rename(flux="fossil"), "must hold flux, lat, lon and time; got no flux"),
        (lambda ds: ds.isel(time=[0]), "at least two, evenly spaced and ascending; got 1"),
        (lambda ds: ds.isel(lat=slice(4, None)), "must cover the run's grid; got 51.000"),
        (lambda ds: ds.where(ds["lat"] > 50), "finite; got 384 other values"),
        (lambda ds: ds.isel(lon=[0, 1, 3]), "centres must ascend evenly"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, change, message):
    path = flux_file(tmp_path / "f.nc", change=change)
    with pytest.raises(ValueError, match=message):
        read_gridded_flux(path, GriddedSettings(file="f"), ON, DAYS)


def test_other_units_and_projected_grids_are_refused(tmp_path):
    path = flux_file(tmp_path / "f.nc", unit="kg m-2 s-1")
    with pytest.raises(ValueError, match="unit of a flux must be one of"):
        read_gridded_flux(path, GriddedSettings(file="f"), ON, DAYS)
    path = flux_file(tmp_path / "g.nc")
    metres = Grid("EPSG:4549", [0, 1e3], [0, 1e3])
    with pytest.raises(ValueError, match="must meet a geographic grid"):
        read_gridded_flux(path, GriddedSettings(file="g"), metres, DAYS)


def test_edges_need_two_centres():
    with pytest.raises(ValueError, match="centres must ascend evenly"):
        edges_of_centres(np.array([1.0]), "here")


@needs_real
@pytest.mark.realdata
def test_real_fluxes_of_east_anglia_become_a_prior():
    time = TimeSettings.model_validate(
        {
            **TIME,
            "utc_offset_hours": 0,
            "batches": {"j": {"start": "2014-07-01", "end": "2014-07-04"}},
        }
    )
    first = {"repeat": "constant", "start": "2018-01-01T00:00", "end": "2018-01-01T02:00"}
    fossil = {"gridded": {"file": "co2-edgar-ff-1hr_EUROPE_2018.nc", **first}}
    soil = {"file": "co2-rtot-cardamom-2hr_TEST_2014.nc"}
    section = InventorySettings.model_validate(
        {"sectors": {"fossil": fossil, "respiration": {"kind": "biosphere", "gridded": soil}}}
    )
    lat = 51.211 + 0.234 * (np.arange(13) - 0.5)
    lon = -0.396 + 0.352 * (np.arange(13) - 0.5)
    result = build_prior(
        PriorInputs(
            grid=Grid("EPSG:4326", lat, lon),
            regions=None,
            place=RegionSettings(name="East Anglia", name_local="East Anglia"),
            batch=batch_period(time, "j"),
            time=time,
            section=section,
            gas=GasSettings(),
            errors_prior=PriorErrorSettings(),
            files=input_files(section, lambda name: CASE / name),
        )
    )
    prior, inventory = result.prior, result.inventory
    assert "same lattice" in prior.attrs["sources"]
    assert prior.attrs["synthetic"] == "no"
    assert inventory.attrs["period_like"] == "no"
    assert inventory["region"].to_numpy().tolist() == ["domain", "all"]
    assert np.isnan(inventory["standard_deviation"].to_numpy()).all()
    with xr.open_dataset(CASE / "co2-edgar-ff-1hr_EUROPE_2018.nc") as raw:
        part = raw["flux"].mean("time").to_numpy()[47:59, 55:67].astype(float) * 1e6
    np.testing.assert_allclose(prior["flux"].to_numpy()[0, 1], part, rtol=1e-6)
    totals = batch_totals(prior)[:, 0]
    np.testing.assert_allclose(inventory["total"].to_numpy()[0, 0, 0], totals[0], rtol=1e-9)
    assert [str(s) for s in result.prior_covariance["declared_sector"].to_numpy()] == [
        "all",
        "respiration",
    ]


@needs_real
@pytest.mark.realdata
def test_real_sectors_of_salt_lake_city_keep_their_totals():
    time = TimeSettings.model_validate(
        {
            "utc_offset_hours": -6,
            "batches": {"s": {"start": "2015-09-02T06:00", "end": "2015-09-05T06:00"}},
        }
    )
    names = ("airport", "com", "compoint", "elec", "ind", "nonroad", "onroad", "railroad", "res")
    file = "salt_lake_city/hestia/hestia_slc_sectors.nc"
    gridded = {"file": file, "repeat": "snapshot", "unit": "umol m-2 s-1"}
    section = InventorySettings.model_validate(
        {"sectors": {name: {"gridded": {**gridded, "variable": name}} for name in names}}
    )
    corner = {"source": "box", "west_degrees": -112.3, "south_degrees": 40.4}
    box = GridSettings(**corner, cell_size_degrees=0.01, columns=78, rows=55)
    result = build_prior(
        PriorInputs(
            grid=grid_of_box(box),
            regions=None,
            place=RegionSettings(name="Salt Lake City", name_local="Salt Lake City"),
            batch=batch_period(time, "s"),
            time=time,
            section=section,
            gas=GasSettings(),
            errors_prior=PriorErrorSettings(),
            files=input_files(section, lambda name: CASES / name),
        )
    )
    assert result.prior.attrs["sources"].count("5 x 5 cells each, by conserved sums") == 9
    assert result.prior.attrs["sources"].count("unit umol m-2 s-1 declared, the file says") == 9
    assert result.inventory.attrs["period_like"] == "no"
    fine = GridSettings(**corner, cell_size_degrees=0.002, columns=390, rows=275)
    with xr.open_dataset(CASES / file) as raw:
        mass = [raw[name].to_numpy().astype(float) * 44.0095e-9 for name in names]
    expected = [(field * grid_of_box(fine).cell_area).sum() for field in mass]
    totals = batch_totals(result.prior)[:, 0]
    np.testing.assert_allclose(totals, expected, rtol=1e-9)
    np.testing.assert_allclose(totals.sum() * 365.25 * 86400 / 1e9, 11.4, atol=0.05)

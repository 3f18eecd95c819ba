"""Exchange files, opened again: equal to the netCDF, in the right place, marked, and the same bytes twice."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import rasterio.warp
import report_fakes as fakes
import shapely
import xarray as xr
from pyproj import Geod, Transformer

from report.exchange import ExchangeBatch, geopackage, write_exchange
from report.exchange.libraries import library

GAS = SimpleNamespace(name="CO2")
BANDS = {
    1: "mean_flux_prior",
    2: "mean_flux",
    3: "mean_flux_standard_deviation",
    4: "information",
}
HALF = np.timedelta64(2, "D")


def contracted(batch):
    """Return a fake batch with what the contracts hold beside the fakes' fields."""
    posterior, bounds = batch.posterior, batch.prior["period_bounds"].values
    used = batch.prior["period_in_batch"].values == 1
    span = np.array([bounds[used].min(), bounds[used].max()])
    number = posterior.sizes["total"]
    reduction = posterior["total_prior_covariance"] - posterior["total_covariance"]
    information = posterior["information"].copy()
    information[1, 0, 0] = np.nan
    posterior = posterior.assign(
        period_in_batch=("period", used.astype("int8")),
        total_interval=("total", np.full(number, "", object)),
        total_bounds=(("total", "bounds"), np.tile(span, (number, 1))),
        total_covariance_reduction=(("total", "total_2"), reduction.values),
        information=information,
    ).assign_attrs(provenance='{"code":"c","inputs":{},"settings":"s"}')
    verdicts = batch.reconciliation
    dim = verdicts["row_id"].dims[0]
    times = {
        f"period_{end}": (dim, np.full(verdicts.sizes[dim], time))
        for end, time in zip(("start", "end"), span, strict=True)
    }
    return ExchangeBatch(batch.name, posterior, batch.prior, verdicts.assign(times))


def city_batches():
    city = fakes.hangzhou(cell=16000.0, days=4)
    starts = {"2026-01": "2026-01-01", "2026-02": "2026-02-01"}
    batches = [contracted(fakes.fake_batch(city, name, day)) for name, day in starts.items()]
    return city, batches


def write_city(folder):
    city, batches = city_batches()
    return write_exchange(batches, city.regions, "fake", GAS, folder)


def table(path):
    with Path(path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def index_of(folder):
    return {row["file"] or row["what"]: row for row in table(folder / "index.csv")}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    written = write_city(folder)
    return SimpleNamespace(folder=folder, written=written, batches=city_batches()[1])


def tower_batch():
    return contracted(fakes.fake_batch(fakes.tacolneston(days=3), "2014-07", "2014-07-01"))


@pytest.fixture(scope="module")
def tower(tmp_path_factory):
    folder, batch = tmp_path_factory.mktemp("tower"), tower_batch()
    written = write_exchange([batch], None, "tower", GAS, folder)
    return SimpleNamespace(folder=folder, written=written, batches=[batch])


# --- GeoTIFF ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["city", "tower"])
def test_rasters_equal_the_netcdf_where_the_netcdf_has_them(case, request):
    """Value by place: netCDF centre -> degrees (pyproj) -> the raster's own CRS and pixel (GDAL)."""
    made = request.getfixturevalue(case)
    for batch in made.batches:
        data = batch.posterior
        rows, columns = (data[dim].values for dim in data["mean_flux"].dims[1:])
        to_degrees = Transformer.from_crs(data.attrs["grid_crs"], "EPSG:4326", always_xy=True)
        longitude, latitude = to_degrees.transform(*np.meshgrid(columns, rows))
        for place, sector in enumerate(data["map_sector"].values):
            with rasterio.open(made.folder / f"{batch.name}_{sector}.tif") as tif:
                assert tif.crs.to_string() == data.attrs["grid_crs"]
                assert tif.transform.e < 0.0 < tif.transform.a
                east, north = rasterio.warp.transform(
                    "EPSG:4326", tif.crs, longitude.ravel(), latitude.ravel()
                )
                down, across = rasterio.transform.rowcol(tif.transform, east, north)
                centre = np.array(rasterio.transform.xy(tif.transform, down, across))
                cell = tif.transform.a
                np.testing.assert_allclose(centre, [east, north], rtol=0, atol=1e-6 * cell)
                assert len(set(zip(down, across, strict=True))) == tif.width * tif.height
                for number, name in BANDS.items():
                    seen = tif.read(number)[down, across].reshape(data[name].shape[1:])
                    np.testing.assert_array_equal(seen, data[name].values[place])


def test_rasters_are_float64_with_nan_for_no_information(city):
    with rasterio.open(city.folder / "2026-01_industry.tif") as tif:
        assert set(tif.dtypes) == {"float64"}
        assert np.isnan(tif.nodata)
        missing = np.isnan(tif.read(4))
        assert missing.sum() == 1
        assert missing[-1, 0]  # the netCDF's first row is the southern one
        assert not np.isnan(tif.read([1, 2, 3])).any()


def test_rasters_say_what_they_are(city, tower):
    with rasterio.open(city.folder / "2026-01_all.tif") as tif:
        tags = tif.tags()
        assert all(text.startswith("SYNTHETIC ") for text in tif.descriptions)
        assert tif.units == ("umol m-2 s-1",) * 3 + ("1",)
    content = json.loads(city.batches[0].posterior.attrs["provenance"])
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    expected = {
        "run": "fake",
        "batch": "2026-01",
        "sector": "all",
        "gas": "CO2",
        "unit": "umol m-2 s-1",
        "synthetic": "yes",
        "period_start": "2026-01-02T00:00:00Z",
        "period_end": "2026-01-05T00:00:00Z",
        "reduced_chi_square": "1.06",
        "posterior": hashlib.sha256(text.encode()).hexdigest(),
    }
    assert {key: tags[key] for key in expected} == expected
    with rasterio.open(tower.folder / "2014-07_net.tif") as tif:
        assert not [text for text in tif.descriptions if "SYNTHETIC" in text]
        assert tif.tags()["synthetic"] == "no"


def test_cells_of_unequal_size_are_left_out_and_told(tmp_path):
    batch = tower_batch()
    bounds = batch.posterior["latitude_bounds"].values.copy()
    bounds[-1, 1] += 0.1
    uneven = batch.posterior.assign(latitude_bounds=(("latitude", "bounds"), bounds))
    written = write_exchange([replace(batch, posterior=uneven)], None, "tower", GAS, tmp_path)
    assert not [path for path in written if path.suffix == ".tif"]
    told = [row for row in table(tmp_path / "index.csv") if "cells of one size" in row["what"]]
    assert [row["kind"] for row in told] == ["left out"]


def test_a_name_that_no_file_can_have_is_written_in_another_way(tmp_path):
    batch = tower_batch()
    names = batch.posterior["map_sector"].values.copy()
    names[0] = "on road/rail"
    renamed = replace(batch, posterior=batch.posterior.assign_coords(map_sector=names))
    write_exchange([renamed], None, "tower", GAS, tmp_path)
    with rasterio.open(tmp_path / "2014-07_on%20road%2Frail.tif") as tif:
        assert tif.tags()["sector"] == "on road/rail"


# --- tidy CSV --------------------------------------------------------------------------------


def test_totals_are_the_posteriors_in_tonnes(city):
    rows = table(city.folder / "totals.csv")
    data = city.batches[0].posterior
    assert len(rows) == 2 * data.sizes["total"]
    seconds = 3 * 86400.0
    for place, row in enumerate(rows[: data.sizes["total"]]):
        assert row["region"] == data["total_region"].values[place]
        assert row["sector"] == data["total_sector"].values[place]
        assert row["interval"] == row["batch"] == "2026-01"
        before, after = (
            data[name].values[place, place]
            for name in ("total_prior_covariance", "total_covariance")
        )
        expected = {
            "prior": data["total_prior"].values[place] * seconds / 1e3,
            "prior_sd": before**0.5 * seconds / 1e3,
            "posterior": data["total"].values[place] * seconds / 1e3,
            "posterior_sd": after**0.5 * seconds / 1e3,
            "information": 1.0 - after / before,
        }
        for name, value in expected.items():
            assert float(row[name]) == pytest.approx(value, rel=1e-12, abs=1e-12), (row, name)
        assert (row["unit"], row["gas"], row["synthetic"]) == ("t", "CO2", "yes")


def test_totals_carry_names_and_verdicts(city):
    rows = {(r["batch"], r["region"], r["sector"]): r for r in table(city.folder / "totals.csv")}
    judged = city.batches[1].reconciliation
    for region, sector, verdict in zip(
        *(judged[name].values for name in ("region", "sector", "verdict")), strict=True
    ):
        assert rows[("2026-02", region, sector)]["verdict"] == verdict
    said = [row for row in rows.values() if row["verdict"]]
    assert len(said) == 2 * judged["row_id"].size
    assert rows[("2026-01", "330106", "all")]["region_name_local"] == "西湖区"
    assert rows[("2026-01", "all", "all")]["region_name"] == "Hangzhou"


def test_series_adds_up_to_the_rates(city):
    rows = table(city.folder / "series.csv")
    data = city.batches[0].posterior
    assert len(rows) == 2 * 2 * 4
    assert [row["in_batch"] for row in rows[:4]] == ["no", "yes", "yes", "yes"]
    assert rows[0]["period_start"] == "2026-01-01T00:00:00Z"
    mine = [row for row in rows if row["batch"] == "2026-01" and row["sector"] == "net"]
    seen = [float(row["posterior"]) for row in mine]
    np.testing.assert_allclose(seen, data["daily_total"].values[1] * 86.4, rtol=1e-12)
    seen = [float(row["prior_sd"]) for row in mine]
    expected = data["daily_total_prior_standard_deviation"].values[1] * 86.4
    np.testing.assert_allclose(seen, expected, rtol=1e-12)


def test_index_lists_every_file_with_its_hash(city):
    index = index_of(city.folder)
    on_disk = sorted(path.name for path in city.folder.iterdir())
    assert sorted(path.name for path in city.written) == on_disk
    assert sorted(name for name, row in index.items() if row["file"]) == sorted(
        set(on_disk) - {"index.csv"}
    )
    for name in set(on_disk) - {"index.csv"}:
        expected = hashlib.sha256((city.folder / name).read_bytes()).hexdigest()
        assert index[name]["sha256"] == expected
        assert "SYNTHETIC" in index[name]["what"]
    assert index["2026-01_all.tif"]["bands"].split("; ")[1] == "posterior"


# --- GeoPackage ------------------------------------------------------------------------------


def test_geopackage_has_regions_and_totals_in_degrees(city):
    path = city.folder / "fake.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == ["regions", "totals"]
    regions = geopandas.read_file(path, layer="regions")
    assert regions.crs == "EPSG:4326"
    source = fakes.box_regions()
    assert regions["region"].tolist() == [*source.codes, "all"]
    assert regions["region_name"].tolist() == [*source.names, "Hangzhou"]
    for polygon, found in zip(source.polygons, regions.geometry, strict=False):
        assert found.equals(polygon)
    geod = Geod(ellps="WGS84")
    fine = shapely.segmentize(regions.geometry.values, 0.01)  # so that geodesics follow the edges
    area = [abs(geod.geometry_area_perimeter(shape)[0]) for shape in fine]
    assert sum(area[:-1]) == pytest.approx(area[-1], rel=1e-7)
    flat = regions.geometry.apply(lambda shape: shape.area)
    assert flat.iloc[:-1].sum() == pytest.approx(flat.iloc[-1], rel=1e-12)


def test_geopackage_totals_equal_the_table(city):
    totals = geopandas.read_file(city.folder / "fake.gpkg", layer="totals")
    rows = [row for row in table(city.folder / "totals.csv") if row["region"] != "outside"]
    assert len(totals) == len(rows)
    for name in ("prior", "prior_sd", "posterior", "posterior_sd", "information"):
        np.testing.assert_array_equal(totals[name], [float(row[name]) for row in rows])
    for name in ("region", "sector", "interval", "unit", "synthetic"):
        assert totals[name].tolist() == [row[name] for row in rows]
    assert totals["verdict"].fillna("").tolist() == [row["verdict"] for row in rows]
    start = pd.to_datetime([row["period_start"] for row in rows], utc=True)
    assert pd.to_datetime(totals["period_start"], utc=True).tolist() == start.tolist()
    by_code = dict(zip(fakes.box_regions().codes, fakes.box_regions().polygons, strict=True))
    for code, shape in zip(totals["region"], totals.geometry, strict=True):
        assert code == "all" or shape.equals(by_code[code])
    assert "SYNTHETIC" in index_of(city.folder)["fake.gpkg"]["what"]


def test_many_rows_become_a_table_without_polygons(tmp_path, monkeypatch):
    monkeypatch.setattr(geopackage, "ROWS_WITH_GEOMETRY", 3)
    write_city(tmp_path)
    totals = pyogrio.read_dataframe(tmp_path / "fake.gpkg", layer="totals")
    assert "geometry" not in totals
    regions = geopandas.read_file(tmp_path / "fake.gpkg", layer="regions")
    assert set(totals["region"]) == set(regions["region"])


def test_a_domain_has_no_polygons_and_says_so(tower):
    assert not list(tower.folder.glob("*.gpkg"))
    told = [row for row in table(tower.folder / "index.csv") if row["kind"] == "left out"]
    assert [row["what"].split(" regions")[0] for row in told] == ["outlines of 2 of 2"]


# --- a state of regions ----------------------------------------------------------------------

BOXES = {"n1": (170.0, -40.0, 175.0, -35.0), "s1": (167.0, -46.0, 172.0, -41.0)}


def region_batch(outlines):
    """Return a batch whose state is three regions, two groups and one further interval."""
    regions = ["n1", "s1", "ocean1"]
    bounds = fakes.period_bounds("2011-01-01", 4)
    names = ("n1", "s1", "ocean1", "all", "land", "half")
    keys = [(region, part) for part in ("", "first") for region in names]
    span = {"": (bounds[0, 0], bounds[-1, 1]), "first": (bounds[0, 0], bounds[0, 0] + HALF)}
    number = np.arange(1.0, len(keys) + 1)
    posterior = xr.Dataset(
        {
            "period_bounds": (("period", "bounds"), bounds),
            "period_in_batch": ("period", np.ones(4, "int8")),
            "mean_flux": (("map_sector", "region"), np.ones((1, 3))),
            "total_region": ("total", np.array([key[0] for key in keys], object)),
            "total_sector": ("total", np.full(len(keys), "all", object)),
            "total_interval": ("total", np.array([key[1] for key in keys], object)),
            "total_bounds": (("total", "bounds"), np.array([span[key[1]] for key in keys])),
            "total": ("total", -number),
            "total_prior": ("total", number),
            "total_covariance": (("total", "total_2"), np.diag(number) * 0.25),
            "total_prior_covariance": (("total", "total_2"), np.diag(number)),
            "total_covariance_reduction": (("total", "total_2"), np.diag(number) * 0.75),
            **{
                f"daily_total{end}": (("daily_sector", "period"), np.ones((1, 4)))
                for end in ("", "_prior", "_standard_deviation", "_prior_standard_deviation")
            },
        },
        coords={"daily_sector": np.array(["all"], object), "map_sector": ["all"]},
        attrs={"synthetic": "no", "reduced_chi_square": 1.0},
    )
    prior = xr.Dataset(
        {
            "region": ("region", np.array(regions, object)),
            "region_name": ("region", np.array(["North", "South", "Sea"], object)),
            "region_name_local": ("region", np.array(["Te Ika", "Te Wai", "Moana"], object)),
            "region_inside": ("region", np.array([1, 1, 0], "int8")),
            "region_outline": ("region", np.array(outlines, object)),
            "group": ("group", np.array(["land", "half"], object)),
            "group_name": ("group", np.array(["Land", "Half"], object)),
            "group_name_local": ("group", np.array(["Whenua", "Half"], object)),
            "group_weight": (("group", "region"), [[1.0, 1.0, 0.0], [0.5, 0.0, 0.0]]),
        },
        attrs={"synthetic": "no", "city_name": "New Zealand"},
    )
    return ExchangeBatch("2011", posterior, prior)


def wkt(code):
    return shapely.to_wkt(shapely.box(*BOXES[code]))


def test_a_state_of_regions_is_drawn_from_its_own_outlines(tmp_path):
    batch = region_batch([wkt("n1"), wkt("s1"), ""])
    written = write_exchange([batch], None, "zealand", GAS, tmp_path)
    names = [path.name for path in written]
    assert names == ["index.csv", "series.csv", "totals.csv", "zealand.gpkg"]
    regions = geopandas.read_file(tmp_path / "zealand.gpkg", layer="regions")
    assert regions["region"].tolist() == ["n1", "s1", "all", "land"]
    assert regions["region_name_local"].tolist() == ["Te Ika", "Te Wai", "New Zealand", "Whenua"]
    area = dict(zip(regions["region"], regions.geometry.apply(lambda g: g.area), strict=True))
    assert area["all"] == area["land"] == pytest.approx(area["n1"] + area["s1"], rel=1e-12)
    told = index_of(tmp_path)
    assert "4 of 6 regions, 8 of 12 rows" in told["zealand.gpkg"]["what"]
    left = [row["what"] for row in told.values() if row["kind"] == "left out"]
    assert len(left) == 1
    assert left[0].endswith("ocean1, half")


def test_intervals_are_rows_of_their_own_length(tmp_path):
    write_exchange([region_batch(["", "", ""])], None, "zealand", GAS, tmp_path)
    rows = table(tmp_path / "totals.csv")
    assert [row["interval"] for row in rows] == ["2011"] * 6 + ["first"] * 6
    assert (rows[6]["period_start"], rows[6]["period_end"]) == (
        "2011-01-01T00:00:00Z",
        "2011-01-03T00:00:00Z",
    )
    assert float(rows[0]["posterior"]) == pytest.approx(-1.0 * 4 * 86.4)
    assert float(rows[6]["posterior"]) == pytest.approx(-7.0 * 2 * 86.4)
    assert rows[0]["information"] == "0.75"


def test_without_outlines_there_is_no_geopackage(tmp_path):
    written = write_exchange([region_batch(["", "", ""])], None, "zealand", GAS, tmp_path)
    assert [path.name for path in written] == ["index.csv", "series.csv", "totals.csv"]
    assert any("6 of 6 regions" in row["what"] for row in table(tmp_path / "index.csv"))


def test_a_whole_with_a_part_that_has_no_outline_has_none(tmp_path):
    write_exchange([region_batch([wkt("n1"), "", ""])], None, "zealand", GAS, tmp_path)
    regions = geopandas.read_file(tmp_path / "zealand.gpkg", layer="regions")
    assert regions["region"].tolist() == ["n1"]


def test_a_prior_without_variance_has_no_information(tmp_path):
    batch = region_batch(["", "", ""])
    zero = np.zeros((12, 12))
    names = ("total_covariance", "total_prior_covariance", "total_covariance_reduction")
    known = dict.fromkeys(names, (("total", "total_2"), zero))
    write_exchange(
        [replace(batch, posterior=batch.posterior.assign(known))], None, "z", GAS, tmp_path
    )
    assert {row["information"] for row in table(tmp_path / "totals.csv")} == {""}


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "POLYGON 1 2 3",
            "must be WKT; got 'POLYGON 1 2 3' in region_outline of 'n1' in prior 2011",
        ),
        ("LINESTRING (0 0, 1 1)", "Polygon or MultiPolygon with an area; got LineString"),
        ("POLYGON EMPTY", "Polygon or MultiPolygon with an area"),
        ("POLYGON ((1e6 5e6, 2e6 5e6, 2e6 6e6, 1e6 5e6))", "degrees.*Project it back"),
        ("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "valid polygon.*Self-intersection"),
    ],
)
def test_an_outline_that_is_none_is_refused(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        write_exchange([region_batch([text, "", ""])], None, "zealand", GAS, tmp_path)


def test_two_outlines_of_one_region_are_refused(tmp_path):
    first, second = region_batch([wkt("n1"), "", ""]), region_batch([wkt("s1"), "", ""])
    batches = [first, replace(second, name="2012")]
    with pytest.raises(ValueError, match=r"one outline in all batches.*'n1'.*prior 2012"):
        write_exchange(batches, None, "zealand", GAS, tmp_path)


def test_a_run_without_batches_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one batch; got 0"):
        write_exchange([], None, "none", GAS, tmp_path)


def test_a_batch_without_periods_is_refused(tmp_path):
    batch = region_batch(["", "", ""])
    empty = batch.posterior.assign(period_in_batch=("period", np.zeros(4, "int8")))
    with pytest.raises(ValueError, match="at least one period; got 4 periods, none of them"):
        write_exchange([replace(batch, posterior=empty)], None, "z", GAS, tmp_path)


def test_a_negative_variance_is_refused(tmp_path):
    batch = region_batch(["", "", ""])
    wrong = batch.posterior.assign(total_covariance=-batch.posterior["total_covariance"])
    with pytest.raises(ValueError, match="variance must be >= 0; got -3 kg2 s-2 in total_cov"):
        write_exchange([replace(batch, posterior=wrong)], None, "z", GAS, tmp_path)


@pytest.mark.parametrize("name", ["rasterio", "geopandas", "pyogrio"])
def test_a_missing_library_says_how_to_get_it(name, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"must have the library {name}.*make setup"):
        write_city(tmp_path)
    assert library("csv") is csv


# --- bytes -----------------------------------------------------------------------------------


def test_another_process_writes_the_same_bytes(city, tmp_path):
    here = Path(__file__).resolve()
    code = "import sys; sys.path[:0] = sys.argv[2:]; import test_exchange as t; t.write_city(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(here.parents[2]), str(here.parent)],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "11", "TZ": "Asia/Shanghai"},
    )
    for path in city.written:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    assert len(list(tmp_path.iterdir())) == len(city.written)


def test_the_clock_is_given_back():
    name = "OGR_CURRENT_DATE"
    pyogrio.set_gdal_config_options({name: "2020-02-02T00:00:00.000Z"})
    with geopackage._no_clock():
        assert pyogrio.get_gdal_config_option(name).startswith("1970")
    assert pyogrio.get_gdal_config_option(name).startswith("2020")
    pyogrio.set_gdal_config_options({name: None})

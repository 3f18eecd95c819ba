"""The reader of STILT files: names, labels, windows, and the real footprints where they are."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from transport_fakes import HOUR, START, cell, observations, stilt_file

from contracts.grid import Grid, grid_of_box
from contracts.settings.grid import GridSettings
from contracts.settings.transport import TransportSettings
from transport.footprints import build_footprints, footprint_grid, footprint_hours
from transport.readers.stilt_file import open_stilt_file, read_names
from transport.receptors import receptor_hours

SECTION = TransportSettings(reader="stilt")
ENDS = TransportSettings(reader="stilt", stilt={"time_label": "end"})
DATA = Path(__file__).parents[3] / "shared/data"
CASE = DATA / "cases/salt_lake_city"
REAL = sorted(CASE.glob("footprints/site*/*.nc"))
needs_real = pytest.mark.skipif(not REAL, reason="the shared data folder is absent")
BOX = GridSettings(
    source="box",
    west_degrees=-112.3,
    south_degrees=40.4,
    cell_size_degrees=0.01,
    columns=78,
    rows=55,
)


def tower(hours, **place):
    there = {"longitude": -111.85, "latitude": 40.77, "inlet": 35.0}
    return observations(hours, **{**there, **place})


def read(files, obs, section=SECTION, on=None):
    on = on or footprint_grid(files, section)
    return build_footprints(obs, None, on, section, files)


def test_a_slice_acts_on_the_hour_it_is_labelled_by(tmp_path):
    path = stilt_file(tmp_path)
    source = xr.open_dataset(path)["foot"].to_numpy().astype(float)
    fp = read([path], tower([12]))
    assert fp["lag_bounds"].to_numpy()[[0, -1]].tolist() == [[0, 3600], [82800, 86400]]
    dense = cell(fp, 0)
    for position, back in enumerate((3, 2, 1)):
        # the observation's hour starts at the receptor's time: its end less the far edge of the bin
        start = fp["time"].to_numpy()[0] + HOUR - (back + 1) * HOUR
        assert start == xr.open_dataset(path)["time"].to_numpy()[position]
        np.testing.assert_array_equal(dense[back], source[position])
    assert dense[0].sum() == 0.0
    np.testing.assert_allclose(fp["sensitivity_total"], source.sum(), rtol=1e-14)
    assert fp["sensitivity_outside"].to_numpy().tolist() == [0.0]


def test_the_hour_may_end_at_the_receptor(tmp_path):
    path = stilt_file(tmp_path)
    assert footprint_hours([path], ENDS).tolist() == [(START + 11 * HOUR).item()]
    late, early = cell(read([path], tower([12])), 0), cell(read([path], tower([11]), ENDS), 0)
    np.testing.assert_array_equal(early[:-1], late[1:])
    with pytest.raises(ValueError, match=r"got none for 2025-06-01T12.*time_label end"):
        read([path], tower([12]), ENDS)


def test_what_lies_beyond_the_grid_is_counted(tmp_path):
    path = stilt_file(tmp_path)
    whole = footprint_grid([path], SECTION)
    part = Grid("EPSG:4326", whole.row_edges[1:4], whole.column_edges[:3] + 5e-6)
    fp, all_of_it = read([path], tower([12]), on=part), read([path], tower([12]))
    source = xr.open_dataset(path)["foot"].to_numpy().astype(float)
    np.testing.assert_array_equal(cell(fp, 0)[3], source[0, 1:3, :2])
    inside = source[:, 1:3, :2].sum()
    np.testing.assert_allclose(fp["sensitivity_outside"], source.sum() - inside, rtol=1e-14)
    np.testing.assert_array_equal(fp["sensitivity_total"], all_of_it["sensitivity_total"])
    shares = [fp.attrs[f"inside_share_{name}"] for name in ("minimum", "median", "maximum")]
    np.testing.assert_allclose(shares, inside / source.sum(), rtol=1e-14)
    for shifted in (
        Grid("EPSG:4326", part.row_edges, part.column_edges + 1e-4),
        Grid("EPSG:4326", whole.row_edges + 0.01, whole.column_edges),
        Grid("EPSG:4326", whole.row_edges[::2], whole.column_edges),
        Grid("EPSG:4258", whole.row_edges, whole.column_edges),
    ):
        with pytest.raises(ValueError, match=r"must be cells of the footprint files within 1e-3"):
            read([path], tower([12]), on=shifted)


def test_missing_slices_are_counted(tmp_path):
    files = [stilt_file(tmp_path), stilt_file(tmp_path, hour=13, back=(6, 3, 2))]
    fp = read(files, tower([12, 13]))
    assert json.loads(fp.attrs["counts"]) == {
        "files_of_receptor": 2,
        "files_used": 2,
        "slices": 6,
        "hours_without_slice": 3,
        "files_with_gaps": [files[1].name],
    }


def test_a_footprint_without_slices_has_no_share(tmp_path):
    path = stilt_file(tmp_path, back=())
    fp = read([path], tower([12]))
    assert fp["sensitivity_total"].to_numpy().tolist() == [0.0]
    assert "inside_share_median" not in fp.attrs


def test_names_say_the_receptor():
    south = read_names(
        ["2015090207_33.90S151.20E00010.nc", "201509020000_-111.85_40.77_35_foot.nc"]
    )
    assert [(n.longitude, n.latitude, n.height) for n in south] == [
        (-111.85, 40.77, 35.0),
        (151.2, -33.9, 10.0),
    ]
    assert [str(n.time)[:16] for n in south] == ["2015-09-02T00:00", "2015-09-02T07:00"]


@pytest.mark.parametrize(
    "name",
    [
        "footprint.nc",
        "2015090225_40.77N111.85W00035.nc",
        "2015133100_40.77N111.85W00035.nc",
        "2015090200_111.85W40.77N00035.nc",
        "2015090200_95.00N111.85W00035.nc",
        "2015090200_40.77N111.85W35.nc",
        "201509020030_-111.85_40.77_35_foot.nc",
    ],
)
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match=r"must say a whole hour .* of its receptor; got"):
        read_names([name])


def test_no_file_is_refused():
    with pytest.raises(ValueError, match="at least one file; got none"):
        read_names([])


def one(value):
    def edit(ds):
        ds["foot"][0, 0, 0] = value
        return ds

    return edit


def with_unit(ds):
    ds["foot"].attrs["units"] = "ppm s"
    return ds


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (one(np.nan), "finite and >= 0; got 1 non-finite and 0 negative"),
        (one(-0.5), "got 0 non-finite and 1 negative"),
        (with_unit, r"unit of foot must be one of .*; got 'ppm s'"),
        (lambda ds: ds.rename(lat="y"), "got no lat"),
        (lambda ds: ds.isel(lon=[0, 1, 3]), "centres must ascend evenly"),
        (lambda ds: ds.assign_coords(time=ds["time"] + np.timedelta64(60, "s")), "whole hours"),
        (lambda ds: ds.assign_coords(time=ds["time"] + HOUR), "before the receptor"),
        (lambda ds: ds.isel(time=[1, 0, 2]), "ascending"),
        (lambda ds: ds.isel(time=[0, 1, 1]), "ascending"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, edit, message):
    path = stilt_file(tmp_path, change=edit)
    with pytest.raises(ValueError, match=message):
        open_stilt_file(read_names([path])[0])


def test_receptors_hours_windows_and_grids_that_do_not_fit_are_refused(tmp_path):
    path = stilt_file(tmp_path)
    with pytest.raises(ValueError, match=r"got files for -111.85, 40.77 at 35 m, the inlet is at"):
        read([path], tower([12], latitude=40.79))
    with pytest.raises(ValueError, match=r"within 0\.01 degrees and 1\.0 m"):
        read([path], tower([12], inlet=37.0))
    with pytest.raises(ValueError, match="must have a footprint; got none for 2025-06-01T13"):
        read([path], tower([13]))
    short = TransportSettings(reader="stilt", hours_back=3)
    with pytest.raises(ValueError, match="got 3 for a slice 4 clock hours back"):
        read([path], tower([12]), short)
    twin = stilt_file(tmp_path, name="2025060112_40.771N111.85W00035.nc")
    with pytest.raises(ValueError, match="an hour must have one footprint; got 2025-06-01T12"):
        read([path, twin], tower([12]))
    moved = stilt_file(tmp_path, hour=9, change=lambda ds: ds.assign_coords(lat=ds["lat"] + 1))
    with pytest.raises(ValueError, match="STILT files of one run must share a grid"):
        footprint_grid([path, moved], SECTION)


def test_each_station_has_the_hours_of_its_files(tmp_path):
    files = [
        stilt_file(tmp_path),
        stilt_file(tmp_path, hour=5),
        stilt_file(tmp_path, hour=7, place="40.77N111.85W00005"),
    ]
    stations = {
        name: xr.Dataset(
            {"inlet_height": ("time", [height])}, attrs={"longitude": -111.853, "latitude": 40.77}
        )
        for name, height in (("high", 35.0), ("low", 5.0), ("none", 20.0))
    }
    hours = receptor_hours(stations, files, SECTION)
    found = {name: ((h - START) / HOUR).astype(int).tolist() for name, h in hours.items()}
    assert found == {"high": [5, 12], "low": [7], "none": []}
    assert read(files, tower([])).sizes["obs"] == 0


@needs_real
@pytest.mark.realdata
def test_real_footprints_equal_the_published_crop():
    names = {f"site{i}": [] for i in range(1, 7)}
    for path in REAL:
        names[path.parent.name].append(path)
    with open(CASE / "index.csv") as table:
        index = {(row["site"], row["file"]): row for row in csv.DictReader(table)}
    with xr.open_dataset(CASE / "slc_footprints_domain.nc") as opened:
        crop = opened.load()
    label = crop["site"].to_numpy().astype(str)
    on, shares, counts, seen = grid_of_box(BOX), [], [], 0
    for site, files in names.items():
        first = read_names(files)[0]
        hours = ((footprint_hours(files, SECTION) - START) / HOUR).astype(int)
        obs = observations(hours, first.height, first.longitude, first.latitude)
        fp = read(REAL, obs, on=on)
        counts.append(json.loads(fp.attrs["counts"]))
        for i, time in enumerate(fp["time"].to_numpy()):
            (row,) = np.flatnonzero((label == site) & (crop["receptor_time"].to_numpy() == time))
            back = crop["hours_before_receptor"].to_numpy()[row]
            expected = np.zeros((24, 55, 78))
            expected[back[back > 0]] = crop["foot"].to_numpy()[row][back > 0]
            np.testing.assert_array_equal(cell(fp, i), expected)
            said = index[site, f"{str(time)[:13].replace('-', '').replace('T', '')}"
                         f"_{files[0].name.split('_')[1]}"]  # fmt: skip
            total, outside = (float(fp[f"sensitivity_{n}"][i]) for n in ("total", "outside"))
            np.testing.assert_allclose(total, float(said["foot_sum_all"]), rtol=2e-6)
            shares.append(1.0 - outside / total)
            seen += 1
    assert seen == 209
    assert (round(min(shares), 2), round(max(shares), 2)) == (0.23, 0.78)
    assert [c["files_with_gaps"] for c in counts if c["files_with_gaps"]] == [
        ["2015090320_40.79N111.93W00005.nc"]
    ]
    assert sum(c["hours_without_slice"] for c in counts) == 2


@needs_real
@pytest.mark.realdata
def test_a_file_of_another_stilt_user_is_read(tmp_path):
    path = tmp_path / "201512100000_-111.85_40.77_10_foot.nc"
    path.write_bytes((DATA / "footprints/pystilt_ref/r_foot.nc").read_bytes())
    found = open_stilt_file(read_names([path])[0])
    assert found.hours_before.tolist() == [6, 5, 4, 3, 2, 1]
    assert found.grid.shape == (200, 200)

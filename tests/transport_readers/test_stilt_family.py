"""STILT and its relatives: values, labels, receptors, and what is refused."""

import json

import numpy as np
import pytest
import reader_fakes as fakes
import xarray as xr
from reader_fakes import by_lag, numbers, read, settings

from transport.readers.stilt_file import UNITS


@pytest.mark.parametrize("unit", UNITS)
def test_all_units_of_stilt_are_the_same(tmp_path, unit):
    path = fakes.stilt(tmp_path, unit=unit)
    dense = by_lag(read([path], [12], settings()))
    np.testing.assert_array_equal(dense[[3, 2, 1]], numbers(3, fakes.ROWS, fakes.COLUMNS))
    assert dense[[0, *range(4, 24)]].sum() == 0.0


def test_the_hour_may_end_at_the_receptor(tmp_path):
    path = fakes.stilt(tmp_path)
    late = by_lag(read([path], [12], settings()))
    early = by_lag(read([path], [11], settings(time_label="end")))
    np.testing.assert_array_equal(early[:-1], late[1:])


def test_pystilt_says_its_receptor(tmp_path):
    path = fakes.stilt(tmp_path, "any.nc", unit=UNITS[1], receptor=fakes.receptor_text())
    found = read([path], [12], settings())
    assert found.attrs["receptor_from"] == "file: time, longitude, latitude, height"
    assert found["sensitivity_total"].to_numpy() == numbers(3, 4, 5).astype(float).sum()
    for text in ("no json", "[]", fakes.receptor_text(type="ColumnReceptor"),
                 fakes.receptor_text(altitude_ref="msl")):  # fmt: skip
        other = fakes.stilt(tmp_path, "other.nc", receptor=text)
        with pytest.raises(ValueError, match="must be the JSON of a PointReceptor above ground"):
            read([other], [12], settings())


def test_an_integrated_footprint_is_labelled_by_its_receptor(tmp_path):
    found = read([fakes.stilt(tmp_path, back=(0,))], [12], settings(integrated_hours=48))
    assert found.attrs["time_integrated"] == "yes"
    assert found["lag_bounds"].to_numpy().tolist() == [[0.0, 48 * 3600.0]]


def test_missing_slices_are_counted(tmp_path):
    found = read([fakes.stilt(tmp_path, back=(6, 3, 2))], [12], settings())
    assert json.loads(found.attrs["counts"])["hours_without_slice"] == 3


def test_icos_is_integrated_over_what_it_says(tmp_path):
    found = read([fakes.icos(tmp_path)], [12], settings())
    np.testing.assert_array_equal(by_lag(found), numbers(1, fakes.ROWS, fakes.COLUMNS))
    assert found["lag_bounds"].to_numpy().tolist() == [[0.0, 240 * 3600.0]]
    assert found.attrs["receptor_from"] == "file: time; name: longitude, latitude, height"
    other = fakes.icos(tmp_path, "foot2025x06x01x13x51.15Nx000.05Ex00100.nc")
    with pytest.raises(ValueError, match="time of a receptor must be the same"):
        read([other], [12], settings())
    with pytest.raises(ValueError, match="one time and a backtime in hours"):
        read([fakes.icos(tmp_path, backtime="ten days")], [12], settings())


def test_the_wrf_stilt_variant_does_without_its_broken_clock(tmp_path):
    found = read([fakes.glasgow(tmp_path)], [12], settings())
    dense = by_lag(found)[[3, 2, 1]]
    np.testing.assert_array_equal(dense, numbers(3, fakes.ROWS, fakes.COLUMNS))
    with pytest.raises(ValueError, match="or a missing value in obs_2025"):
        read([fakes.glasgow(tmp_path, obs_agl=np.nan)], [12], settings())
    with pytest.raises(ValueError, match="time of a receptor must be the same"):
        read([fakes.glasgow(tmp_path, hr=13)], [12], settings())


def edited(path, change):
    with xr.open_dataset(path, engine="netcdf4", decode_times="obs" not in path.name) as opened:
        dataset = opened.load()
    path.unlink()
    change(dataset).to_netcdf(path)
    return path


def first(value):
    def edit(dataset):
        name = next(n for n in ("foot", "srr") if n in dataset)
        dataset[name].values.flat[0] = value
        return dataset

    return edit


def unit(text):
    def edit(dataset):
        dataset["foot"].attrs["units"] = text
        return dataset

    return edit


def clock(dataset):
    dataset["time"].attrs["units"] = "days since 1900-01-01"
    return dataset


@pytest.mark.parametrize(
    ("make", "change", "message"),
    [
        (fakes.stilt, first(np.nan), "finite and >= 0; got 1 non-finite and 0 negative"),
        (fakes.stilt, first(-1.0), "got 0 non-finite and 1 negative"),
        (fakes.stilt, unit("ppm s"), "unit of foot must be one of .*; got 'ppm s' in 2025"),
        (fakes.stilt, lambda ds: ds.rename(lat="y"), "got no lat in"),
        (fakes.stilt, lambda ds: ds.isel(time=[1, 0, 2]), "ascending; got"),
        (fakes.stilt, lambda ds: ds.isel(lon=[0, 1, 3]), "centres must ascend evenly"),
        (fakes.icos, first(np.nan), "got 1 non-finite"),
        (fakes.icos, unit("ppm"), "unit of foot must be ppm per"),
        (fakes.glasgow, first(-1.0), "1 negative values in foot of obs_"),
        (fakes.glasgow, unit("ppm"), "unit of foot must be ppm/"),
        (fakes.glasgow, clock, "labelled in seconds since 1970"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, make, change, message):
    with pytest.raises(ValueError, match=message):
        read([edited(make(tmp_path), change)], [12], settings())


def test_slices_from_the_receptor_on_are_refused(tmp_path):
    with pytest.raises(ValueError, match="before the receptor, ascending; got"):
        read([fakes.stilt(tmp_path, back=(2, 1, 0))], [12], settings())


def test_a_file_without_slices_saw_nothing(tmp_path):
    found = read([fakes.stilt(tmp_path, back=())], [12], settings())
    assert found["sensitivity_total"].to_numpy().tolist() == [0.0]

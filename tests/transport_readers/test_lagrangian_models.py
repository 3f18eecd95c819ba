"""NAME, PARIS, FLEXPART, LUMIA and HYSPLIT: conversions against a box of air, labels, refusals."""

import json

import numpy as np
import pytest
import reader_fakes as fakes
import xarray as xr
from reader_fakes import COLUMNS, PLACE, ROWS, by_lag, numbers, read, settings

from transport.readers.cdump_records import read_cdump
from transport.readers.files import footprint_hours

CONCENTRATION = {"quantity": "concentration", "emitted_units": 2.0, "air_density_kg_m3": 1.2}
# an hour over a flux of 10 umol m-2 s-1 in a box 100 m deep, of 1.2 kg m-3: moles, not footprints
BOX_PPM = 10.0 * 3600.0 / (100.0 * 1.2 / 0.0289647)


def test_name_acts_hour_by_hour_where_its_variable_is_whole(tmp_path):
    found = read([fakes.name(tmp_path)], [12, 13], settings())
    resolved = numbers(ROWS, COLUMNS, 2, 4)
    for hour in (0, 1):
        dense = by_lag(found, hour)
        for back in range(3):
            np.testing.assert_array_equal(dense[back], resolved[:, :, hour, back])
        older = resolved[:, :, hour, 3].astype(float).sum()
        np.testing.assert_allclose(found["sensitivity_outside"][hour], older, rtol=1e-12)
    assert found.attrs["time_integrated"] == "no"


def test_the_remainder_of_name_may_be_spread(tmp_path):
    found = read([fakes.name(tmp_path)], [12], settings(remainder_hours=4))
    dense, resolved = by_lag(found), numbers(ROWS, COLUMNS, 2, 4)[:, :, 0, 3]
    for lag in (3, 4, 5, 6):
        np.testing.assert_array_equal(dense[lag], resolved / 4)
    assert found["sensitivity_outside"].to_numpy().tolist() == [0.0]
    assert json.loads(found.attrs["counts"])["remainders_spread"] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ds: ds.assign(fp=ds["fp"] * 1.002), "does not close to fp"),
        (lambda ds: ds.assign(fp_HiTRes=ds["fp_HiTRes"].where(ds["H_back"] > 0)), "40 NaN"),
        (lambda ds: ds.assign(fp_HiTRes=ds["fp_HiTRes"] * -1.0), "160 negative values"),
        (lambda ds: ds.assign_coords(H_back=2 * ds["H_back"]), "steps of 2 h"),
    ],
)
def test_a_variable_that_is_not_whole_is_refused_and_the_sum_is_read(tmp_path, change, reason):
    found = read([fakes.name(tmp_path, change=change)], [12], settings())
    assert found.attrs["time_integrated"] == "yes"
    assert f"fp_HiTRes refused: {reason}" in found.attrs["notes"] or reason in found.attrs["notes"]


def test_name_may_be_read_integrated_and_needs_a_height(tmp_path):
    path = fakes.name(tmp_path)
    found = read([path], [12], settings(time_resolved=False))
    assert found["lag_bounds"].to_numpy().tolist() == [[0.0, 720 * 3600.0]]
    bare = fakes.name(tmp_path, "bare.nc")
    with pytest.raises(ValueError, match="height must be in the file, its name or the settings"):
        read([bare], [12], settings())
    said = settings(receptors={"bare.nc": {"height_m": 100.0}})
    assert read([bare], [12], said).sizes["obs"] == 1


def test_paris_is_carried_over(tmp_path):
    note = "Surface sensitivities divided by a factor"
    found = read([fakes.paris(tmp_path, model="FLEXPART", comment=note)], [2], settings())
    np.testing.assert_array_equal(by_lag(found)[0], numbers(3, ROWS, COLUMNS)[2])
    assert found.attrs["mole_fraction_basis"] == "moist"
    assert note in found.attrs["notes"]


def labelled(ds):
    ds["time"].attrs["label"] = "right"
    return ds


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"change": lambda ds: ds.assign(release_height=0 * ds["release_height"])}, "of a column"),
        ({"max_level": 24}, "at 100 m and a max_level in TAC.*of a column"),
        (
            {"change": lambda ds: ds.assign(release_height=2 * ds["release_height"])},
            "got 200 m for",
        ),
        ({"change": lambda ds: ds.drop_vars("release_lon")}, "got no release_lon"),
        ({"change": labelled}, "got label 'right'"),
        (
            {"change": lambda ds: ds.assign(srr=ds["srr"].drop_attrs())},
            "unit of srr must be .*; got None",
        ),
    ],
)
def test_a_broken_paris_file_is_refused(tmp_path, given, message):
    with pytest.raises(ValueError, match=message):
        read([fakes.paris(tmp_path, **given)], [0], settings())


def test_flexpart_acts_hour_by_hour_release_by_release(tmp_path):
    path = fakes.flexpart(tmp_path)
    found = read([path], [12, 11], settings())
    factor = 0.0289647 / 100.0
    np.testing.assert_allclose(by_lag(found, 0)[:3], numbers(3, ROWS, COLUMNS) * 1024 * factor)
    np.testing.assert_allclose(by_lag(found, 1)[:2], numbers(2, ROWS, COLUMNS) * 512 * factor)
    assert by_lag(found, 1)[2:].sum() == 0.0
    assert "lowest layer 100 m deep" in found.attrs["notes"]


def test_flexpart_and_hysplit_raise_a_box_as_its_moles_say(tmp_path):
    def stays(ds):
        values = np.zeros_like(ds["spec001_mr"].to_numpy())
        values[0, 0, 0, 0, 1, 2] = 3600.0 / 1.2  # an hour over the density
        return ds.assign(spec001_mr=ds["spec001_mr"].copy(data=values))

    found = read([fakes.flexpart(tmp_path, change=stays)], [12], settings())
    np.testing.assert_allclose(10.0 * found["sensitivity_total"], BOX_PPM, rtol=1e-7)
    radius, half = 6371007.0, np.deg2rad(0.05)
    lat = np.deg2rad(51.15)
    area = radius**2 * np.deg2rad(0.1) * (np.sin(lat + half) - np.sin(lat - half))
    path = fakes.cdump(tmp_path, [(11, 1, 2, 2.0 / (area * 100.0))])
    for given in (
        CONCENTRATION,
        {"quantity": "mixing_ratio", "emitted_units": 2.0 * 1.2},  # what was read is C, not C / rho
    ):
        cdump = read([path], [12], settings(cdump=given))
        # the sphere of the same area gives cells 0.4 % smaller here than the ellipsoid
        np.testing.assert_allclose(10.0 * cdump["sensitivity_total"], BOX_PPM, rtol=5e-3)


def sized(ds):
    return ds.isel(nageclass=[0, 0])


def renamed(ds):
    ds["spec001_mr"].attrs["units"] = "s"
    return ds


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ldirect": 1}, "must be backward; got ldirect 1"),
        ({"ind_source": 2, "ind_receptor": 2}, r"densities are needed .* got \(2, 2\)"),
        ({"change": renamed}, "unit of spec001_mr must be s m3 kg-1; got 's'"),
        ({"change": sized}, "one age class; got 2"),
        ({"change": lambda ds: ds.isel(pointspec=[0])}, "its own; got 1 for 2 releases"),
        ({"change": lambda ds: ds.drop_vars("RELEND")}, "got no RELEND"),
        ({"change": lambda ds: ds.assign(RELSTART=ds["RELSTART"] - 60)}, "must last a clock hour"),
        (
            {"change": lambda ds: ds.assign(RELKINDZ=ds["RELKINDZ"] + 1)},
            "receptor's height must be",
        ),
        ({"ietime": "123000"}, "must last a clock hour"),
    ],
)
def test_a_broken_flexpart_file_is_refused(tmp_path, given, message):
    with pytest.raises(ValueError, match=message):
        read([fakes.flexpart(tmp_path, **given)], [12], settings())


def test_a_flexpart_release_may_be_an_instant(tmp_path):
    def instant(ds):
        return ds.assign(RELSTART=ds["RELEND"])

    path = fakes.flexpart(tmp_path, change=instant)
    assert len(footprint_hours([path], settings())) == 2
    late = by_lag(read([path], [13], settings()))
    early = by_lag(read([path], [12], settings(time_label="end")))
    np.testing.assert_array_equal(early[:-1], late[1:])


NOR = {"receptors": {"twr.100m.2025-06.h5": dict(zip(("longitude_degrees", "latitude_degrees"),
                                                     PLACE, strict=False))}}  # fmt: skip


def test_lumia_is_shared_out_to_the_hours_before_the_release(tmp_path):
    path = fakes.lumia(tmp_path)
    found = read([path], [11], settings(lumia_unit="ppm/(umol m-2 s-1)", **NOR))
    dense = by_lag(found)
    # 9 to 12, of which 9 and 10 lie before 11: half of 8 each; 6 to 9: 3 and 0.75 by thirds
    assert dense[:, 0, 0][:6].tolist() == [0.0, 4.0, 4.0, 1.25, 1.25, 1.25]
    np.testing.assert_allclose(dense[:, 2, 1], dense[:, 0, 0] / 4)
    counts = json.loads(found.attrs["counts"])
    assert (counts["intervals_named_forward"], counts["intervals_split"]) == (1, 3)
    assert counts["hours_of_several_intervals"] == 3
    milli = read([path], [11], settings(lumia_unit="ppb/(umol m-2 s-1)", **NOR))
    ratio = milli["sensitivity_total"].to_numpy() / found["sensitivity_total"].to_numpy()
    np.testing.assert_allclose(ratio, 1e-3)
    assert "name: height; declared: longitude, latitude" in found.attrs["receptor_from"]


def test_lumia_needs_a_unit_a_place_and_its_grid(tmp_path):
    path = fakes.lumia(tmp_path)
    with pytest.raises(ValueError, match="unit of LUMIA's resp must be declared"):
        read([path], [11], settings(**NOR))
    with pytest.raises(ValueError, match="unit of a footprint must be one of"):
        read([path], [11], settings(lumia_unit="s m2", **NOR))
    with pytest.raises(ValueError, match="longitude, latitude must be in the file, its name or"):
        read([path], [11], settings(lumia_unit="m2 s mol-1"))
    away = fakes.lumia(tmp_path, column=9)
    with pytest.raises(ValueError, match=r"must lie on the grid of .* got 1 beyond it"):
        read([away], [11], settings(lumia_unit="m2 s mol-1", **NOR))


@pytest.mark.parametrize("packed", [0, 1])
@pytest.mark.parametrize("backward", [True, False])
def test_hysplit_slices_start_at_their_earlier_time(tmp_path, packed, backward):
    path = fakes.cdump(tmp_path, packed=packed, backward=backward)
    found = read([path], [12], settings(cdump=CONCENTRATION))
    dense = by_lag(found)
    assert [tuple(place) for place in np.argwhere(dense)] == [(1, 1, 2), (2, 0, 0)]
    area = xr.DataArray(found["cell_area"]).to_numpy() if "cell_area" in found else None
    factor = 3600.0 * 0.0289647 / (1.2 * 2.0)
    if area is not None:
        np.testing.assert_allclose(dense[1, 1, 2], 1e-9 * area[1, 2] * factor, rtol=1e-6)
    ratio = dense[2, 0, 0] / dense[1, 1, 2]
    cells = np.cos(np.deg2rad([51.05, 51.15]))
    np.testing.assert_allclose(ratio, 2.0 * cells[0] / cells[1], rtol=1e-4)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "got no quantity, emitted_units for cdump"),
        ({"quantity": "concentration", "emitted_units": 1.0}, "got no air_density_kg_m3"),
        ({**CONCENTRATION, "quantity": "mixing_ratio"}, "must come without a density"),
    ],
)
def test_hysplit_needs_what_it_leaves_out(tmp_path, given, message):
    with pytest.raises(ValueError, match=message):
        read([fakes.cdump(tmp_path)], [12], settings(cdump=given))


def test_other_hysplit_files_are_refused(tmp_path):
    section = settings(cdump=CONCENTRATION)
    with pytest.raises(ValueError, match="one start and one pollutant; got 2 and 1"):
        read([fakes.cdump(tmp_path, starts=2)], [12], section)
    with pytest.raises(ValueError, match="a level above ground must be there"):
        read([fakes.cdump(tmp_path, [], heights=(0,))], [12], section)
    with pytest.raises(ValueError, match="must lie before its observation ends"):
        read([fakes.cdump(tmp_path, [(14, 1, 1, 1e-9)])], [12], section)
    with pytest.raises(ValueError, match="1 negative values in concentrations"):
        read([fakes.cdump(tmp_path, [(11, 1, 1, -1e-9)])], [12], section)
    path = fakes.cdump(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match="must have whole records"):
        read_cdump(path)

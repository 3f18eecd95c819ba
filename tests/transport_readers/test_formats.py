"""Formats are told by content, receptors by file, name or settings, labels by the clock."""

import numpy as np
import pytest
import reader_fakes as fakes
import xarray as xr
from reader_fakes import HOUR, NAMED, PLACE, RELEASED, START, read, settings

from transport.footprints import build_footprints, footprint_grid, footprint_hours
from transport.readers import files as any_format
from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.files import mole_fraction_basis, release_hours
from transport.readers.formats import MATCHES, OPENERS, format_of
from transport.readers.receptor import Receptor, receptor_in_name, receptor_of


def test_each_format_is_told_by_its_content(tmp_path):
    made = {
        "FLEXPART grid_time": fakes.flexpart,
        "HYSPLIT cdump": fakes.cdump,
        "ICOS STILT": fakes.icos,
        "LUMIA": fakes.lumia,
        "NAME": fakes.name,
        "PARIS": fakes.paris,
        "STILT": fakes.stilt,
        "WRF-STILT with observation": fakes.glasgow,
    }
    for number, (kind, make) in enumerate(made.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        plain = folder / "plain"
        make(folder).rename(plain)
        assert format_of(plain) == kind
    (tmp_path / "p").write_bytes(b"PAR1" + 60 * b"\0")
    assert format_of(tmp_path / "p") == "STILT particles"
    assert set(MATCHES) == set(OPENERS) == {*made, "STILT particles"}


def test_no_format_and_two_formats_are_refused(tmp_path):
    (tmp_path / "text").write_text("a,b\n" * 20)
    xr.Dataset({"a": ("n", [1.0])}).to_netcdf(tmp_path / "other.nc")
    for name in ("text", "other.nc"):
        with pytest.raises(ValueError, match=r"must fit one format .* got none for"):
            format_of(tmp_path / name)
    both = fakes.paris(
        tmp_path,
        change=lambda ds: ds.assign(fp=ds["srr"].rename(latitude="lat", longitude="lon")),
    )
    with pytest.raises(ValueError, match="got NAME and PARIS for TAC"):
        format_of(both)


def test_files_of_a_run_are_of_one_kind_and_grid(tmp_path):
    stilt, icos = fakes.stilt(tmp_path), fakes.icos(tmp_path)
    with pytest.raises(ValueError, match=r"one format .* ICOS STILT in foot2025.*; STILT in 2025"):
        footprint_hours([stilt, icos], settings())
    whole = fakes.stilt(tmp_path, name="202506011200_0.05_51.15_50_foot.nc", back=(0,))
    with pytest.raises(ValueError, match=r"one length of history .* got 720.0 in 2025.*; None in"):
        footprint_hours([stilt, whole], settings())
    with pytest.raises(ValueError, match="at least one file; got none"):
        footprint_hours([], settings())
    moved = fakes.stilt(tmp_path, name="202506011300_0.05_51.15_100_foot.nc")
    moved_by = xr.open_dataset(moved, engine="netcdf4").load()
    moved.unlink()
    moved_by.assign_coords(lat=moved_by["lat"] + 1).to_netcdf(moved)
    with pytest.raises(ValueError, match="must share a grid; got another one in 2025060113"):
        footprint_grid([stilt, moved], settings())


def test_receptors_hours_and_windows_that_do_not_fit_are_refused(tmp_path):
    path, section = fakes.stilt(tmp_path), settings()
    assert footprint_hours([path], section).tolist() == [RELEASED.item()]
    assert release_hours([path], PLACE[:2], 100.0, section).tolist() == [RELEASED.item()]
    assert release_hours([path], PLACE[:2], 50.0, section).tolist() == []
    assert release_hours([path], (360.05, PLACE[1]), 100.0, section).tolist() == [RELEASED.item()]
    with pytest.raises(ValueError, match=r"got files for 0.05, 51.15 at 100 m, the inlet is at"):
        read([path], [12], section, place=(0.05, 51.15, 50.0))
    with pytest.raises(ValueError, match="must have a footprint; got none for 2025-06-01T13"):
        read([path], [13], section)
    with pytest.raises(ValueError, match="got 3 for slices 2 to 4 clock hours back"):
        read([path], [12], settings(hours_back=3))
    twin = fakes.stilt(tmp_path, name="202506011200_0.051_51.15_100_foot.nc")
    with pytest.raises(ValueError, match="an hour must have one footprint; got 2025-06-01T12"):
        read([path, twin], [12], section)
    assert read([path], [], section).sizes["obs"] == 0
    on = footprint_grid([path], section)
    built = build_footprints(fakes.tower([12]), None, on, section, [path])
    xr.testing.assert_identical(built, read([path], [12], section))


def test_names_of_all_kinds_say_the_receptor():
    said = {
        "2015090200_40.77N111.85W00035.nc": ("2015-09-02T00", -111.85, 40.77, 35.0),
        NAMED: ("2025-06-01T12", 0.05, 51.15, 100.0),
        "201512100030_-111.85_40.77_10_traj.parquet": ("2015-12-10T00:30", -111.85, 40.77, 10.0),
        "obs_202201010800_-4.247_55.861_3.nc": ("2022-01-01T08", -4.247, 55.861, 3.0),
        "foot2012x12x08x18x46.55Nx007.98Ex00720_aggreg.nc": ("2012-12-08T18", 7.98, 46.55, 720.0),
        "TAC-100magl_2025.nc": (None, None, None, 100.0),
        "nor.100m.2017-01.h5": (None, None, None, 100.0),
    }
    for name, (text, *rest) in said.items():
        time = None if text is None else np.datetime64(text, "ns")
        assert receptor_in_name(name) == Receptor(time, *rest), name
    for name in ("r_foot.nc", "2015133100_40.77N111.85W00035.nc"):
        assert receptor_in_name(name) == Receptor()


def test_sources_complete_each_other_and_contradictions_are_refused(tmp_path):
    path = tmp_path / "r_foot.nc"
    row = {"time_utc": "2025-06-01T12:00", "height_m": 100.0}
    section = settings(receptors={path.name: row}).footprint_files
    inside = Receptor(longitude=0.05, latitude=51.15)
    needed = ("time", "longitude", "latitude", "height")
    receptor, said = receptor_of(path, inside, section, needed)
    assert receptor == Receptor(RELEASED, *PLACE)
    assert said == "file: longitude, latitude; declared: time, height"
    with pytest.raises(ValueError, match=r"receptor's longitude, latitude must be in the file"):
        receptor_of(path, Receptor(), section, needed)
    for other, what in ((Receptor(height=120.0), "height"), (Receptor(time=START), "time")):
        with pytest.raises(ValueError, match=rf"{what} of a receptor must be the same .* declared"):
            receptor_of(path, other, section, needed)
    with pytest.raises(ValueError, match="time_utc must be UTC without an offset"):
        settings(receptors={"a": {"time_utc": "2025-06-01T12:00+08:00"}})


def test_intervals_become_clock_hours():
    first = np.array([[START, START + 3 * HOUR], [START + 2 * HOUR, START + 4 * HOUR]])
    values = np.array([6.0, 8.0]).reshape(2, 1, 1)
    whole = by_clock_hour(first, values, START + 9 * HOUR, "here")
    assert whole.values.ravel().tolist() == [2.0, 2.0, 6.0, 4.0]
    assert whole.counts == {"intervals_split": 2, "hours_of_several_intervals": 1}
    cut = by_clock_hour(first, values, START + 3 * HOUR, "here")
    assert cut.values.ravel().tolist() == [2.0, 2.0, 10.0]
    with pytest.raises(ValueError, match="must lie before its observation ends; got 1 intervals"):
        by_clock_hour(first, values, START + 2 * HOUR, "here")
    with pytest.raises(ValueError, match="bounded by whole hours"):
        by_clock_hour(first + np.timedelta64(60, "s"), values, START + 9 * HOUR, "here")
    section = settings(time_label="end").footprint_files
    assert observation_hour(RELEASED, section, "here") == RELEASED - HOUR
    with pytest.raises(ValueError, match="must be a whole hour"):
        observation_hour(RELEASED + np.timedelta64(60, "s"), section, "here")


def test_the_basis_of_mole_fractions_is_stated(tmp_path):
    path = fakes.stilt(tmp_path)
    assert read([path], [12], settings()).attrs["mole_fraction_basis"] == "moist"
    with pytest.raises(ValueError, match="one kind of air; got moist in the files and dry in"):
        read([path], [12], settings(mole_fraction_basis="dry"))
    name = fakes.paris(tmp_path)
    assert read([name], [0], settings()).attrs["mole_fraction_basis"] == "unknown"
    said = read([name], [0], settings(mole_fraction_basis="dry")).attrs
    assert (said["mole_fraction_basis"], said["mole_fraction_basis_from"]) == ("dry", "declared")
    parts = any_format.open_files([path], settings()) + any_format.open_files([name], settings())
    with pytest.raises(ValueError, match="got moist, unknown in the files"):
        mole_fraction_basis(parts, None)

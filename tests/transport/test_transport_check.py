"""Each problem of the transport's settings is found before any job runs."""

from types import SimpleNamespace

from transport_fakes import name_file, stilt_file

from contracts.settings.grid import GridSettings
from contracts.settings.transport import TransportSettings
from transport.check import check


def settings(root=".", grid="regions", synthetic="yes", box=None, **transport):
    return SimpleNamespace(
        transport=TransportSettings(**transport),
        grid=GridSettings(source=grid, **(box or {})),
        data_root=str(root),
        synthetic=synthetic,
    )


def test_good_settings_have_no_problem(tmp_path):
    name_file(tmp_path / "a.nc")
    assert check(settings()) == []
    named = {"reader": "name", "files": ("a*.nc",), "grid": "footprints", "synthetic": None}
    assert check(settings(tmp_path, **named)) == []


def test_each_problem_is_told(tmp_path):
    (tmp_path / "empty.nc").write_text("no netCDF")
    found = {
        "transport.reader": settings(reader="hysplit"),
        "transport.files": settings(synthetic=None),
        "transport.files.0": settings(files=("nowhere.nc",)),
        "grid.source": settings(grid="footprints"),
        "transport.meteorology": settings(meteorology="gfs"),
    }
    for where, bad in found.items():
        assert [problem.where for problem in check(bad)] == [where]
    broken = settings(tmp_path, reader="name", files=("empty.nc",), grid="footprints")
    assert [problem.where for problem in check(broken)] == ["transport.files"]


def test_a_box_must_be_a_part_of_the_files(tmp_path):
    stilt_file(tmp_path)
    corner = {"west_degrees": -111.87, "south_degrees": 40.75, "cell_size_degrees": 0.01}
    fits = {**corner, "columns": 4, "rows": 3}
    ask = {"root": tmp_path, "reader": "stilt", "files": ("*.nc",), "grid": "box"}
    assert check(settings(synthetic=None, box=fits, **ask)) == []
    wide = check(settings(synthetic=None, box={**fits, "columns": 5}, **ask))
    assert [problem.where for problem in wide] == ["grid"]
    assert "must be cells of the footprint files" in wide[0].found
    (plume,) = check(settings(grid="box", box=fits))
    assert (plume.where, plume.expected) == ("grid.source", "'regions'")


def test_a_run_without_transport_has_no_problem():
    assert check(SimpleNamespace(transport=None)) == []


def test_the_meteorology_of_the_plume_is_filled_in():
    assert TransportSettings().meteorology == "synthetic"
    assert TransportSettings(reader="name").meteorology is None

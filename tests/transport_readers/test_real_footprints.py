"""Real footprint files of nine kinds: STILT's own gridding, closures, fluxes, and the page's table."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import reader_fakes as fakes
import xarray as xr
from reader_fakes import settings

from contracts.code import ROOT
from contracts.grid import Grid
from contracts.settings.inventories import GriddedSettings
from inventories.readers.gridded_flux import read_gridded_flux
from transport.readers.files import footprint_grid, open_files, read_footprints
from transport.readers.name_file import open_name_files, validate_hitres
from transport.readers.particle_grid import Raster, footprint_of_particles
from transport.readers.particles import read_particles

DATA = Path(__file__).parents[3] / "shared/data"
FOOTPRINTS, TACOLNESTON = DATA / "footprints", DATA / "cases/tacolneston"
GLASGOW = DATA / "cases/glasgow"
PAGE = ROOT / "docs/how-to/bring-your-footprints.md"
PYARROW = importlib.util.find_spec("pyarrow") is not None
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOOTPRINTS.is_dir(), reason="the shared data folder is absent"),
]
needs_pyarrow = pytest.mark.skipif(not PYARROW, reason="pyarrow, which reads particles, is absent")
SALT_LAKE = {"time_utc": "2015-12-10T00:00", "longitude_degrees": -111.85,
             "latitude_degrees": 40.77, "height_m": 10.0}  # fmt: skip
NORUNDA = {"longitude_degrees": 17.48, "latitude_degrees": 60.09}
GRIDS = {
    "r_traj.parquet": Raster(-113.0, 39.5, 0.01, 0.01, 200, 200),
    "demo_trajectories.parquet": Raster(-112.5, 40.4, 0.01, 0.01, 100, 60),
}
TEXT = {".csv", ".dat"}


def section(name):
    """Return the settings that a file needs: what it leaves open is declared."""
    raster = GRIDS.get(name)
    particles = raster and {
        "west_degrees": raster.west,
        "south_degrees": raster.south,
        "cell_width_degrees": raster.width,
        "cell_height_degrees": raster.height,
        "columns": raster.columns,
        "rows": raster.rows,
    }
    return settings(
        hours_back=240,
        lumia_unit="ppm/(umol m-2 s-1)",
        particles=particles,
        receptors={
            "r_foot.nc": SALT_LAKE,
            "r_traj.parquet": SALT_LAKE,
            "nor.100m.2017-01.h5": NORUNDA,
        },
    )


@needs_pyarrow
@pytest.mark.parametrize(
    ("particles", "footprint", "tolerance"),
    [
        ("pystilt_ref/r_traj.parquet", "pystilt_ref/r_foot.nc", 1e-7),  # float32 in the file
        ("stilt_demo/demo_trajectories.parquet", "stilt_demo/demo_footprint.nc", 1e-12),
    ],
)
def test_particles_become_the_footprint_that_stilt_made_of_them(particles, footprint, tolerance):
    path = FOOTPRINTS / particles
    layer, values = footprint_of_particles(read_particles(path), GRIDS[path.name])
    with xr.open_dataset(FOOTPRINTS / footprint, engine="netcdf4") as opened:
        theirs = opened["foot"].transpose("time", "lat", "lon").to_numpy().astype(float)
        time = opened["time"].to_numpy()
    assert layer.tolist() == list(range(-len(time), 0))
    np.testing.assert_array_equal(values > 0, theirs > 0)
    np.testing.assert_allclose(values, theirs, rtol=tolerance)
    np.testing.assert_allclose(values.sum(), theirs.sum(), rtol=1e-7)


@needs_pyarrow
def test_the_edges_as_floor_would_have_them_are_not_stilts():
    """The rule of edges is seen: a plain floor puts many particles into another cell."""
    path = FOOTPRINTS / "pystilt_ref/r_traj.parquet"
    particles, raster = read_particles(path), GRIDS[path.name]
    edges = np.searchsorted(raster.edges()[1], particles.longitude, side="right") - 1
    floor = np.floor((particles.longitude - raster.west) / raster.width)
    assert (edges != floor).sum() > 100


def test_weybourne_closes_and_july_2014_is_refused_as_a_variable():
    path = TACOLNESTON / "WAO-20magl_UKV_co2_EUROPE_201801.nc"
    with xr.open_dataset(path, engine="netcdf4") as opened:
        assert validate_hitres(opened) == ""
        resolved = opened["fp_HiTRes"].sum(("lat", "lon", "H_back"), dtype=float)
        closure = (resolved / opened["fp"].sum(("lat", "lon"), dtype=float)).to_numpy()
    assert 0.9992 < closure.min() <= closure.max() < 1.0
    (part,) = open_files([path], settings())
    assert part.integrated_hours is None
    (july,) = open_files([TACOLNESTON / "TAC-100magl_UKV_co2_TEST_201407.nc"], settings())
    assert july.integrated_hours == 720.0
    for reason in ("steps of 2 h", "72576 NaN", "negative values", "does not close"):
        assert reason in july.notes[0]


def test_weybournes_flux_of_two_hours_is_refused_and_may_be_repeated():
    path = TACOLNESTON / "WAO-20magl_UKV_co2_EUROPE_201801.nc"
    on = footprint_grid([path], settings())
    day = np.datetime64("2018-01-02", "ns")
    bounds = np.array([[day - np.timedelta64(24, "h"), day], [day, day + np.timedelta64(24, "h")]])
    flux = TACOLNESTON / "co2-edgar-ff-1hr_EUROPE_2018.nc"

    def fluxes(repeat):
        row = GriddedSettings(file=flux.name, variable="flux", repeat=repeat)
        return read_gridded_flux(flux, row, on, bounds)

    with pytest.raises(
        ValueError, match=r"must cover 2018-01-01T00.* got slots from 2018-01-01T00"
    ):
        fluxes("none")
    repeated = fluxes("mean")
    assert not repeated.covers_batch
    (part,) = open_name_files([path])
    place = (*(float(v[0]) for v in (part.release_longitude, part.release_latitude)), 20.0)
    obs = fakes.tower(np.arange(24), place, day)
    found = read_footprints(obs, None, on, settings(), [path])
    ppm = [
        float((fakes.by_lag(found, i).sum(axis=0) * repeated.flux[1]).sum()) for i in (0, 12, 23)
    ]
    assert all(0.0 < value < 20.0 for value in ppm)


def test_norundas_intervals_end_at_the_release():
    """The last interval grows with the hours before the release: 1, 2 and 3 in turn."""
    import netCDF4

    with netCDF4.Dataset(str(FOOTPRINTS / "lumia_nor/nor.100m.2017-01.h5")) as dataset:
        last = {
            release: float(max(group.groups.items())[1]["resp"][:].sum())
            for release, group in dataset.groups.items()
        }
    assert np.round([last[f"201701311{h}0000"] / 0.634 for h in (3, 4, 1, 2)]).tolist() == [
        1,
        2,
        2,
        3,
    ]


def row(path):
    """Return the line of the table that one file gets."""
    name = f"{path.parent.name}/{path.name}"
    if path.suffix in TEXT:
        return f"| `{name}` | no footprint | | | | text |"
    try:
        chosen = section(path.name)
        (part,) = open_files([path], chosen)
        place = part.releases[0]
        obs = observations_of(part, place)
        found = read_footprints(obs, None, part.grid, chosen, [path])
    except ValueError as error:
        text = str(error)
        if "must fit one format" in text:
            seen = text.split(" (", 1)[1].split("). ", maxsplit=1)[0]
            return f"| `{name}` | no footprint | | | | {seen} |"
        return f"| `{name}` | refused | | | | {text.split('. ', maxsplit=1)[0]} |"
    total = float(found["sensitivity_total"].sum())
    outside = float(found["sensitivity_outside"].sum())
    told = part.kind in {"STILT particles"} or (part.kind == "NAME" and outside > 0)
    share = f"{100 * outside / total:.1f} %" if told else "not told"
    history = "by the hour" if part.integrated_hours is None else f"{part.integrated_hours:g} h"
    notes = f"{history}; receptor from {part.receptor_from}"
    notes += "".join(f"; {note.split(': ', 1)[1]}" for note in part.notes)
    return f"| `{name}` | {part.kind} | {len(part.releases)} | {total:.4g} | {share} | {notes} |"


def observations_of(part, place):
    """Return rows of all hours that one file was released at."""
    hours = [int((r.hour - fakes.START) / fakes.HOUR) for r in part.releases]
    return fakes.tower(hours, (place.longitude, place.latitude, place.height))


def every_file():
    found = [*FOOTPRINTS.glob("*/*"), *TACOLNESTON.glob("*"), *GLASGOW.glob("obs_*.nc")]
    return sorted(path for path in found if path.suffix != ".md")


@pytest.mark.parametrize("path", every_file(), ids=lambda path: path.name)
def test_the_table_of_the_page_is_what_the_readers_find(path):
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".parquet" and not PYARROW:
        pytest.skip("pyarrow, which reads particles, is absent")
    line = row(path).replace("|  |", "| |")
    assert line in lines, f"{PAGE.name} must hold this line"
    assert sum(f"`{path.parent.name}/{path.name}`" in other for other in lines) == 1


def test_the_real_grid_of_particles_is_that_of_the_footprint():
    with xr.open_dataset(FOOTPRINTS / "pystilt_ref/r_foot.nc", engine="netcdf4") as opened:
        longitude = opened["lon"].to_numpy()
    rows, columns = GRIDS["r_traj.parquet"].edges()
    middle = 0.5 * (columns[1:] + columns[:-1])
    np.testing.assert_allclose(middle, longitude, atol=1e-9)
    assert Grid("EPSG:4326", rows, columns).shape == (200, 200)

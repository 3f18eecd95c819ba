"""wrfout files of WRF come in; the meteorology of a batch on the axes of a run's grid goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.periods import HOUR, to_ns
from transport.meteorology import air
from transport.meteorology.assemble import Source, assemble
from transport.meteorology.lattice import Lattice
from transport.meteorology.missing import decide
from transport.meteorology.snapshot import Snapshot
from transport.meteorology.wrf_grid import definition, wrf_lattice

GRAVITY = 9.81  # m s-2, of WRF
BASE_K = 300.0
ALWAYS = {  # by the unit they must have
    **dict.fromkeys(("U", "V", "W"), "m s-1"),
    **dict.fromkeys(("PH", "PHB"), "m2 s-2"),
    **dict.fromkeys(("T", "T2"), "K"),
    **dict.fromkeys(("P", "PB", "PSFC"), "Pa"),
    "QVAPOR": "kg kg-1",
    "HGT": "m",
}
DIAGNOSABLE = {
    "mixing_height": "PBLH",
    "friction_velocity": "UST",
    "heat_flux": "HFX",
    "roughness_length": "ZNT",
}
USED_WHERE_FOUND = {
    "PBLH": "m",
    "UST": "m s-1",
    "HFX": "W m-2",
    "ZNT": "m",
    "QFX": "kg m-2 s-1",
    "Q2": "kg kg-1",
    "U10": "m s-1",
    "V10": "m s-1",
}
LAYER, ROW, COLUMN = "bottom_top", "south_north", "west_east"
NAMES = {
    "height": "PH+PHB",
    "eastward": "U",
    "northward": "V",
    "vertical": "W",
    "temperature": "T",
    "pressure": "P+PB",
    "humidity": "QVAPOR",
    "ground_height": "HGT",
    "surface_pressure": "PSFC",
    "surface_temperature": "T2",
    "surface_humidity": "Q2",
    "moisture_flux": "QFX",
    **DIAGNOSABLE,
}


def read_weather(
    files: Sequence[str | Path], batch: Any, hours_back: int, grid: Any, settings: Any
) -> xr.Dataset:
    """Return the meteorology of a batch from WRF's history files.

    Parameters
    ----------
    files : sequence of path
        wrfout files of one domain, any map but a rotated one.
    batch : contracts.periods.Period
    hours_back : int
        Clock hours before the batch.
    grid : contracts.grid.Grid
        Of the run, projected.
    settings : WeatherSettings

    Returns
    -------
    xarray.Dataset
        `meteorology`.

    Raises
    ------
    ValueError
        Where a file is none of wrfout, variables or hours are missing, units differ, or the
        domain is too small.
    """
    parts = [open_wrfout(Path(file)) for file in sorted(map(str, files))]
    try:
        window = to_ns(batch.start) - hours_back * HOUR, to_ns(batch.end)
        return assemble(wrf_source(parts, settings), window, grid, settings, batch.name)
    finally:
        for part in parts:
            part.close()


def open_wrfout(path: Path) -> xr.Dataset:
    """Return a wrfout file, lazily, with its instants as the coordinate `Time`.

    Raises
    ------
    ValueError
        Where it is no wrfout file, a unit is not WRF's, or dims are not in WRF's order.
    """
    dataset = xr.open_dataset(path, decode_times=False, engine="netcdf4")
    kind = str(dataset.attrs.get("TITLE", "")).strip()
    if "METGRID" in kind or "num_metgrid_levels" in dataset.sizes:
        msg = (
            f"weather of the kind `wrf` must be wrfout files; got a met_em file (WRF's input on "
            f"pressure levels, {kind!r}) in {path.name}. Run WRF, or use `era5`."
        )
        raise ValueError(msg)
    if "Times" not in dataset or LAYER not in dataset.sizes:
        msg = (
            f"weather of the kind `wrf` must have Times and the dim {LAYER}; got "
            f"{sorted(map(str, dataset.sizes))} in {path.name}. Name WRF's history files (wrfout)."
        )
        raise ValueError(msg)
    _refuse_units_and_dims(dataset, path.name)
    text = np.char.decode(dataset["Times"].to_numpy().astype("S19"), "ascii")
    times = np.char.replace(text, "_", "T").astype("datetime64[ns]")
    return dataset.assign_coords(Time=("Time", times)).assign_attrs(file=path.name)


def _refuse_units_and_dims(dataset: xr.Dataset, where: str) -> None:
    """Raise with every variable whose unit or dims are not WRF's."""
    wrong = []
    for name, unit in (ALWAYS | USED_WHERE_FOUND).items():
        if name not in dataset:
            continue
        found = dataset[name].attrs.get("units")
        if found != unit:
            wrong.append(f"{name} in {found!r} for {unit!r}")
        layered = any(dim.startswith(LAYER) for dim in dataset[name].dims)
        wanted = ("Time", LAYER, ROW, COLUMN) if layered else ("Time", ROW, COLUMN)
        dims = tuple(str(dim).removesuffix("_stag") for dim in dataset[name].dims)
        if dims != wanted:
            wrong.append(f"{name} on {dims} for {wanted}")
    if wrong:
        msg = (
            f"variables of a wrfout file must have WRF's units and axes; got {'; '.join(wrong)} "
            f"in {where}. Undo what changed them."
        )
        raise ValueError(msg)


def wrf_source(parts: Sequence[xr.Dataset], settings: Any) -> Source:
    """Return opened wrfout files as a source of snapshots.

    Parameters
    ----------
    parts : sequence of xarray.Dataset
        From `open_wrfout`.
    settings : WeatherSettings

    Returns
    -------
    Source

    Raises
    ------
    ValueError
        Where there is no file, variables are missing, or domains differ between files.
    """
    if not parts:
        msg = (
            "the meteorology must come from at least one file; got none in transport.files. "
            "Name the weather files."
        )
        raise ValueError(msg)
    where = f"{parts[0].attrs['file']}" + (f" and {len(parts) - 1} more" if parts[1:] else "")
    common = {str(name) for name in parts[0].variables if all(name in part for part in parts)}
    found = [*common, *(key for key, name in DIAGNOSABLE.items() if name in common)]
    always = {name: name for name in (*ALWAYS, "XLAT", "XLONG")}
    diagnosed = decide(found, always, DIAGNOSABLE, settings, where)
    lattices = _lattices(parts)
    counts = Counter(positions_of_the_domain=len({id(one) for one in lattices.values()}))
    times = np.concatenate([part["Time"].to_numpy() for part in parts])
    place = {
        time: (part, index) for part in parts for index, time in enumerate(part["Time"].to_numpy())
    }

    def snapshot(time: np.datetime64, cut: tuple[slice, slice]) -> Snapshot:
        part, index = place[time]
        return wrf_snapshot(part.isel(Time=index), cut, common)

    return Source("WRF", where, lattices.__getitem__, {"U": times}, snapshot, diagnosed, counts)


def _lattices(parts: Sequence[xr.Dataset]) -> dict[np.datetime64, Lattice]:
    """Return where the domain lies at each instant; the same object while it does not move."""
    lattices, last, first = {}, (None, None), definition(parts[0].attrs, "")
    for part in parts:
        where = part.attrs["file"]
        if definition(part.attrs, where) != first or part.attrs["DX"] != parts[0].attrs["DX"]:
            msg = (
                f"wrfout files must be of one domain; got another map or DX in {where} than in "
                f"{parts[0].attrs['file']}. Name the files of one domain in transport.files."
            )
            raise ValueError(msg)
        for index, time in enumerate(part["Time"].to_numpy()):
            longitude, latitude = (
                part[name].isel(Time=index, missing_dims="ignore").to_numpy()
                for name in ("XLONG", "XLAT")
            )
            corner = (longitude[0, 0], latitude[0, 0], longitude.shape)
            if corner != last[0]:
                last = corner, wrf_lattice(part.attrs, longitude, latitude, where)
            lattices[time] = last[1]
    return lattices


def wrf_snapshot(instant: xr.Dataset, part: tuple[slice, slice], names: set[str]) -> Snapshot:
    """Return one instant of a wrfout file at the mass points of a part of the domain.

    Parameters
    ----------
    instant : xarray.Dataset
        Without the dim Time.
    part : (slice, slice)
        Rows and columns, with stops.
    names : set of str
        Variables to use where they are needed.

    Returns
    -------
    Snapshot
        Staggered variables are means of the two faces; winds stay along the domain's axes.
    """
    faces = {
        ROW: part[0],
        COLUMN: part[1],
        f"{ROW}_stag": slice(part[0].start, part[0].stop + 1),
        f"{COLUMN}_stag": slice(part[1].start, part[1].stop + 1),
    }

    def read(name: str) -> np.ndarray | None:
        if name not in names:
            return None
        return instant[name].isel(faces, missing_dims="ignore").to_numpy().astype(float)

    def middle(values: np.ndarray, axis: int) -> np.ndarray:
        low, high = (values.take(range(i, values.shape[axis] - 1 + i), axis) for i in (0, 1))
        return 0.5 * (low + high)

    pressure, ground = read("P") + read("PB"), read("HGT")
    mixing = read("Q2")
    near = (10.0, read("U10"), read("V10"))
    return Snapshot(
        height=middle((read("PH") + read("PHB")) / GRAVITY, 0) - ground,
        eastward=middle(read("U"), 2),
        northward=middle(read("V"), 1),
        vertical=middle(read("W"), 0),
        temperature=air.temperature_of_potential(read("T") + BASE_K, pressure),
        pressure=pressure,
        humidity=air.humidity_of_mixing_ratio(read("QVAPOR")),
        ground_height=ground,
        surface_pressure=read("PSFC"),
        surface_temperature=read("T2"),
        surface_humidity=None if mixing is None else air.humidity_of_mixing_ratio(mixing),
        near_wind=() if near[1] is None or near[2] is None else (near,),
        mixing_height=read("PBLH"),
        friction_velocity=read("UST"),
        heat_flux=read("HFX"),
        moisture_flux=read("QFX"),
        roughness_length=read("ZNT"),
        names=NAMES,
    )

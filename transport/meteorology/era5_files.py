"""Paths of ERA5 files come in; each quantity's instants and values on one lattice go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.periods import to_ns
from transport.meteorology.era5_grib import is_grib, open_grib
from transport.meteorology.era5_lattice import lattice_of, pressure_of, row_and_column
from transport.meteorology.era5_names import QUANTITIES, factor_of, quantity_of
from transport.meteorology.lattice import Lattice

TIMES, PRESSURES = ("valid_time", "time"), ("pressure_level", "isobaricInhPa", "plev", "level")


@dataclass(eq=False)
class Era5Files:
    """ERA5 files, opened.

    Attributes
    ----------
    where : str
        Their names, for messages.
    lattice : Lattice
        Of all of them.
    pressure : ndarray (layer,), Pa
        Descending, as heights ascend; empty where no file has levels.
    entries : dict of str to dict of datetime64[ns] to (DataArray, int)
        For each quantity and instant: where it stands, and at which index.
    names : dict of str to str
        Of the quantities, in the files.
    factors : dict of str to float
        To canonical units.
    counts : Counter
    """

    where: str
    lattice: Lattice | None = None
    pressure: np.ndarray = field(default_factory=lambda: np.empty(0))
    entries: dict[str, dict] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)
    opened: list[xr.Dataset] = field(default_factory=list)

    def times(self, key: str) -> np.ndarray:
        """Return a quantity's instants, ascending, datetime64[ns]."""
        return np.sort(to_ns(list(self.entries[key])))

    def read(self, key: str, time: np.datetime64, part: tuple[slice, slice]) -> np.ndarray:
        """Return a quantity at an instant, ([layer,] row, col), float64, on ascending axes."""
        array, index = self.entries[key][time]
        values = array.isel({array.dims[0]: index})
        row, column = values.dims[-2:]
        flipped = values[row].to_numpy()[0] > values[row].to_numpy()[-1]
        values = (values[{row: slice(None, None, -1)}] if flipped else values)[
            {row: part[0], column: part[1]}
        ]
        if values.ndim == 3:
            values = values[{values.dims[0]: np.argsort(-pressure_of(array[array.dims[1]]))}]
        return values.to_numpy().astype(float) * self.factors[key]

    def close(self) -> None:
        """Close all files."""
        for dataset in self.opened:
            dataset.close()


def open_era5(files: Sequence[str | Path]) -> Era5Files:
    """Return ERA5 files, netCDF or GRIB, of pressure and single levels, opened.

    Parameters
    ----------
    files : sequence of path

    Returns
    -------
    Era5Files

    Raises
    ------
    ValueError
        Where there is no file, units or axes are not ECMWF's, lattices differ, or an instant of a
        quantity is given twice.
    """
    if not files:
        msg = (
            "the meteorology must come from at least one file; got none in transport.files. "
            "Name the weather files."
        )
        raise ValueError(msg)
    paths = sorted(Path(file) for file in files)
    found = Era5Files(paths[0].name + (f" and {len(paths) - 1} more" if paths[1:] else ""))
    try:
        for path in paths:
            for dataset in (
                open_grib(path) if is_grib(path) else [xr.open_dataset(path, engine="netcdf4")]
            ):
                found.opened.append(dataset)
                _add(found, dataset, path.name)
    except BaseException:
        found.close()
        raise
    return found


def _add(found: Era5Files, dataset: xr.Dataset, where: str) -> None:
    """Add a dataset's variables to what was found."""
    dataset, filled = _one_version(dataset)
    found.counts["variables_with_preliminary_values"] += filled
    time = next((dim for dim in TIMES if dim in dataset.dims), None)
    wrong, used = [], {}
    for name, given in dataset.data_vars.items():
        array = given
        level = next((dim for dim in PRESSURES if dim in array.dims), None)
        key = quantity_of(str(name), level is not None)
        if key == "surface_geopotential" and (time is None or time not in array.dims):
            time = time or TIMES[0]
            array = array.reset_coords(drop=True).expand_dims({time: to_ns(["1970-01-01"])})
        if key is None or time not in array.dims:
            continue
        factor = factor_of(key, array.attrs.get("units"))
        if factor is None:
            accepted = " or ".join(sorted({unit for unit, _ in QUANTITIES[key].units}))
            wrong.append(f"{name} in {array.attrs.get('units')!r} for {accepted}")
        wanted = (time, *([level] if level else []), *row_and_column(dataset))
        if array.dims != wanted:
            wrong.append(f"{name} on {array.dims} for {wanted}")
        used[key] = (str(name), array, factor)
    if wrong:
        msg = (
            f"variables of an ERA5 file must have ECMWF's units and axes; got {'; '.join(wrong)} "
            f"in {where}. Undo what changed them."
        )
        raise ValueError(msg)
    if used:
        _join_axes(found, dataset, where, [array for _, array, _ in used.values()])
    for key, (name, array, factor) in used.items():
        found.names[key], found.factors[key] = name, factor
        _join_times(found.entries.setdefault(key, {}), array, (name, where))


def _one_version(dataset: xr.Dataset) -> tuple[xr.Dataset, int]:
    """Return a dataset in which preliminary values (ERA5T) stand where final ones do not yet."""
    if "expver" not in dataset.dims:
        return dataset, 0
    ordered = dataset.sortby("expver")
    final = ordered.isel(expver=0, drop=True)
    filled = final.combine_first(ordered.isel(expver=-1, drop=True))
    changed = sum(
        bool(final[name].isnull().any()) and not bool(filled[name].isnull().all())
        for name in final.data_vars
    )
    for name in filled.data_vars:
        filled[name].attrs = dataset[name].attrs
    return filled, changed


def _join_axes(found: Era5Files, dataset: xr.Dataset, where: str, arrays: list[Any]) -> None:
    """Take a dataset's lattice and pressures, or compare them with those found before."""
    lattice = lattice_of(dataset, where)
    if found.lattice is None:
        found.lattice = lattice
    pairs = [(lattice.rows, found.lattice.rows), (lattice.columns, found.lattice.columns)]
    for array in arrays:
        if array.ndim == 4:
            pressure = np.sort(pressure_of(array[array.dims[1]]))[::-1]
            if not len(found.pressure):
                found.pressure = pressure
            pairs.append((pressure, found.pressure))
    if any(a.shape != b.shape or not np.allclose(a, b, rtol=1e-9, atol=1e-6) for a, b in pairs):
        msg = (
            f"ERA5 files must share one lattice and one set of levels; got others in {where} than "
            "in the files before. Fetch the same area, grid and levels."
        )
        raise ValueError(msg)


def _join_times(entries: dict, array: xr.DataArray, what: tuple[str, str]) -> None:
    """Add a variable's instants to those of its quantity."""
    times = to_ns(array[array.dims[0]].to_numpy())
    twice = [time for time in times if time in entries]
    if twice or len(set(times)) < len(times):
        msg = (
            f"the weather must give every hour once; got {what[0]} twice at "
            f"{(twice or list(times))[0]} in {what[1]}. Leave out the files that repeat hours, or "
            "one of two variables of the same meaning."
        )
        raise ValueError(msg)
    entries.update({time: (array, index) for index, time in enumerate(times)})

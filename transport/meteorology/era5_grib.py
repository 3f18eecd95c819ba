"""A GRIB file comes in; datasets in which every variable lies on valid times go out."""

from __future__ import annotations

from pathlib import Path

import xarray as xr


def is_grib(path: Path) -> bool:
    """Return whether a file begins as GRIB does."""
    with path.open("rb") as file:
        return file.read(4) == b"GRIB"


def open_grib(path: Path) -> list[xr.Dataset]:
    """Return the datasets of a GRIB file, one for each kind of level and step.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of xarray.Dataset
        With the dim `valid_time`. No index file is left beside the input.

    Raises
    ------
    ImportError
        Where the packages that read GRIB are not installed.
    """
    try:
        import cfgrib
        import pyproj  # noqa: F401 - first: eccodes brings a PROJ of its own
    except ImportError as error:
        msg = (
            f"GRIB files must be read with cfgrib and eccodes; got neither for {path.name}. "
            "Install the extra: pip install 'cityflux[grib]', or fetch netCDF."
        )
        raise ImportError(msg) from error
    parts = cfgrib.open_datasets(str(path), backend_kwargs={"indexpath": ""})
    return [_on_valid_times(part) for part in parts]


def _on_valid_times(part: xr.Dataset) -> xr.Dataset:
    """Return a dataset whose forecast starts and steps are one axis of valid times."""
    loaded = part.load()
    units = {name: loaded[name].attrs.get("GRIB_units") for name in loaded.data_vars}
    for dim in ("time", "step"):
        if dim not in loaded.dims:
            loaded = loaded.expand_dims(dim)
    valid = loaded["time"].to_numpy()[:, None] + loaded["step"].to_numpy()
    flat = loaded.drop_vars("valid_time", errors="ignore").stack(instant=("time", "step"))
    flat = flat.reset_index("instant", drop=True).rename(instant="valid_time")
    flat = flat.assign_coords(valid_time=valid.ravel())
    flat = flat.dropna("valid_time", how="all")  # starts and steps that do not meet in the file
    flat = flat.sortby("valid_time")
    level = [
        dim for dim in flat.dims if dim not in {"valid_time", "latitude", "longitude", "x", "y"}
    ]
    last = [dim for dim in flat.dims if dim in {"latitude", "longitude", "x", "y"}]
    flat = flat.transpose("valid_time", *level, *last)
    for name, unit in units.items():
        flat[name].attrs.setdefault("units", unit)
    return flat

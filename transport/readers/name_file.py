"""Paths of NAME netCDF files come in; their checked arrays go out, and why HiTRes is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from contracts.grid import Grid
from transport.readers.lattice import grid_of_centres

UNIT = "(mol/mol)/(mol/m2/s)"
CLOSURE_TOLERANCE = 1e-3  # a good file closes to 0.9993 to 1.0 (particles leave the last bin)


@dataclass(frozen=True)
class NameFile:
    """One file.

    Attributes
    ----------
    path : Path
    grid : contracts.grid.Grid
    time : ndarray (hour,), datetime64[ns]
        Starts of the hours.
    values : ndarray (row, col, hour)
        Integrated footprint [m2 s mol-1], as stored (float32).
    release_longitude, release_latitude : ndarray (hour,), degrees
    hitres_reason : str
        Why the time-resolved variable must not be used; empty where it is whole or absent.
    """

    path: Path
    grid: Grid
    time: np.ndarray
    values: np.ndarray
    release_longitude: np.ndarray
    release_latitude: np.ndarray
    hitres_reason: str

    def footprint(self, position: int) -> np.ndarray:
        """Return one hour's footprint, (row, col), float64 [m2 s mol-1]."""
        return self.values[:, :, position].astype(np.float64)


def open_name_files(files: Sequence[str | Path]) -> list[NameFile]:
    """Return the files' contents, files sorted by path.

    Parameters
    ----------
    files : sequence of path

    Returns
    -------
    list of NameFile

    Raises
    ------
    ValueError
        Where there is none, or a file breaks a rule.
    """
    if not files:
        msg = (
            "the reader `name` must have at least one file; got none in transport.files. "
            "Name the NAME footprint files."
        )
        raise ValueError(msg)
    return [_open(Path(file)) for file in sorted(map(str, files))]


def _open(path: Path) -> NameFile:
    """Return one file's contents; refuse what breaks a rule."""
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        _refuse_form(dataset, path)
        values = dataset["fp"].transpose("lat", "lon", "time").to_numpy()
        bad = int((~np.isfinite(values)).sum()), int((values < 0).sum())
        if any(bad):
            msg = (
                f"a footprint must be finite and >= 0; got {bad[0]} non-finite and {bad[1]} "
                f"negative values in fp of {path.name}. Leave this file out."
            )
            raise ValueError(msg)
        return NameFile(
            path=path,
            grid=grid_of_centres(dataset["lat"].to_numpy(), dataset["lon"].to_numpy(), path.name),
            time=dataset["time"].to_numpy().astype("datetime64[ns]"),
            values=values,
            release_longitude=dataset["release_lon"].to_numpy().astype(float),
            release_latitude=dataset["release_lat"].to_numpy().astype(float),
            hitres_reason=validate_hitres(dataset),
        )


def _refuse_form(dataset: xr.Dataset, path: Path) -> None:
    """Raise where unit or time labels are not those of a NAME footprint by the hour's start."""
    missing = [n for n in ("fp", "time", "release_lon", "release_lat") if n not in dataset]
    if missing:
        msg = (
            f"a NAME file must hold fp, time, release_lon and release_lat; got no "
            f"{', '.join(missing)} in {path.name}. Give a NAME footprint file."
        )
        raise ValueError(msg)
    unit = dataset["fp"].attrs.get("units")
    if unit != UNIT:
        msg = (
            f"the unit of fp must be {UNIT}; got {unit!r} in {path.name}. Convert the file, "
            "or correct its attribute."
        )
        raise ValueError(msg)
    label = dataset["time"].attrs.get("label", "left")
    time = dataset["time"].to_numpy().astype("datetime64[ns]")
    if label != "left" or not np.array_equal(time, time.astype("datetime64[h]")):
        msg = (
            f"times must be whole hours that label the start of the hour; got label {label!r}, "
            f"first time {time[0]} in {path.name}. Relabel the file."
        )
        raise ValueError(msg)


def validate_hitres(dataset: xr.Dataset) -> str:
    """Return why the time-resolved footprint `fp_HiTRes` must not be used.

    Parameters
    ----------
    dataset : xarray.Dataset
        An open NAME file.

    Returns
    -------
    str
        Reasons, separated by commas; empty where the variable is whole or absent.

    Notes
    -----
    Whole: H_back counts 0, 1, 2, ... hours, values are finite and >= 0, and their sum over H_back
    equals `fp` in every hour within 1e-3.
    """
    if "fp_HiTRes" not in dataset:
        return ""
    reasons = []
    back = dataset["H_back"].to_numpy().astype(float)
    if not np.array_equal(back, np.arange(len(back))):
        steps = ", ".join(f"{s:g}" for s in np.unique(np.diff(back)))
        reasons.append(f"H_back in steps of {steps} h, not 1 h")
    resolved = dataset["fp_HiTRes"].transpose("lat", "lon", "time", "H_back").to_numpy()
    missing, negative = int(np.isnan(resolved).sum()), int((resolved < 0).sum())
    if missing:
        reasons.append(f"{missing} NaN")
    if negative:
        reasons.append(f"{negative} negative values")
    whole = dataset["fp"].transpose("lat", "lon", "time").to_numpy().astype(float).sum(axis=(0, 1))
    closure = np.nansum(resolved, axis=(0, 1, 3)) / np.where(whole > 0, whole, np.nan)
    worst = closure[np.nanargmax(np.abs(closure - 1.0))] if np.isfinite(closure).any() else 1.0
    if abs(worst - 1.0) > CLOSURE_TOLERANCE:
        reasons.append(f"does not close to fp (sum/fp from {np.nanmin(closure):.3f} to "
                       f"{np.nanmax(closure):.3f})")  # fmt: skip
    return ", ".join(reasons)

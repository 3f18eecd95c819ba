"""A FLEXPART grid_time netCDF file of a backward run comes in; its footprints, hour by hour, go out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.grid import Grid
from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import Receptor, receptor_of
from transport.readers.release import (
    HOUR,
    FootprintFile,
    Release,
    Slices,
    checked_values,
    refuse_unit,
)

VARIABLE = "spec001_mr"
UNIT = ("s m3 kg-1",)
AIR_KG_MOL = 0.0289647  # molar mass of dry air, to which the model's mass mixing ratios refer
NEEDED = (
    "time", "height", "latitude", "longitude", "RELSTART", "RELEND",
    "RELLNG1", "RELLNG2", "RELLAT1", "RELLAT2", "RELZZ1", "RELZZ2", "RELKINDZ",
)  # fmt: skip


def matches(contents: Contents) -> bool:
    """Return whether a file is FLEXPART's own netCDF output.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
    """
    return contents.has(VARIABLE, "time", "height", "latitude", "longitude", "pointspec")


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Output of a backward run with sources as mass and receptors as mass mixing ratio.
    section : FootprintFileSettings

    Returns
    -------
    FootprintFile
        A release for each of the run's, in the order of `pointspec`.

    Raises
    ------
    ValueError
        Where direction, units, releases, layers or labels break a rule.

    Notes
    -----
    With ind_source 1 and ind_receptor 2 the unit is s m3 kg-1: the time of residence was divided
    by the density of moist air where it was spent. The footprint is that, times the molar mass of
    air, over the depth of the lowest layer (SCIENCE.md, section 4.3). The label of an interval is
    its earlier bound.
    """
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        step = _refuse_form(dataset, path)
        grid = grid_of_centres(
            dataset["latitude"].to_numpy(), dataset["longitude"].to_numpy(), path.name
        )
        label = dataset["time"].to_numpy().astype("datetime64[ns]")
        depth = float(dataset["height"].to_numpy()[0])
        releases, stops, said_by = _releases(dataset, path, section)
    bounds = np.stack([label, label + step], axis=1)

    def slices(position: int) -> Slices:
        values = _lowest(path, position) * AIR_KG_MOL / depth
        return by_clock_hour(bounds, values, stops[position], path.name)

    return FootprintFile(
        path=path,
        kind="FLEXPART grid_time",
        grid=Grid("EPSG:4326", grid.row_edges, grid.column_edges),
        releases=releases,
        slices=slices,
        integrated_hours=None,
        basis="moist",
        receptor_from=said_by,
        notes=(f"{path.name}: lowest layer {depth:g} m deep",),
    )


def _lowest(path: Path, position: int) -> np.ndarray:
    """Return the residence of one release in the lowest layer, (time, lat, lon) [s m3 kg-1]."""
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        part = dataset[VARIABLE].isel(pointspec=position, height=0)
        part = part.isel(nageclass=0) if "nageclass" in part.dims else part
        values = part.transpose("time", "latitude", "longitude").to_numpy()
    return checked_values(values, f"{VARIABLE} of {path.name}")


def _refuse_form(dataset: xr.Dataset, path: Path) -> np.timedelta64:
    """Return the length of an interval; refuse what is not a backward run in the known unit."""
    missing = [n for n in NEEDED if n not in dataset.variables]
    attrs = dataset.attrs
    missing += [n for n in ("ldirect", "ind_source", "ind_receptor", "loutstep") if n not in attrs]
    if missing:
        msg = (
            "a FLEXPART file must hold its releases and settings; got no "
            f"{', '.join(missing)} in {path.name}. Give the model's own grid_time file."
        )
        raise ValueError(msg)
    if int(attrs["ldirect"]) != -1:
        msg = f"a run must be backward; got ldirect {attrs['ldirect']} in {path.name}. Set LDIRECT -1."
        raise ValueError(msg)
    kinds = int(attrs["ind_source"]), int(attrs["ind_receptor"])
    if kinds != (1, 2):
        msg = (
            "sources must be mass and receptors mass mixing ratio (ind_source 1, ind_receptor 2), "
            f"else densities are needed that the file lacks; got {kinds} in {path.name}. Run with "
            "IND_SOURCE 1 and IND_RECEPTOR 2."
        )
        raise ValueError(msg)
    refuse_unit(dataset[VARIABLE].attrs.get("units"), UNIT, f"{VARIABLE} of {path.name}")
    ages = int(dataset.sizes.get("nageclass", 1))
    if ages != 1:
        msg = f"a footprint must have one age class; got {ages} in {path.name}. Set LAGESPECTRA 0."
        raise ValueError(msg)
    told, kept = dataset["RELSTART"].size, int(dataset.sizes["pointspec"])
    if told != kept:
        msg = (
            f"each release must have a footprint of its own; got {kept} for {told} releases in "
            f"{path.name}. Set IOUTPUTFOREACHRELEASE 1."
        )
        raise ValueError(msg)
    return np.timedelta64(abs(int(attrs["loutstep"])), "s")


def _releases(
    dataset: xr.Dataset, path: Path, section: Any
) -> tuple[tuple[Release, ...], list[np.datetime64], str]:
    """Return the releases, when each ended, and who said their heights."""
    attrs = dataset.attrs
    day, clock = f"{int(attrs['iedate']):08d}", f"{int(attrs['ietime']):06d}"
    origin = np.datetime64(
        f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}", "ns"
    )
    seconds = np.stack(
        [dataset[n].to_numpy().astype("timedelta64[s]").astype(np.int64)
         if dataset[n].dtype.kind == "m" else dataset[n].to_numpy().astype(np.int64)
         for n in ("RELSTART", "RELEND")]
    )  # fmt: skip
    begin, end = (origin + edge.astype("timedelta64[s]") for edge in np.sort(seconds, axis=0))
    middle = [
        0.5 * (dataset[f"{n}1"].to_numpy().astype(float) + dataset[f"{n}2"].to_numpy())
        for n in ("RELLNG", "RELLAT", "RELZZ")
    ]
    above_ground = dataset["RELKINDZ"].to_numpy() == 1
    releases, said_by = [], ""
    for k in range(dataset.sizes["pointspec"]):
        height = float(middle[2][k]) if above_ground[k] else None
        said = Receptor(None, float(middle[0][k]), float(middle[1][k]), height)
        receptor, said_by = receptor_of(path, said, section, ("longitude", "latitude", "height"))
        hour = _hour(begin[k], end[k], section, path)
        releases.append(Release(hour, receptor.longitude, receptor.latitude, receptor.height))
    return tuple(releases), list(end), said_by


def _hour(begin: np.datetime64, end: np.datetime64, section: Any, path: Path) -> np.datetime64:
    """Return the observation hour of a release that is a clock hour, or an instant on the hour."""
    if begin == end:
        return observation_hour(end, section, path.name)
    if end - begin != HOUR or begin != begin.astype("datetime64[h]"):
        msg = (
            "a release must last a clock hour, or be an instant on the hour; got "
            f"{begin} to {end} in {path.name}. Release over the hours of observation."
        )
        raise ValueError(msg)
    return begin

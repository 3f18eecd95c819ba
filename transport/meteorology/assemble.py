"""A source of weather, a window and a grid come in; one dataset `meteorology` on that grid's axes goes out."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.periods import to_ns
from transport.meteorology import surface_layer
from transport.meteorology.continuity import vertical_wind
from transport.meteorology.fields import column_fields
from transport.meteorology.lattice import Lattice
from transport.meteorology.resample import DomainTooSmallError, Resampling, target_lattice
from transport.meteorology.snapshot import Snapshot, problems_of
from transport.meteorology.window import covering, listed

logger = logging.getLogger(__name__)
AIR, SURFACE = ("time", "level", "northing", "easting"), ("time", "northing", "easting")
UNITS = {
    "eastward_wind": ("m s-1", AIR),
    "northward_wind": ("m s-1", AIR),
    "vertical_wind": ("m s-1", AIR),
    "air_density": ("kg m-3", AIR),
    "specific_humidity": ("1", AIR),
    "mixing_height": ("m", SURFACE),
    "friction_velocity": ("m s-1", SURFACE),
    "inverse_obukhov_length": ("m-1", SURFACE),
    "roughness_length": ("m", SURFACE),
    "ground_height": ("m", SURFACE[1:]),
    "map_factor": ("1", SURFACE[1:]),
}
MEANING = {
    "eastward_wind": {"long_name": "wind along the grid's columns' axis, towards its east"},
    "northward_wind": {"long_name": "wind along the grid's rows' axis, towards its north"},
    "vertical_wind": {"long_name": "change of height above ground with time"},
    "air_density": {"long_name": "density of moist air"},
    "inverse_obukhov_length": {"long_name": "1/L, negative in unstable air"},
    "ground_height": {"long_name": "height of the ground above sea level"},
    "map_factor": {"long_name": "metres of the grid per metre on the ground"},
}


@dataclass(frozen=True, eq=False)
class Source:
    """Weather files of one kind, opened.

    Attributes
    ----------
    title : str
        What they are.
    where : str
        Their names, for messages.
    lattice : callable
        instant -> Lattice; the same object as long as the domain does not move.
    series : dict of str to ndarray (time,), datetime64[ns]
        Instants of each variable that must have one at every step; the first leads.
    snapshot : callable
        (instant, part of the lattice) -> Snapshot.
    diagnosed : tuple of str
        Quantities that the files lack and that are worked out.
    counts : Counter
        Filled while snapshots are read.
    """

    title: str
    where: str
    lattice: Callable[[np.datetime64], Lattice]
    series: dict[str, np.ndarray]
    snapshot: Callable[[np.datetime64, tuple[slice, slice]], Snapshot]
    diagnosed: tuple[str, ...] = ()
    counts: Counter = field(default_factory=Counter)


def assemble(
    source: Source, window: tuple[np.datetime64, np.datetime64], grid: Any, settings: Any, name: str
) -> xr.Dataset:
    """Return the meteorology of a window on points around a grid.

    Parameters
    ----------
    source : Source
    window : (start, end), datetime64[ns]
    grid : contracts.grid.Grid
        A projected one.
    settings : WeatherSettings
    name : str
        Of the batch, for the title and messages.

    Returns
    -------
    xarray.Dataset
        `meteorology`, float32, with all of `UNITS`; attribute `counts` (JSON) says what was
        masked, held, raised and diagnosed.

    Raises
    ------
    ValueError
        Where hours are missing, the domain is too small, or fields are unfit: which, and in
        which hours.

    Notes
    -----
    ASSUME: between the files' points all is linear in space: winds by component, density and
    roughness by their logarithms, friction velocity and heat flux before 1/L is made of them.
    """
    times = covering(source.series, *window, source.where)
    spacing = _spacing(source.lattice(times[0]), settings)
    target = target_lattice(grid, 1e3 * settings.margin_km, spacing)
    values, counts = _fill(source, times, _ways(source, times, target), settings)
    counts = source.counts + counts
    dataset = _dataset(values, times, target, grid.crs, settings)
    dataset.attrs |= {
        "title": f"meteorology of {name} from {source.title}",
        "synthetic": "no",
        "diagnosed": ", ".join(source.diagnosed) or "nothing",
        "counts": json.dumps(
            {"instants": len(times), **{k: int(v) for k, v in sorted(counts.items())}}
        ),
    }
    check_dataset(dataset, "meteorology", where=f"the meteorology of {name}")
    logger.info("meteorology: %d instants, %s", len(times), dataset.attrs["counts"])
    return dataset


def _spacing(lattice: Lattice, settings: Any) -> float:
    """Return the distance of points [m]: as declared, or the files' to the next 100 m."""
    if settings.spacing_km is not None:
        return 1e3 * settings.spacing_km
    return max(100.0 * round(lattice.spacing / 100.0), 50.0)


def _ways(source: Source, times: np.ndarray, target: Lattice) -> list[Resampling]:
    """Return the way from the files' lattice to the target for each instant.

    Raises
    ------
    ValueError
        Where the domain does not cover the target: the hours concerned.
    """
    known: dict[int, Resampling] = {}
    small: dict[str, list[np.datetime64]] = {}
    ways = []
    for time in times:
        lattice = source.lattice(time)
        if id(lattice) not in known:
            try:
                known[id(lattice)] = Resampling.between(lattice, target)
            except DomainTooSmallError as error:
                small.setdefault(str(error), []).append(time)
                continue
        ways.append(known[id(lattice)])
    if small:
        lines = "; ".join(f"{found}, in {listed(hours)}" for found, hours in small.items())
        msg = (
            f"the weather must cover the grid and its margin; got a domain that is too small, "
            f"{lines}, in {source.where}. Bring a larger domain, or lessen "
            "transport.weather.margin_km."
        )
        raise ValueError(msg)
    return ways


def _fill(
    source: Source, times: np.ndarray, ways: list[Resampling], settings: Any
) -> tuple[dict[str, np.ndarray], Counter]:
    """Return all variables, float32, and what was counted."""
    target, levels = ways[0].target, len(settings.levels_m)
    sizes = {"time": len(times), "level": levels, "northing": target.shape[0]}
    sizes["easting"] = target.shape[1]
    values = {
        key: np.empty([sizes[dim] for dim in dims], dtype=np.float32)
        for key, (_, dims) in UNITS.items()
    }
    values["map_factor"][:] = target.scale
    counts: Counter = Counter()
    unfit: dict[str, list[np.datetime64]] = {}
    for index, (time, resampling) in enumerate(zip(times, ways, strict=True)):
        snapshot = source.snapshot(time, resampling.part)
        problems = problems_of(snapshot, settings.levels_m[-1])
        for problem in dict.fromkeys(problems):
            unfit.setdefault(problem, []).append(time)
        if problems or unfit:
            continue
        fields, found = column_fields(snapshot, resampling.source, settings)
        counts.update(found)
        here, held = _resampled(fields, resampling, settings)
        counts["obukhov_lengths_held"] += held
        for key, field_values in here.items():
            where = values[key] if key == "ground_height" else values[key][index]
            where[:] = field_values
    _refuse(unfit, source.where)
    return values, counts


def _refuse(unfit: dict[str, list[np.datetime64]], where: str) -> None:
    """Raise with every fault and the hours it concerns."""
    if not unfit:
        return
    lines = "; ".join(
        f"{problem}, in {len(times)} hours: {listed(times)}" for problem, times in unfit.items()
    )
    msg = (
        f"the weather must be whole and plausible; got {lines} in {where}. Mend or replace these "
        "files, or correct their units."
    )
    raise ValueError(msg)


def _resampled(
    fields: dict[str, np.ndarray], resampling: Resampling, settings: Any
) -> tuple[dict[str, np.ndarray], int]:
    """Return an instant's variables at the target's points, and how many 1/L were held."""
    target = resampling.target
    east, north = resampling.wind_at(fields["eastward_wind"], fields["northward_wind"])
    velocity = resampling.at(fields["friction_velocity"])
    inverse, held = surface_layer.inverse_obukhov_length(
        resampling.at(fields["buoyancy_flux"]), velocity, resampling.at(fields["surface_theta"])
    )
    density = np.exp(resampling.at(fields["log_density"]))
    levels = np.asarray(settings.levels_m)
    if "vertical_wind" in fields:
        upward = resampling.at(fields["vertical_wind"])
    else:
        axes = target.rows, target.columns
        upward = vertical_wind((east, north), density, levels, axes, target.scale)
    return {
        "eastward_wind": east,
        "northward_wind": north,
        "vertical_wind": upward,
        "air_density": density,
        "specific_humidity": resampling.at(fields["specific_humidity"]),
        "mixing_height": resampling.at(fields["mixing_height"]),
        "friction_velocity": velocity,
        "inverse_obukhov_length": inverse,
        "roughness_length": np.exp(resampling.at(fields["log_roughness"])),
        "ground_height": resampling.at(fields["ground_height"]),
    }, held


def _dataset(
    values: dict[str, np.ndarray], times: np.ndarray, target: Lattice, crs: str, settings: Any
) -> xr.Dataset:
    """Return the variables with their dims, units and coordinates."""
    level = np.asarray(settings.levels_m, dtype=float)
    return xr.Dataset(
        {
            key: (dims, values[key], {"units": unit} | MEANING.get(key, {}))
            for key, (unit, dims) in UNITS.items()
        },
        coords={
            "time": to_ns(times),
            "level": ("level", level, {"units": "m", "long_name": "height above ground"}),
            "northing": ("northing", target.rows, {"units": "m"}),
            "easting": ("easting", target.columns, {"units": "m"}),
        },
        attrs={"grid_crs": crs},
    )

"""A COCCON netCDF file as PROFFASTpylot writes it comes in; columns of one gas, with kernels, go out.

Three of its units are not what they say: `pres` is in hPa (said Pa), `height_prior` in km (said m),
`sza_avk` in radian (said degree). Each is taken by the only unit in which its numbers are possible;
a file whose numbers fit neither is refused. Kernels come as one table a day, by solar zenith angle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from stations.flags import FLAGS as BITS
from stations.quarantine import Issue
from stations.reading.column import Columns, demand_variables, dry_weights, standard_pressure
from stations.reading.fields import BadFieldError
from stations.reading.look import Head
from stations.reading.netcdf import NetcdfFile, Records, refuse
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings

SOURCE = "netcdf"
COLUMNS = True
FLAGS: dict[str, str] = {}
_MARKS = ("XCO2", "XAIR", "local_noon", "time_prior", "height_prior", "sza_avk")
_SERIES = ("time", "local_noon", "XAIR", "pres", "sza", "height", "lat", "lon")
_EPOCH = "days since 1990-01-01"
_TO_1990 = 7305  # days from 1970-01-01 to 1990-01-01
_SAME_NOON = 1e-6  # days


class Settings(ReaderSettings):
    """COCCON file of PROFFASTpylot: columns from an EM27/SUN, with averaging kernels."""

    format: Literal["coccon"] = Field(default="coccon", description="name of the reader")
    xair_tolerance: float | None = Field(
        default=None,
        gt=0,
        description="XAIR further from 1 than this makes a row suspect; none: any",
    )


def sniff(head: Head) -> bool:
    """Return whether the file has the variables of a COCCON file.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(raw=b"CDF"))
    False
    """
    return head.netcdf is not None and head.netcdf.has(*_MARKS)


def read(source: Records, settings: Settings) -> Reading:
    """Sort every record into rows and issues.

    Parameters
    ----------
    source : Records
    settings : Settings

    Returns
    -------
    Reading
        `columns` holds kernels, priors and weights of all rows.

    Raises
    ------
    FileRefusedError
        Where the file has no column of the gas, or a unit that cannot be told.
    """
    file = source.file
    gas = (settings.gas or "co2").upper().removeprefix("X")
    _demand(file, gas)
    source.table = {key: file.numbers(key) for key in ("time", f"X{gas}", "XAIR", "sza", "pres")}
    source.count = len(source.table["time"])
    columns, remarks = _columns(file, gas)
    faults = columns.faults()
    good = np.array([k not in faults for k in range(source.count)], dtype=bool)
    claims = Claims(
        gas=gas,
        unit="mol mol-1",  # said as "1"
        latitude=_one(file, "lat"),
        longitude=_one(file, "lon"),
        label="centre",
        zone="UTC",
        basis="dry",
    )
    items = _rows(source, gas, settings, faults, remarks)
    return Reading(claims, items, columns=columns.dataset(good))


def _demand(file: NetcdfFile, gas: str) -> None:
    """Refuse a file without this gas or with other units than its writer's."""
    profile = ("time_prior", "height_prior")
    wanted = {
        **dict.fromkeys((f"X{gas}", *_SERIES), ("time",)),
        f"{gas}_prior": profile,
        f"X{gas}_avk": (*profile, "sza_avk"),
    }
    demand_variables(file, wanted, "Declare `gas` in the registry as one of these columns.")
    for name, unit in (("time", _EPOCH), ("local_noon", _EPOCH), (f"X{gas}", "1")):
        said = str(file.attribute(name, "units"))
        if not said.startswith(unit):
            refuse("columns", f"{name} in {said!r}", repr(unit), "Fetch the file again.")


def _one(file: NetcdfFile, name: str) -> float:
    """Return a place that no record leaves, NaN where one does."""
    found = file.numbers(name)
    found = found[np.isfinite(found)]
    same = found.size and float(np.ptp(found)) < 0.01
    return float(found[0]) if same else math.nan


def _scaled(
    file: NetcdfFile, name: str, choices: tuple[tuple[float, float, float], ...]
) -> tuple[np.ndarray, float]:
    """Return a variable times the factor whose bounds its largest number lies in."""
    found = file.numbers(name)
    top = float(np.nanmax(found)) if np.isfinite(found).any() else math.nan
    factor = next((factor for low, high, factor in choices if low <= top <= high), 0.0)
    if not factor:
        hint = "Its units are not trusted; the numbers must show the unit. Report this file."
        bounds = " or ".join(f"{low:g} to {high:g}" for low, high, _ in choices)
        refuse("unit", f"{name} up to {top:g}", f"a largest number of {bounds}", hint)
    return found * factor, factor


def _columns(file: NetcdfFile, gas: str) -> tuple[Columns, list[Issue]]:
    """Return kernels, priors and weights of each record, and what is to be said of them."""
    surface, hecto = _scaled(file, "pres", ((300.0, 1100.0, 100.0), (3e4, 1.1e5, 1.0)))
    height, kilo = _scaled(file, "height_prior", ((20.0, 200.0, 1000.0), (2e4, 2e5, 1.0)))
    angles, radian = _scaled(
        file, "sza_avk", ((0.5, math.pi / 2, math.degrees(1.0)), (30.0, 90.0, 1.0))
    )
    if len(angles) < 2 or not (np.diff(angles) > 0).all():
        hint = "Kernels are interpolated by the sun's angle; fetch the file again."
        refuse("columns", f"sza_avk {angles.tolist()}", "angles that rise", hint)
    day = _day_of(file)
    table, prior = file.numbers(f"X{gas}_avk"), file.numbers(f"{gas}_prior") * 1e6
    kernel, clamped = _at_angle(table[day], angles, file.numbers("sza"))
    ground = file.numbers("height")
    relative = standard_pressure(height)[None, :] / standard_pressure(ground)[:, None]
    pressure = surface[:, None] * relative
    weight = dry_weights(pressure, surface)
    notes = {
        "gas": gas,
        "scale": "not stated by the file",
        "prior_basis": "not stated by the file; taken as dry",
        "weights": "from pressure alone, of dry air",
        "pressure": "the file has heights only: U.S. Standard Atmosphere 1976, set to the "
        "pressure measured at the ground",
        "kernel_angle": f"{clamped} records beyond the table of angles have its last kernel",
    }
    lines = np.arange(1, len(kernel) + 1)
    columns = Columns(
        lines, pressure, kernel, prior[day], weight, (weight * prior[day]).sum(1), notes
    )
    said = [
        name
        for name, f in (
            ("pres in hPa", hecto),
            ("height_prior in km", kilo),
            ("sza_avk in rad", radian),
        )
        if f != 1.0
    ]
    return columns, _remarks(said, clamped)


def _remarks(units: list[str], clamped: int) -> list[Issue]:
    """Return what a person should know of the kernels."""
    listed = []
    if units:
        hint = "Nothing to do: a known slip of the writer; the numbers show the unit."
        found, wanted = ", ".join(units), "the units of the attributes"
        listed.append(Issue(0, 0, "column_units", found, wanted, hint, "", quarantined=False))
    if clamped:
        found = f"{clamped} records with a lower sun than any kernel of the file"
        hint = "The kernel of the lowest sun is used; leave these records out where it matters."
        listed.append(
            Issue(0, 0, "column_angle", found, "angles inside the table", hint, "", False)
        )
    return listed


def _day_of(file: NetcdfFile) -> np.ndarray:
    """Return which of the days' tables belongs to each record."""
    noon, days = file.numbers("local_noon"), file.numbers("time_prior")
    apart = np.abs(noon[:, None] - days[None, :])
    nearest = np.argmin(np.nan_to_num(apart, nan=np.inf), axis=1)
    if not (apart[np.arange(len(noon)), nearest] <= _SAME_NOON).all():
        hint = "The file must hold one prior for each of its days; fetch it again."
        refuse("columns", "a local_noon that no time_prior has", "the same instants", hint)
    return nearest


def _at_angle(tables: np.ndarray, angles: np.ndarray, sun: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the kernel (record, level) at each record's angle [degree], and how many are outside."""
    inside = np.clip(sun, angles[0], angles[-1])
    after = np.clip(np.searchsorted(angles, inside, side="right"), 1, len(angles) - 1)
    share = (inside - angles[after - 1]) / (angles[after] - angles[after - 1])
    at = np.arange(len(sun))
    low, high = tables[at, :, after - 1], tables[at, :, after]
    return low + share[:, None] * (high - low), int((np.abs(inside - sun) > 0).sum())


def _rows(
    source: Records, gas: str, settings: Settings, faults: dict[int, str], remarks: list[Issue]
) -> Iterator[Row | Issue]:
    """Give a row or an issue for each record."""
    yield from remarks
    time, value, air = (source.table[name] for name in ("time", f"X{gas}", "XAIR"))
    limit = settings.xair_tolerance or math.inf
    for k in range(source.count):
        try:
            flag = BITS["suspect"] if abs(air[k] - 1) > limit else 0
            yield _row(k, float(time[k]), float(value[k]), flag, faults)
        except BadFieldError as bad:
            yield bad.issue(k + 1, source.text(k + 1))


def _row(k: int, time: float, value: float, flag: int, faults: dict[int, str]) -> Row:
    """Read one record; 0 is what the writer leaves where a gas was not retrieved."""
    if not math.isfinite(time):
        hint = "The record has no time; fetch the file again."
        raise BadFieldError(1, "impossible_date", f"{time}", _EPOCH, hint)
    if math.isinf(value):
        raise BadFieldError(2, "not_a_number", f"{value}", "a finite number", "Fetch it again.")
    value = math.nan if value == 0 else value
    if k in faults and not math.isnan(value):
        hint = "A column without its kernel cannot be compared with a model."
        raise BadFieldError(0, "kernel", faults[k], "a finite kernel near 1", hint)
    stamp = round((time + _TO_1990) * 86400, 3)
    return Row(k + 1, stamp, value, math.nan, int(not math.isnan(value)), flag)

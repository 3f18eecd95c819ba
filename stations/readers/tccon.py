"""A TCCON GGG2020 netCDF file comes in; columns of one gas, with kernels and priors, go out.

Values are `xco2_x2019` (the plain `xco2` is on the scale of 2007), in the file's unit. The weights
of release R0 (`integration_operator`) carry the noise of each spectrum's oxygen and do not sum to
1: there they are made from the prior's pressure, gravity and water. Priors are given wet and
leave dry, so that all belongs to dry air.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from stations.quarantine import Issue
from stations.reading.column import Columns, demand_variables, dry_weights
from stations.reading.fields import BadFieldError
from stations.reading.look import Head
from stations.reading.netcdf import NetcdfFile, Records, refuse
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.units import mole_fraction_factor

SOURCE = "netcdf"
COLUMNS = True
# extrapolation_flags_ak_*: 0 interpolated; +-1 extrapolated; +-2 clamped to the table's edge.
FLAGS = {"-2": "suspect", "-1": "ok", "0": "ok", "1": "ok", "2": "suspect", "": "ok"}
_MARKS = ("ak_xco2", "extrapolation_flags_ak_xco2", "prior_pressure", "integration_operator")
_SERIES = ("lat", "long", "pout")
_PROFILES = ("prior_pressure", "prior_h2o", "prior_gravity")
_ATMOSPHERE_PA = 101325.0
_HECTOPASCAL = 100.0
_EPOCH = "seconds since 1970-01-01"
_FAULTY = "R0"  # release whose integration operator is wrong, says TCCON's own wiki


class Settings(ReaderSettings):
    """TCCON public file of release GGG2020: columns from a solar spectrometer."""

    format: Literal["tccon"] = Field(default="tccon", description="name of the reader")
    scale_year: Literal[2007, 2019] = Field(
        default=2019, description="which of the file's two columns of CO2: by the year of its scale"
    )


def sniff(head: Head) -> bool:
    """Return whether the file has the variables of a TCCON file of 2020.

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
    return head.netcdf is not None and head.netcdf.has("time", "long", *_MARKS)


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
        Where the file has no column of the gas, or no kernel of it.
    """
    file = source.file
    gas = (settings.gas or "co2").lower().removeprefix("x")
    tail = "_x2019" if gas == "co2" and settings.scale_year == 2019 else ""
    name, error = f"x{gas}{tail}", f"x{gas}_error{tail}"
    _demand(file, gas, name)
    source.table = {
        key: file.numbers(key) for key in ("time", name, error, "solzen") if file.has(key)
    }
    source.count = len(source.table["time"])
    columns, remarks = _columns(file, gas, tail)
    faults = columns.faults()
    good = np.array([k not in faults for k in range(source.count)], dtype=bool)
    claims = Claims(
        station=str(file.attributes.get("long_name", "")),
        gas=gas.upper(),
        unit=str(file.attribute(name, "units")),
        scale=_scale(file, name),
        latitude=_one(file, "lat"),
        longitude=_one(file, "long"),
        label="centre",
        zone="UTC",
        basis="dry",
    )
    flags = file.values(f"extrapolation_flags_ak_x{gas}").astype(int)
    items = _rows(source, (name, error), flags, faults, remarks)
    return Reading(claims, items, columns=columns.dataset(good))


def _demand(file: NetcdfFile, gas: str, name: str) -> None:
    """Refuse a file without this gas or with another clock."""
    tail = name.removeprefix(f"x{gas}")
    series = ("time", name, f"extrapolation_flags_ak_x{gas}", f"prior_x{gas}{tail}", *_SERIES)
    profiles = (f"prior_{gas}", f"integration_operator{tail}", *_PROFILES)
    wanted = {
        **dict.fromkeys(series, ("time",)),
        **dict.fromkeys(profiles, ("time", "prior_altitude")),
        f"ak_x{gas}": ("time", "ak_altitude"),
    }
    hint = "Fetch a newer release, or declare `gas` or `scale_year` in the registry."
    demand_variables(file, wanted, hint)
    units = str(file.attribute("time", "units"))
    if not units.startswith(_EPOCH):
        refuse("columns", f"time in {units!r}", _EPOCH, "Fetch the public file of GGG2020.")


def _scale(file: NetcdfFile, name: str) -> str:
    """Return the scale the file names; empty where it says there is none."""
    said = str(file.attribute(name, "wmo_or_analogous_scale"))
    return said if said.startswith("WMO") else ""


def _one(file: NetcdfFile, name: str) -> float:
    """Return a place that no record leaves, NaN where one does."""
    found = file.numbers(name)
    found = found[np.isfinite(found)]
    same = found.size and float(np.ptp(found)) < 0.01
    return float(found[0]) if same else math.nan


def _columns(file: NetcdfFile, gas: str, tail: str) -> tuple[Columns, list[Issue]]:
    """Return kernels, priors and weights in dry air, and what is to be said of them."""
    water = file.numbers("prior_h2o")  # mol mol-1 of moist air
    prior = _canonical(file, f"prior_{gas}") / (1 - water)
    kernel = file.numbers(f"ak_x{gas}")
    pressure = file.numbers("prior_pressure") * _ATMOSPHERE_PA
    remarks = []
    if str(file.attributes.get("data_revision", _FAULTY)) == _FAULTY:
        surface = file.numbers("pout") * _HECTOPASCAL
        weight = dry_weights(pressure, surface, water, file.numbers("prior_gravity"))
        made = "from prior pressure, gravity and water: the operator of release R0 is faulty"
        hint = "Nothing to do; a later release has an operator of its own."
        expected = "an operator that sums to 1"
        remarks.append(
            Issue(
                0, 0, "column_weights", f"release {_FAULTY}: made {made}", expected, hint, "", False
            )
        )
        column = (weight * prior).sum(axis=1)
    else:
        weight = file.numbers(f"integration_operator{tail}") * (1 - water)
        made = f"the file's integration_operator{tail}, brought to dry air"
        column = _canonical(file, f"prior_x{gas}{tail}")
    notes = {
        "gas": gas.upper(),
        "scale": _scale(file, f"x{gas}{tail}"),
        "prior_basis": "dry: the file's moist mole fraction / (1 - water)",
        "weights": made,
        "kernel_grid": "the file's ak_altitude, the same as prior_altitude",
    }
    return _on_one_grid(
        file, Columns(_lines(kernel), pressure, kernel, prior, weight, column, notes)
    ), remarks


def _canonical(file: NetcdfFile, name: str) -> np.ndarray:
    """Return a variable in umol mol-1."""
    unit = str(file.attribute(name, "units"))
    try:
        return file.numbers(name) * mole_fraction_factor(unit, 1.0)
    except ValueError as error:
        refuse("unit", f"{name} in {unit!r}", "a mole fraction", str(error), error)


def _lines(kernel: np.ndarray) -> np.ndarray:
    """Return the numbers of the records."""
    return np.arange(1, len(kernel) + 1)


def _on_one_grid(file: NetcdfFile, columns: Columns) -> Columns:
    """Refuse kernels on other levels than the priors."""
    own, others = file.numbers("ak_altitude"), file.numbers("prior_altitude")
    if own.shape != others.shape or np.abs(own - others).max() > 1e-3:
        hint = "Kernels must be brought to the levels of the priors first; report this file."
        refuse("columns", "kernels and priors on different levels", "one set of levels", hint)
    return columns


def _rows(
    source: Records,
    names: tuple[str, str],
    flags: np.ndarray,
    faults: dict[int, str],
    remarks: list[Issue],
) -> Iterator[Row | Issue]:
    """Give a row or an issue for each record."""
    yield from remarks
    time, value = source.table["time"], source.table[names[0]]
    spread = source.table.get(names[1], np.full(len(time), np.nan))
    for k in range(source.count):
        try:
            yield _row(k, float(time[k]), float(value[k]), float(spread[k]), str(flags[k]), faults)
        except BadFieldError as bad:
            yield bad.issue(k + 1, source.text(k + 1))


def _row(
    k: int, time: float, value: float, spread: float, flag: str, faults: dict[int, str]
) -> Row:
    """Read one record."""
    if not math.isfinite(time):
        hint = "The record has no time; fetch the file again."
        raise BadFieldError(1, "impossible_date", f"{time}", "seconds since 1970", hint)
    if math.isinf(value) or spread < 0:
        hint = "Fetch the file again."
        raise BadFieldError(2, "not_a_number", f"{value:g} +- {spread:g}", "finite numbers", hint)
    if k in faults and not math.isnan(value):
        hint = "A column without its kernel cannot be compared with a model."
        raise BadFieldError(
            0, "kernel", faults[k], "a finite kernel near 1, weights that sum to 1", hint
        )
    return Row(k + 1, round(time, 3), value, spread, int(not math.isnan(value)), 0, flag)

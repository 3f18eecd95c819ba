"""Rows as files give them come in; rows in UTC, umol mol-1 and our flags, labelled by the start of their slot, go out.

The one place where zones, labels, units and providers' flags are converted, whatever the format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from contracts.settings.gas import GasSettings
from stations.claims import Expected
from stations.flags import FLAGS
from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.rows import Claims, Rows
from stations.reading.settings import ReaderSettings
from stations.reading.units import mole_fraction_factor
from stations.zones import to_utc

GATE_SHARE = 0.5  # more values than this outside the gate: the column or the unit is wrong
_MINUTE = 60.0
_USUAL = 4.0  # times the lowest plausible value: below it any median may lie


@dataclass(frozen=True)
class Converted:
    """Rows of one station in our own terms.

    Attributes
    ----------
    rows : Rows
        `stamp` is the start of the slot [s since 1970 UTC], `seconds` its length, values in
        umol mol-1, `flag` complete.
    issues : list of Issue
        Rows kept out, and remarks.
    out_of_gate : tuple of float
        Starts of rows that the gate kept out.
    elsewhere : int
        Rows of other inlets.
    """

    rows: Rows
    issues: list[Issue]
    out_of_gate: tuple[float, ...] = ()
    elsewhere: int = 0


def convert(
    rows: Rows,
    claims: Claims,
    settings: ReaderSettings,
    module: ModuleType,
    context: tuple[GasSettings, Expected | None],
) -> Converted:
    """Convert the rows of one file.

    Parameters
    ----------
    rows : Rows
    claims : Claims
        What the file says of zone, label, unit, slot; the registry overrules it.
    settings : ReaderSettings
    module : module
        The reader, for its table of flags.
    context : (GasSettings, Expected or None)
        Which values are plausible [umol mol-1], and the station.

    Returns
    -------
    Converted

    Raises
    ------
    FileRefusedError
        Where the unit is not known or most values are no mole fractions of outdoor air.
    """
    gas, expected = context
    rows, elsewhere = _of_the_inlet(rows, settings, expected)
    rows, unmapped = _flagged(rows, settings, module)
    rows, skipped = _in_utc(rows, claims, settings)
    if expected is not None:
        _demand_slot(rows, claims, settings)
    rows = _started(rows, claims, settings)
    rows, outside = _gated(rows, claims, settings, gas)
    issues = [*unmapped, *skipped, *(issue for issue, _ in outside)]
    return Converted(rows, issues, tuple(start for _, start in outside), elsewhere)


def _of_the_inlet(
    rows: Rows, settings: ReaderSettings, expected: Expected | None
) -> tuple[Rows, int]:
    """Leave the rows of other heights to their own stations."""
    if expected is None:
        return rows, 0
    other = np.abs(rows.inlet - expected.inlet) > settings.inlet_tolerance_m
    if len(rows) and other.all():
        heights = ", ".join(f"{height:g}" for height in np.unique(rows.inlet)[:8])
        hint = "Correct inlet_height_m or `files` of the station in the registry."
        wanted = f"an inlet at {expected.inlet:g} m"
        raise FileRefusedError(Issue(0, 0, "other_inlet", f"{heights} m", wanted, hint))
    return rows.take(~other), int(other.sum())


def _flagged(rows: Rows, settings: ReaderSettings, module: ModuleType) -> tuple[Rows, list[Issue]]:
    """Translate the provider's flags; one that nobody declared makes its rows bad."""
    bits = np.zeros(len(rows.provider_names), dtype=np.int64)
    unknown = []
    for code, text in enumerate(rows.provider_names):
        names = _names(text, settings.flags, getattr(module, "FLAGS", {}))
        if names is None:
            names = ("unknown_flag",)
            unknown.append(code)
        bits[code] = sum(FLAGS[name] for name in names if name != "ok")
    issues = []
    for code in unknown:
        at = np.flatnonzero(rows.provider == code)
        if at.size:
            shown = printable(repr(rows.provider_names[code]), 40)
            found = shown if at.size == 1 else f"{shown} in {at.size} rows, first here"
            known = sorted({*settings.flags, *_known(getattr(module, "FLAGS", {}))})
            hint = "Declare what this flag means under `flags` in the registry."
            expected = f"one of {', '.join(known)}" if known else "a declared flag"
            line = int(rows.line[at[0]])
            issues.append(Issue(line, 0, "unknown_flag", found, expected, hint, "", False))
    return rows.changed(flag=rows.flag | bits[rows.provider]), issues


def _names(text: str, declared: Mapping, table: Mapping | Callable) -> tuple[str, ...] | None:
    """Return our names for a provider's flag, None where nobody declared it."""
    if text in declared:
        found = declared[text]
    elif callable(table):
        found = table(text)
    elif not text and "" not in table:
        found = ()
    else:
        found = table.get(text)
    return (found,) if isinstance(found, str) else found


def _known(table: Mapping | Callable) -> tuple[str, ...]:
    """Return the flags of a table that can be listed."""
    return () if callable(table) else tuple(text or "(empty)" for text in table)


def _in_utc(rows: Rows, claims: Claims, settings: ReaderSettings) -> tuple[Rows, list[Issue]]:
    """Turn the clock's readings into UTC; keep out those that the zone never shows."""
    if claims.zone == "stamped":
        return rows, []
    zone = settings.zone if settings.zone is not None else claims.zone
    if not zone:
        hint = "Declare `zone` in the registry: UTC or the logger's fixed offset."
        raise FileRefusedError(Issue(0, 0, "zone", "no zone", "a declared zone", hint))
    utc = to_utc(rows.stamp, zone)
    never = np.isnan(utc)
    hint = "The zone skips this hour in spring: is the logger on a fixed offset?"
    issues = [
        Issue(int(line), 1, "impossible_date", str(when), f"a time of {zone}", hint)
        for line, when in zip(rows.line[never], _shown(rows.stamp[never]), strict=True)
    ]
    return rows.changed(stamp=utc).take(~never), issues


def _shown(seconds: np.ndarray) -> np.ndarray:
    """Return instants as people write them."""
    return np.asarray(np.round(seconds)).astype("int64").astype("datetime64[s]")


def _demand_slot(rows: Rows, claims: Claims, settings: ReaderSettings) -> None:
    """Refuse to place rows whose stamps nobody explained."""
    slots = claims.slot_seconds or bool((rows.seconds > 0).all())
    for name, said in (("label", claims.label), ("slot_seconds", slots)):
        if not said and getattr(settings, name) is None:
            hint = f"Declare `{name}` in the registry; the file does not say it."
            raise FileRefusedError(Issue(0, 0, "undeclared", f"no {name}", "a declared one", hint))


def _started(rows: Rows, claims: Claims, settings: ReaderSettings) -> Rows:
    """Move each stamp to the start of its slot."""
    length = settings.slot_seconds or claims.slot_seconds or _MINUTE
    seconds = np.where(rows.seconds > 0, rows.seconds, length)
    label = settings.label or claims.label or "start"
    share = {"start": 0.0, "centre": 0.5, "end": 1.0}[label]
    return rows.changed(stamp=np.round(rows.stamp - share * seconds, 3), seconds=seconds)


def _factor(claims: Claims, settings: ReaderSettings, gas: GasSettings) -> float:
    """Return the factor to umol mol-1."""
    unit = settings.unit or claims.unit
    if not unit:
        hint = "Declare `unit` in the registry; units are never guessed."
        raise FileRefusedError(Issue(0, 0, "unit", "no unit", "a declared unit", hint))
    reference = settings.reference_temperature_k, settings.reference_pressure_pa
    try:
        return mole_fraction_factor(unit, gas.molar_mass_g_mol, *reference)
    except ValueError as error:
        raise FileRefusedError(
            Issue(0, 0, "unit", unit, "a known unit of mole fraction", str(error))
        ) from error


def _gated(
    rows: Rows, claims: Claims, settings: ReaderSettings, gas: GasSettings
) -> tuple[Rows, list[tuple[Issue, float]]]:
    """Convert units; keep out what outdoor air cannot hold."""
    factor = _factor(claims, settings, gas)
    value = rows.value * factor
    rows = rows.changed(value=value, stdev=rows.stdev * factor)
    low, high = gas.lowest_umol_mol, gas.highest_umol_mol
    outside = (value < low) | (value > high) | (rows.stdev > high)
    finite = int(np.isfinite(value).sum())
    _demand_outdoor_air(rows, (low, high), gas)
    wanted = f"{low:g} to {high:g} umol mol-1"
    if outside.any() and outside.sum() > GATE_SHARE * finite:
        first = int(np.argmax(outside))
        found = f"{outside.sum()} of {finite} values outside, first {value[first]:g} umol mol-1"
        hint = "Check `unit`, `columns` and the decimal mark; units are never guessed."
        expected = f"values of {gas.name} within {wanted}"
        line = int(rows.line[first])
        raise FileRefusedError(Issue(line, 0, "unit_or_column", found, expected, hint))
    hint = (
        "If it means missing, declare it under `missing`; if air can hold it, widen the gas limits."
    )
    kept_out = [
        (Issue(int(line), 0, "out_of_gate", _told(x, sd, high), wanted, hint), float(start))
        for line, x, sd, start in zip(
            *(column[outside] for column in (rows.line, value, rows.stdev, rows.stamp)), strict=True
        )
    ]
    return rows.take(~outside), kept_out


def _told(value: float, deviation: float, high: float) -> str:
    """Return the number that is outside the gate."""
    return f"a deviation of {deviation:g}" if deviation > high else f"{value:g}"


def _demand_outdoor_air(rows: Rows, limits: tuple[float, float], gas: GasSettings) -> None:
    """Refuse a file whose usual value is no air that anybody breathes outdoors.

    The gate must let a plume pass; half of a record that lies above half of its upper limit is
    another column (methane in ppb looks like 1900 ppm of CO2) or another unit.
    """
    inside = rows.value[(rows.value >= limits[0]) & (rows.value <= limits[1])]
    usual = max(limits[1] / 2, _USUAL * limits[0])  # narrow limits of one's own judge alone
    if inside.size < 2 or float(np.median(inside)) <= usual:
        return
    found = f"a median of {np.median(inside):g} umol mol-1"
    hint = "Check `columns`, `unit` and, where several gases stand in a file, `gas`."
    expected = f"{gas.name} whose median is at most {usual:g} umol mol-1"
    line = int(rows.line[0])
    raise FileRefusedError(Issue(line, 0, "unit_or_column", found, expected, hint))


def with_text(issue: Issue, text: str) -> Issue:
    """Return an issue with the raw text of its line, where it has none yet."""
    return issue if issue.text else replace(issue, text=printable(text))

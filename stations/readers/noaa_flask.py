"""Lines of a NOAA flask file in its older form (before 2020) come in; rows, issues and header lines go out.

One line is one analysis of one flask; the two flasks of a pair share their time, and one flask
may be analysed twice. The file names no unit: NOAA's is one for each gas.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, number, stamp
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.noaa import FLASK_SECONDS, degrees, header_block, noaa_flags
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, row_or_issue

FLAGS = noaa_flags
_OPENING = "# number_of_header_lines"
_FIELDS = "# data_fields:"
_CLOCK = tuple(f"sample_{part}" for part in ("year", "month", "day", "hour", "minute"))
_NEEDED = (*_CLOCK, "sample_id", "analysis_value", "analysis_flag", "parameter_formula")
_MISSING_BELOW = -900.0
_UNITS = {"co2": "ppm", "ch4": "ppb", "co": "ppb", "n2o": "ppb", "h2": "ppb", "sf6": "ppt"}


class Settings(ReaderSettings):
    """NOAA flask events as written before 2020: `# data_fields:` names 27 columns."""

    format: Literal["noaa_flask"] = Field(default="noaa_flask", description="name of the reader")


@dataclass(frozen=True)
class _Columns:
    """Names of the columns, and where each stands."""

    names: tuple[str, ...]
    at: dict[str, int]


def sniff(head: Head) -> bool:
    """Return whether a header of NOAA's older form names the fields of flasks.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> names = "sample_year sample_id analysis_value analysis_flag"
    >>> sniff(Head(lines=("# number_of_header_lines: 2", f"# data_fields: {names}")))
    True
    """
    lines = head.lines
    if not lines or not lines[0].startswith(_OPENING):
        return False
    fields = next((text.split() for text in lines if text.startswith(_FIELDS)), [])
    return {"sample_year", "sample_id", "analysis_value", "analysis_flag"} <= set(fields)


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a NOAA flask file into rows, issues and headers.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Place and gas are those of the first flask; a line of another gas is kept out.

    Raises
    ------
    FileRefusedError
        Where the header is not as long as it says, or lacks a column.
    """
    columns = _header(source, *next(source, (1, "")))
    first = next(source, None)
    fields = first[1].split() if first else []
    told = dict(zip(columns.names, fields, strict=False)) if len(fields) > 20 else {}
    gas = told.get("parameter_formula", settings.gas or "")
    claims = Claims(
        station=told.get("sample_site_code", ""),
        gas=gas.upper(),
        unit=_UNITS.get(gas.lower(), ""),
        latitude=degrees(told.get("sample_latitude"), 90.0),
        longitude=degrees(told.get("sample_longitude"), 360.0),
        label="start",
        slot_seconds=FLASK_SECONDS,
        zone="UTC",
        basis="dry",
    )
    return Reading(claims, _rows(source, [first] if first else [], columns, gas, settings))


def _header(source: Lines, line: int, text: str) -> _Columns:
    """Read a header whose first line is already at hand."""
    last = header_block(source, line, text, _OPENING)[-1]
    names = tuple(last.removeprefix(_FIELDS).split()) if last.startswith(_FIELDS) else ()
    lost = [name for name in _NEEDED if names.count(name) != 1]
    if lost:
        hint = "Its last line must begin with '# data_fields:'; fetch the file again."
        raise refuse_header(source.count, last[:80], f"each of {', '.join(lost)} once", hint)
    at = {name: k for k, name in enumerate(names)}
    if [at[name] - at[_CLOCK[0]] for name in _CLOCK] != list(range(len(_CLOCK))):
        hint = "Fetch the file again."
        raise refuse_header(source.count, last[:80], "the parts of the time side by side", hint)
    return _Columns(names, at)


def _rows(
    source: Lines, ahead: list[tuple[int, str]], columns: _Columns, gas: str, settings: Settings
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    read_line = _line_reader(columns, gas, settings)
    for line, text in chain(ahead, source):
        if text[0] == "#":
            if not text.startswith(_OPENING):
                source.comment += 1
                continue
            again = _header(source, line, text)
            yield header_again(line, text, same=again == columns)
            columns, read_line = again, _line_reader(again, gas, settings)
            continue
        yield row_or_issue(read_line, line, text)


def _line_reader(columns: _Columns, gas: str, settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads one line of these columns."""
    at, missing, wanted = columns.at, settings.missing, len(columns.names)
    first, value_at, flag_at = at[_CLOCK[0]], at["analysis_value"], at["analysis_flag"]
    gas_at = at["parameter_formula"]
    second_at, inlet_at = at.get("sample_seconds"), at.get("sample_intake_height")
    # one flask analysed twice is two measurements: the time of the analysis tells them apart
    parts = ("instrument", "year", "month", "day", "hour", "minute", "seconds")
    analysis = [f"analysis_{part}" for part in parts]
    sample_at = [at[name] for name in ("sample_id", *analysis) if name in at]

    def read_line(line: int, text: str) -> Row:
        fields = text.split()
        demand_fields(fields, wanted)
        if fields[gas_at] != gas:
            hint = "One file holds one gas: split it."
            raise BadFieldError(gas_at + 1, "other_gas", fields[gas_at], gas, hint)
        second = 0.0 if second_at is None else number(fields[second_at], second_at + 1, ())
        when = stamp(fields[first : first + 5], first + 1, second)
        value = number(fields[value_at], value_at + 1, missing)
        flag = fields[flag_at]
        value = math.nan if value <= _MISSING_BELOW or flag[0] == "*" else value
        inlet = math.nan if inlet_at is None else number(fields[inlet_at], inlet_at + 1, ())
        inlet = math.nan if inlet <= _MISSING_BELOW else inlet
        sample = " ".join([fields[k] for k in sample_at])
        n = 0 if math.isnan(value) else 1
        return Row(line, when, value, math.nan, n, 0, flag, inlet, 0.0, sample)

    return read_line

"""Lines of an ICOS ATC text file come in; rows of its gas go out: releases, near real time, flasks.

``# KEY: value`` lines, the column names as the last of them (``#Site;...``), then fields between
``;``. The columns differ from release to release and are found by name. Stamps are UTC and the
start of the averaging interval; ``TIME ZONE`` is the station's zone and is not applied.
ICOS' own parser pads every short row with empty cells; here only cells that may be empty by
design may be left out at the end (`_MAY_BE_EMPTY`), every other short row is a cut one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import Field

from stations.claims import scale_name
from stations.quarantine import FileRefusedError, Issue
from stations.reading.fields import (
    BadFieldError,
    count,
    deviation,
    number,
)
from stations.reading.icos_header import IcosHeader, data_rows, header_claims, read_header
from stations.reading.icos_slots import clock_reader, span_reader
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header

_MARK = "#Site;"
_CLOCK = ("year", "month", "day", "hour", "minute")
_SPAN = ("samplingstart", "samplingend")
_MISSING = ("-999.99", "")
_NO_STDEV = ("-9.99", "-999.99", "")  # -9.99 is a value where the gas is an isotope ratio
_NO_COUNT = ("-9", "-999", "-999.99", "")
_MAY_BE_EMPTY = {
    "analyticalstdev",
    "autodescriptiveflag",
    "internalflag",
    "manualdescriptiveflag",
    "qcbias",
    "qcbiasuncertainty",
    "systematicaluncertainty",
}
_WEATHER = {"ap", "at", "rh", "wd", "ws"}
FLAGS = {
    "U": "preliminary",  # correct by the automatic checks, nobody looked yet
    "O": "ok",
    "R": "ok",
    "N": "provider_bad",
    "K": "provider_bad",
    "H": "provider_bad",
}


class Settings(ReaderSettings):
    """ICOS ATC text: L2 release, near real time, FastTrack, flasks."""

    format: Literal["icos_atc"] = Field(default="icos_atc", description="name of the reader")
    without_spikes: bool = Field(
        default=False, description="take the columns -WithoutSpikes in place of the plain ones"
    )
    instruments: tuple[str, ...] = Field(
        default=(),
        description="InstrumentId of the rows to be used; none: all. Others are kept out",
    )


@dataclass(frozen=True)
class _Columns:
    """Field numbers, 0-based; None where the file has no such column."""

    height: int | None
    clock: int | None
    span: tuple[int, int] | None
    value: int
    stdev: int | None
    n: int | None
    flag: int
    instrument: int | None
    days: int | None
    flask: int | None
    shortest: int
    width: int


def sniff(head: Head) -> bool:
    """Return whether the header is that of an ICOS ATC file.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("# TITLE: CO2 - NRT Continuous air", "#Site;SamplingHeight;Year")))
    True
    """
    lines = head.lines
    return bool(lines) and lines[0].startswith("# TITLE:") and any(
        line.startswith(_MARK) for line in lines
    )  # fmt: skip


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of an ICOS ATC file into rows, issues and header.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Its claims are complete once all items were taken: the scale is that of the instruments
        that measured, where ``MEASUREMENT SCALE`` names one for each.

    Raises
    ------
    FileRefusedError
        Where the header has other lines than it says, lacks a column, or the file holds
        meteorology.
    """
    header = read_header(source, _MARK)
    if header.count("HEADER LINES") != header.line:
        found = f"the columns in line {header.line}, HEADER LINES: {header.count('HEADER LINES')}"
        hint = "The header was edited or cut; fetch the file again."
        raise refuse_header(header.line, found, "the columns in the last header line", hint)
    claims = header_claims(header)
    claims = replace(claims, label=claims.label or "start", zone=claims.zone or "UTC")
    reading = Reading(claims, ())
    reading.items = _items(source, header, settings, reading)
    return reading


def _items(
    source: Lines, header: IcosHeader, settings: Settings, reading: Reading
) -> Iterator[Row | Issue]:
    """Give the rows, then complete the claims by what was seen in them."""
    measured: dict[str, float] = {}

    def reader_of(header: IcosHeader) -> Callable[[int, str], Row]:
        columns = _columns(header, settings.without_spikes)
        return _line_reader(columns, header.keys.get("STATION CODE", ""), settings, measured)

    yield from data_rows(source, header, _MARK, reader_of)
    reading.claims = _completed(reading.claims, measured)


def _columns(header: IcosHeader, without_spikes: bool) -> _Columns:
    """Find the columns by name; deviation, count and flag are the first ones behind the gas."""
    names = [name.lower() for name in header.names]
    gas = header.keys.get("PARAMETER", "").lower()
    if gas not in names and gas.removeprefix("d") in names:
        gas = gas.removeprefix("d")  # D14C stands in the column 14C
    if gas not in names and _WEATHER.intersection(names):
        hint = "Give the station's file of the gas; meteorology is read elsewhere."
        found = f"meteorology ({', '.join(sorted(_WEATHER.intersection(names)))})"
        raise FileRefusedError(Issue(header.line, 0, "no_gas", found, "a mole fraction", hint))
    tail = "-withoutspikes" if without_spikes else ""
    plain = names.index(gas) if gas in names else len(names)

    def at(name: str, start: int = 0) -> int | None:
        return names.index(name, start) if name in names[start:] else None

    value, flag = at(gas + tail), at("flag", plain)
    clock, span = at("year"), tuple(at(name) for name in _SPAN)
    whole = clock is not None and tuple(names[clock : clock + 5]) == _CLOCK
    if value is None or flag is None or not (whole or None not in span):
        found = ";".join(header.names)
        expected = f"columns {gas + tail or 'of the PARAMETER'}, Flag, and Year to Minute"
        expected += " or SamplingStart and SamplingEnd"
        hint = "Is it a file of one gas? Check the line PARAMETER and the column line."
        raise refuse_header(header.line, found, expected, hint)
    stdev, n, instrument = (
        at(key, plain) for key in ("stdev" + tail, "nbpoints" + tail, "instrumentid")
    )
    used = [k for k in (value, flag, stdev, n, instrument) if k is not None]
    shortest = len(names)
    while shortest - 1 > max(used) and names[shortest - 1] in _MAY_BE_EMPTY:
        shortest -= 1
    return _Columns(
        height=at("samplingheight"),
        clock=clock if whole else None,
        span=None if whole else span,  # type: ignore[arg-type]
        value=value,
        stdev=stdev,
        n=n,
        flag=flag,
        instrument=instrument,
        days=at("integrationtime"),
        flask=at("flaskid"),
        shortest=shortest,
        width=len(names),
    )


def _line_reader(
    columns: _Columns, station: str, settings: Settings, measured: dict[str, float]
) -> Callable[[int, str], Row]:
    """Return what reads one line; it notes the instruments that measured, and a slot of each."""
    missing = _MISSING + settings.missing
    no_stdev = _NO_STDEV + settings.missing
    clocked = clock_reader(columns.clock or 0, columns.days)
    timed = clocked if columns.span is None else span_reader(*columns.span)
    samples = _cached(columns.n, _samples, (*_NO_COUNT, *settings.missing))
    height = _cached(columns.height, number, missing)
    value_at, stdev_at, flag_at = columns.value, columns.stdev, columns.flag
    instrument_at, flask_at, n_at = columns.instrument, columns.flask, columns.n
    shortest, width, isnan = columns.shortest, columns.width, math.isnan

    def read_line(line: int, text: str) -> Row:
        fields = text.split(";")
        if not shortest <= len(fields) <= width:
            demand_fields(fields, width)
        if fields[0] != station:
            hint = "Lines of several stations were joined; split the file."
            raise BadFieldError(1, "other_station", fields[0], station, hint)
        at, seconds = timed(fields)
        value = number(fields[value_at], value_at + 1, missing)
        stdev, n, flag = math.nan, samples(fields), fields[flag_at]
        if stdev_at is not None:
            stdev = deviation(fields[stdev_at], stdev_at + 1, no_stdev)
        if isnan(value):
            n = max(n, 0)
        else:
            flag = flag or "(empty)"  # without a value there is nothing to judge
            if n == 0:
                hint = "A mean of no samples is no measurement."
                raise BadFieldError((n_at or 0) + 1, "no_samples", "0", "at least 1 sample", hint)
            instrument = "" if instrument_at is None else fields[instrument_at]
            if instrument not in measured:
                _demand_instrument(instrument, settings.instruments, instrument_at or 0)
                measured[instrument] = seconds
            n = abs(n)
        flask = "" if flask_at is None else fields[flask_at]
        return Row(line, at, value, stdev, n, 0, flag, height(fields), seconds, flask)

    return read_line


def _cached(
    at: int | None,
    read_cell: Callable[[str, int, tuple[str, ...]], float],
    missing: tuple[str, ...],
) -> Callable[[list[str]], Any]:
    """Return what reads a column of few different cells, each once."""
    known: dict[str, float] = {}

    def read_field(fields: list[str]) -> float:
        cell = fields[at]  # type: ignore[index]
        if cell not in known:
            known[cell] = read_cell(cell, at + 1, missing)  # type: ignore[operator]
        return known[cell]

    nothing = -1 if read_cell is _samples else math.nan
    return (lambda _: nothing) if at is None else read_field


def _samples(cell: str, column: int, missing: tuple[str, ...]) -> int:
    """Return the number of samples, -1 where the cell says nothing: then a value is one."""
    return -1 if math.isnan(number(cell, column, missing)) else count(cell, column, missing)


def _demand_instrument(instrument: str, allowed: tuple[str, ...], column: int) -> None:
    """Keep out rows of instruments that the registry does not name."""
    if allowed and instrument not in allowed:
        hint = "Add it to `instruments` in the registry, or leave that out to use all."
        expected = f"one of {', '.join(allowed)}"
        raise BadFieldError(column + 1, "other_instrument", instrument, expected, hint)


def _completed(claims: Claims, measured: dict[str, float]) -> Claims:
    """Return claims with the scale of the instruments that measured, and a slot."""
    slot = claims.slot_seconds or max(measured.values(), default=0.0)
    pairs = [part.partition(":") for part in claims.scale.split(";")]
    if not all(colon and name.strip().isdecimal() for name, colon, _ in pairs):
        return replace(claims, slot_seconds=slot)
    named = {name.strip(): scale.strip() for name, _, scale in pairs}
    found = {named.get(instrument, "Unknown") for instrument in measured} or set(named.values())
    if len({scale_name(scale) for scale in found} - {""}) > 1:
        hint = "Choose those of one scale by `instruments` in the registry."
        raise FileRefusedError(Issue(0, 0, "scale", claims.scale, "instruments on one scale", hint))
    scale = found.pop() if len(found) == 1 else claims.scale
    return replace(claims, slot_seconds=slot, scale=scale)

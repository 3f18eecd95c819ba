"""Lines of an LGR UGGA's own log come in; rows of one gas, dry, go out.

A line about the firmware, a line of 23 or 24 names by firmware, then one line a second or slower,
and at the end of a day a PGP block that signs it. The clock is the user's: its zone, and the order
of day and month, are declared. ``_se`` columns are not read: how many samples they are of is not
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.clock_text import Clock
from stations.reading.fields import BadFieldError, number
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.named_columns import find_columns
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, row_or_issue

# Quality of the fit of the absorption line: 3 is good.
FLAGS = {"3": "ok", "2": "instrument", "1": "instrument", "0": "instrument"}
_LOOK = 4  # lines in which the names must stand
_DATES = {"mdy": "%m/%d/%Y", "dmy": "%d/%m/%Y", "ymd": "%Y/%m/%d"}


class Settings(ReaderSettings):
    """LGR ultraportable greenhouse gas analyser: gga_*.txt, 23 or 24 columns by firmware."""

    format: Literal["lgr_ugga"] = Field(default="lgr_ugga", description="name of the reader")
    date_order: Literal["mdy", "dmy", "ymd"] = Field(
        default="mdy", description="order of month, day and year that the analyser was set to"
    )
    date_order_known: bool = Field(
        default=False, description="date_order is right, whatever the dates look like"
    )
    valve: str | None = Field(
        default=None, description="MIU_VALVE of the declared inlet; others are kept out"
    )


@dataclass(frozen=True)
class _Columns:
    """Field numbers, 0-based; the valve's is -1 where there is none."""

    value: int
    fit: int
    valve: int
    fields: int


def sniff(head: Head) -> bool:
    """Return whether one of the first lines holds an LGR analyser's names.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("VC:2f  SN:1", "  Time, [CO2]_ppm, [CO2]d_ppm, GasP_torr, Fit_Flag")))
    True
    """
    return any(_is_header(line) for line in head.lines[:_LOOK])


def _is_header(text: str) -> bool:
    """Return whether a line holds an LGR analyser's names."""
    if "Fit_Flag" not in text:
        return False
    names = _split(text)
    return names[0] == "Time" and "GasP_torr" in names and any(n.endswith("]d_ppm") for n in names)


def _split(text: str) -> list[str]:
    """Cut a line into fields without blanks."""
    return [field.strip() for field in text.split(",")]


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of an LGR log into rows, issues, header and signature.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading

    Raises
    ------
    FileRefusedError
        Where no line of names is found or the gas is not among them; once read, where day and
        month look swapped.
    """
    gas = (settings.gas or "co2").upper()
    columns = None
    for line, text in source:
        source.comment += 1
        if _is_header(text):
            columns = _columns(text, line, gas, valve=settings.valve is not None)
            break
        if source.count >= _LOOK:
            break
    if columns is None:
        hint = "Declare the right format in the registry, or fetch the file again."
        expected = "names Time, [CO2]d_ppm, ..., GasP_torr, ..., Fit_Flag"
        raise refuse_header(source.count, "no such line", expected, hint)
    claims = Claims(gas=gas, unit="ppm", basis="dry")
    return Reading(claims, _rows(source, columns, gas, settings))


def _columns(text: str, line: int, gas: str, *, valve: bool) -> _Columns:
    """Find the gas, dry, in the line of names; the valve, where it is asked for."""
    names = _split(text)
    while not names[-1]:
        names.pop()
    wanted = [f"[{gas}]d_ppm", "Fit_Flag", *(["MIU_VALVE"] if valve else [])]
    value, fit, *more = find_columns(names, wanted, line).values()
    return _Columns(value, fit, more[0] if more else -1, len(names))


def _rows(source: Lines, columns: _Columns, gas: str, settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows; names inside the file are read anew, signatures are comment."""
    clock = Clock(f"{_DATES[settings.date_order]} %H:%M:%S")
    read_line = _line_reader(columns, clock, settings)
    signature = False
    for line, text in source:
        if text.startswith("-----"):
            signature = text.startswith("-----BEGIN")
            source.comment += 1
            continue
        if text.startswith("VC:") or (signature and "," not in text):
            source.comment += 1
            continue
        if _is_header(text):
            again = _columns(text, line, gas, valve=settings.valve is not None)
            source.comment += 1
            yield header_again(line, text, same=again == columns)
            columns, read_line = again, _line_reader(again, clock, settings)
            continue
        yield row_or_issue(read_line, line, text)
    if not settings.date_order_known:
        clock.demand_order(settings.slot_seconds or 0)


def _line_reader(columns: _Columns, clock: Clock, settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads a line below one line of names."""
    at_value, at_fit, size = columns.value, columns.fit, columns.fields
    missing = ("nan", *settings.missing)

    def read_line(line: int, text: str) -> Row:
        fields = _split(text)
        if len(fields) > size and not any(fields[size:]):
            fields = fields[:size]  # commas without anything behind them, after a power cut
        demand_fields(fields, size)
        if settings.valve is not None and fields[columns.valve] != settings.valve:
            hint = "Declare the valve of this inlet in the registry."
            found, wanted = f"valve {fields[columns.valve]}", f"valve {settings.valve}"
            raise BadFieldError(columns.valve + 1, "other_inlet", found, wanted, hint)
        stamp = _stamp(fields[0], clock)
        value = number(fields[at_value], at_value + 1, missing)
        n = 0 if value != value else 1  # noqa: PLR0124 - true for NaN only
        return Row(line, stamp, value, n=n, provider=fields[at_fit] or "(empty)")

    return read_line


def _stamp(text: str, clock: Clock) -> float:
    """Return seconds since 1970 on the analyser's clock, to the millisecond."""
    try:
        return clock.with_fraction(text)
    except ValueError as error:
        expected, hint = f"an instant written as {clock.pattern}", f"Check `date_order` ({error})."
        raise BadFieldError(1, "impossible_date", text, expected, hint) from error

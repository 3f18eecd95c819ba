"""Lines of a GCWerks `.C` file of a gas chromatograph come in; rows of one gas go out.

Five header lines (``Created:``, site, scales, units, names), then the decimal year, the time of
the sample, the time of its run, inlet, standard, and value and flag of each gas. The stamp is the
sample's, UTC, and names the centre of the sampling, whose length the file does not say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pydantic import Field

from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.fields import BadFieldError, day_seconds, number, stamp
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header

_STAMPS = ["Year", "yyyy", "mm", "dd", "hh", "mi", "ryyy", "rm", "rd", "rh", "ri"]
_LEADING = [*_STAMPS, "Inlet", "Standard"]
_INLET, _FIRST = 11, 13
_MISSING = ("nan",)
_PREFERRED = ("co2", "ch4")
_HEIGHT = re.compile(r"(\d+(?:\.\d+)?)m(?:_.*)?", re.ASCII)
_TOLERANCE_S = 60.0  # the decimal year has six decimals: 32 s
_STATUS = {"-": (), "F": ("provider_bad",), "T": ("provider_bad",), "*": ("provider_bad",)}
_BASELINE = {"-": (), "B": ("background",), "P": ("local",)}


class Settings(ReaderSettings):
    """GCWerks .C file of a gas chromatograph: 5 header lines, then value and flag of each gas."""

    format: Literal["gcwerks_gc"] = Field(default="gcwerks_gc", description="name of the reader")
    inlets: dict[str, float] = Field(
        default_factory=dict,
        description="name of an inlet in the file -> its height above ground, m; once given, "
        "names without a height that do not stand here are kept out",
    )


def FLAGS(text: str) -> tuple[str, ...] | None:  # noqa: N802
    """Return our names for four characters: status, integration, baseline, a second baseline.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of str or None
        None where a character is not known.

    Examples
    --------
    >>> FLAGS("F---"), FLAGS("-HP-"), FLAGS("x---")
    (('provider_bad',), ('local',), None)
    """
    if len(text) != 4 or text[0] not in _STATUS or text[1] not in "-AH":
        return None
    if text[2] not in _BASELINE or text[3] not in "-B":
        return None
    return _STATUS[text[0]] + _BASELINE[text[2]]


def sniff(head: Head) -> bool:
    """Return whether the first lines are those of a .C file or of its table of precisions.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("Created: 1 Mar 25", "abc", "Scale: --", "Unit: --", "Year yyyy mm dd")))
    True
    """
    lines = head.lines
    if _is_precisions(list(lines[:2])):
        return True
    return (
        len(lines) >= 5
        and lines[0].startswith("Created:")
        and lines[2].split()[:1] == ["Scale:"]
        and lines[4].split()[:2] == _LEADING[:2]
    )


def _is_precisions(lines: list[str]) -> bool:
    """Return whether two lines begin a table of precisions."""
    return (
        len(lines) == 2
        and lines[0].startswith("# Created:")
        and lines[1].startswith("# Standard reported")
    )


@dataclass(frozen=True)
class _Header:
    """What five header lines say of one gas: 0-based field of its value, fields of a row."""

    site: str
    gas: str
    value: int
    fields: int
    scale: str
    unit: str


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a .C file into rows, issues and header.

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
        Where the header is not GCWerks' or lacks the gas, or the file holds precisions.
    """
    head = list(islice(source, 5))
    if _is_precisions([text for _, text in head[:2]]):
        hint = "It is the table of precisions that belongs to a .C file; give the .C file."
        found = "daily standard deviations of the standard"
        raise FileRefusedError(Issue(2, 0, "precisions", found, "a record of air", hint))
    header = _header(head, settings.gas)
    source.comment += 5
    claims = Claims(
        station=header.site,
        gas=header.gas,
        unit=header.unit,
        scale="" if set(header.scale) <= {"-"} else header.scale,
        label="centre",
        zone="UTC",
        basis="dry",
    )
    return Reading(claims, _rows(source, header, settings))


def _header(head: list[tuple[int, str]], wanted: str | None) -> _Header:
    """Find the gas in the five header lines."""
    texts = [text for _, text in head]
    line, text = head[-1] if head else (1, "an empty file")
    names = text.split()
    if len(texts) < 5 or not sniff(Head(lines=tuple(texts))) or names[:_FIRST] != _LEADING:
        expected = "five header lines: Created:, site, Scale:, Unit:, Year yyyy mm dd ..."
        raise refuse_header(line, text, expected, "Fetch the file again.")
    gases = names[_FIRST::2]
    if set(names[_FIRST + 1 :: 2]) != {"Flag"} or len(names) % 2 == 0:
        raise refuse_header(line, text, "a Flag behind each gas", "Fetch the file again.")
    folded = [gas.lower() for gas in gases]
    asked = [wanted.lower()] if wanted else [gas for gas in _PREFERRED if gas in folded]
    if not asked or folded.count(asked[0]) != 1:
        found = printable(f"gases {', '.join(gases)}", 160)
        expected = f"gas {wanted} once" if wanted else f"one of {', '.join(_PREFERRED)}"
        hint = "Declare `gas` as the file spells it, or give the file of the right gas."
        raise FileRefusedError(Issue(line, 0, "columns", found, expected, hint))
    at = _FIRST + 2 * folded.index(asked[0])
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    begin, end = spans[at - 1][1], spans[at][1]
    scale, unit = texts[2][begin:end].strip(), texts[3][begin:end].strip()
    return _Header(texts[1].strip(), gases[folded.index(asked[0])], at, len(names), scale, unit)


def _rows(source: Lines, header: _Header, settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    heights = _Heights(settings)
    for line, text in source:
        if text.startswith("Created:"):
            block = [(line, text), *islice(source, 4)]
            again = _header(block, settings.gas)
            source.comment += 5
            if (again.site, again.scale, again.unit) != (header.site, header.scale, header.unit):
                found = f"{again.site}, {again.scale}, {again.unit}"
                expected = f"{header.site}, {header.scale}, {header.unit}"
                raise refuse_header(line, found, expected, "Two records were joined: part them.")
            yield header_again(line, text, same=again == header)
            header = again
            continue
        try:
            row = _row(text, line, header, (heights, _MISSING + settings.missing))
        except BadFieldError as bad:
            yield bad.issue(line, text)
        else:
            yield row
            while heights.remarks:
                yield heights.remarks.pop()


def _row(text: str, line: int, header: _Header, context: tuple[_Heights, tuple[str, ...]]) -> Row:
    """Read one data line."""
    heights, missing = context
    fields = text.split()
    if len(fields) != header.fields or len(fields[-1]) != 4:
        demand_fields(fields, header.fields)
        hint = "The writer was interrupted; see the line."
        raise BadFieldError(len(fields), "truncated_line", fields[-1], "four characters", hint)
    when = stamp(fields[1:6], 2)
    _demand_same_time(fields[0], fields[1], when)
    at = header.value
    value = number(fields[at], at + 1, missing)
    inlet = heights.of(fields[_INLET], line)
    n = 0 if math.isnan(value) else 1
    return Row(line, when, value, math.nan, n, 0, fields[at + 1], inlet)


def _demand_same_time(decimal: str, year: str, when: float) -> None:
    """Refuse a line whose two spellings of the time differ: one of them is damaged."""
    start = day_seconds(int(year), 1, 1)
    length = day_seconds(int(year) + 1, 1, 1) - start
    apart = start + (number(decimal, 1, ()) - int(year)) * length - when
    if abs(apart) > _TOLERANCE_S:
        hint = "A digit was lost in one of them; see the line."
        expected = "the decimal year of yyyy mm dd hh mi"
        raise BadFieldError(1, "time_differs", f"{decimal}, {apart:.0f} s off", expected, hint)


class _Heights:
    """Heights [m] of inlets by name; a name that holds none is told once."""

    def __init__(self, settings: Settings) -> None:
        self._known = dict(settings.inlets)
        self._strict = bool(settings.inlets)
        self.remarks: list[Issue] = []

    def of(self, name: str, line: int) -> float:
        """Return the height of an inlet, NaN where nobody says it."""
        if name not in self._known:
            match = _HEIGHT.fullmatch(name)
            hint = "Declare its height under `inlets` in the registry."
            if match is None and self._strict:
                expected = f"a height such as 10m, or one of {', '.join(self._known)}"
                raise BadFieldError(_INLET + 1, "other_inlet", name, expected, hint)
            if match is None:
                issue = Issue(line, _INLET + 1, "inlet_unknown", name, "a height", hint, "", False)
                self.remarks.append(issue)
            self._known[name] = float(match[1]) if match else math.nan
        return self._known[name]

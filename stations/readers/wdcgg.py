"""Lines of a WDCGG text file (2018 and later) come in; rows of one station and gas go out.

Header lines ``# key : value``, the last of them the names of the columns (27, or 37 since 2022).
Stamps are starts. The list of contacts that lies in each download is recognised too: all its
lines are comments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, count, deviation, number
from stations.reading.flask_names import FlaskNames
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.partial_stamps import month_seconds, partial_stamp
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, row_or_issue

_MISSING = ("-999.999", "-999999.999", "-999.999999999")
_NO_PART = ("-9", "-99", "-999")  # of a time or a count
_CONTACTS = ["Filename", "Contact", "Email"]
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_NEEDED = ("value", "nvalue", "intake_height", "flask_no", "ORG_QCflag", "QCflag", "scale")
# selection -> length of a slot [s] (a month's depends on the month), parts a stamp must have
_SLOTS = {"event": (0, 5), "hourly": (3600, 4), "daily": (86_400, 3), "monthly": (2_678_400, 2)}
_QC = {"1": "background", "2": "ok", "3": "provider_bad", "-9": "preliminary"}


class Settings(ReaderSettings):
    """WDCGG text of 2018 and later: `# key : value`, then 27 or 37 columns."""

    format: Literal["wdcgg"] = Field(default="wdcgg", description="name of the reader")
    scale_code: int | None = Field(
        default=None,
        description="number in column `scale` of the rows to be read, where a file holds several",
    )


def FLAGS(text: str) -> str | None:  # noqa: N802
    """Return our name for ``QCflag`` or ``QCflag/ORG_QCflag``.

    Parameters
    ----------
    text : str

    Returns
    -------
    str or None
        None where the first part is not WDCGG's.

    Examples
    --------
    >>> FLAGS("1"), FLAGS("3/N.."), FLAGS("7")
    ('background', 'provider_bad', None)
    """
    return _QC.get(text.partition("/")[0])


def sniff(head: Head) -> bool:
    """Return whether the first lines are WDCGG's, of data or of its list of contacts.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("# header_lines : 226", "#", "# site_gaw_id : ABC")))
    True
    """
    lines = head.lines
    if not lines or lines[0].split() == _CONTACTS:
        return bool(lines)
    return lines[0].startswith("# header_lines") and any(
        line.startswith(("# site_gaw_id :", "# site_wdcgg_id :")) for line in lines[:60]
    )


@dataclass(frozen=True)
class _Header:
    """What the lines of a header say: values by key, names of the columns, its last line."""

    said: dict[str, list[str]]
    names: list[str]
    last: int

    @classmethod
    def of(cls, block: list[tuple[int, str]]) -> _Header:
        """Read the lines; keys repeat, so each has a list."""
        said: dict[str, list[str]] = {}
        for _, text in block:
            key, colon, value = text[1:].partition(" :")
            if colon:
                said.setdefault(key.strip(), []).append(value.strip())
        line, text = block[-1]
        return cls(said, text[1:].split(), line)

    def first(self, *keys: str) -> str:
        """Return what the first of the keys says, or an empty string."""
        return next((self.said[key][0] for key in keys if key in self.said), "")

    @property
    def scales(self) -> dict[str, str]:
        """Return code -> name of the calibration scales."""
        there = [f"scale_{k}" for k in range(1, 100) if f"scale_{k}_code" in self.said]
        return {self.first(f"{scale}_code"): self.first(f"{scale}_name") for scale in there}

    @property
    def record(self) -> tuple[object, ...]:
        """Return what the headers of one record share."""
        keys = ("dataset_parameter", "value:units", "dataset_time_zone", "dataset_selection_tag")
        shared = tuple(self.first(key) for key in keys)
        return (self.first("site_gaw_id", "site_wdcgg_id"), *shared, *self.scales.items())


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a WDCGG file into rows, issues and header.

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
        Where the header is not whole, lacks a column, or names several scales of which none is
        declared.
    """
    number_, text = next(source, (1, ""))
    if text.split() == _CONTACTS:
        source.comment += 1
        claims = Claims(unit="ppm", label="start", slot_seconds=3600, zone="UTC")
        return Reading(claims, _contacts(source))
    block, first = [(number_, text)], []
    for number_, text in source:
        if not text.startswith("#"):
            first = [(number_, text)]
            break
        block.append((number_, text))
    header = _Header.of(block)
    _demand_whole(header, block[0][1])
    source.comment += len(block)
    line_of = _line_reader(header, settings)
    claims = Claims(
        station=header.first("site_gaw_id", "site_wdcgg_id"),
        gas=header.first("dataset_parameter"),
        unit=header.first("value:units"),
        scale=_scale_name(header, settings),
        latitude=_degrees(header.first("site_latitude")),
        longitude=_degrees(header.first("site_longitude")),
        label="start",
        slot_seconds=_slot_seconds(header, first, line_of),
        zone=_zone(header),
        basis="dry" if "dry_air" in header.first("value:long_name") else "",
    )
    return Reading(claims, _rows(source, first, (header, line_of), settings))


def _contacts(source: Lines) -> Iterator[Row | Issue]:
    """Count the lines of a list of contacts."""
    for _ in source:
        source.comment += 1
    yield from ()


def _demand_whole(header: _Header, first: str) -> None:
    """Refuse a header that is cut, or whose columns are not WDCGG's."""
    told = header.first("header_lines")
    if told != str(header.last) or not first.startswith("# header_lines"):
        found = f"{header.last} lines that begin with #, header_lines : {told or 'not there'}"
        expected = "as many header lines as the first one says"
        raise refuse_header(1, found, expected, "Fetch the file again.")
    names = header.names
    spread = "value_sd" if "value_sd" in names else "value_unc"
    lost = [name for name in (*_NEEDED, spread) if names.count(name) != 1]
    starts = _starts(names)
    if lost or not starts:
        expected = f"columns {', '.join(lost) or 'year to second'} once, start times before ends"
        raise refuse_header(header.last, " ".join(names), expected, "Fetch the file again.")


def _starts(names: list[str]) -> tuple[int, int] | None:
    """Return where the six parts of start and end stand: in 27 columns they share their names."""
    for start, end in (("st_", "end_"), ("", "")):
        both = [start + part for part in _PARTS] + [end + part for part in _PARTS]
        for at in range(len(names) - 11):
            if names[at : at + 12] == both:
                return at, at + 6
    return None


def _degrees(text: str) -> float:
    """Return a coordinate, NaN where there is none."""
    try:
        return number(text, 0, _MISSING)
    except BadFieldError:
        return math.nan


def _zone(header: _Header) -> str:
    """Return the zone of the stamps; the station's own (`site_lst2utc`) never is."""
    said = header.first("dataset_time_zone").upper()
    if said not in ("UTC", "GMT", "UTC+00:00"):
        said = header.first("dataset_lst2utc").upper()
    if said in ("UTC", "GMT", "UTC+00:00"):
        return "UTC"
    return said[3:] if said.startswith(("UTC+", "UTC-")) and len(said) == 9 else ""


def _scale_name(header: _Header, settings: Settings) -> str:
    """Return the name of the scale whose rows are read; refuse to choose among several."""
    scales = header.scales
    declared = settings.scale_code
    if declared is not None and str(declared) in scales:
        return scales[str(declared)]
    if declared is None and len(set(scales.values())) < 2:
        return next(iter(scales.values()), "")
    found = ", ".join(f"{code} {name}" for code, name in scales.items())
    hint = "Declare `scale_code` in the registry, one station for each scale."
    raise refuse_header(header.last, f"scales {found}", "one scale, or a declared one", hint)


def _slot_seconds(
    header: _Header, first: list[tuple[int, str]], line_of: Callable[[int, str], Row]
) -> float:
    """Return the length of a slot [s], 0 where neither the selection nor the first row says it."""
    nominal = _SLOTS.get(header.first("dataset_selection_tag"), (0, 0))[0]
    try:
        return nominal or next((line_of(*pair).seconds for pair in first), 0)
    except BadFieldError:
        return nominal


def _rows(
    source: Lines,
    first: list[tuple[int, str]],
    reader: tuple[_Header, Callable[[int, str], Row]],
    settings: Settings,
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew, if it is of the same record."""
    header, line_of = reader
    block: list[tuple[int, str]] = []
    for line, text in chain(first, source):
        if text.startswith("#"):
            source.comment += 1
            block.append((line, text))
            continue
        if block and block[0][1].startswith("# header_lines"):
            again = _Header.of(block)
            if again.record != header.record or not _starts(again.names):
                found, expected = str(again.record), str(header.record)
                raise refuse_header(line, found, expected, "Two records were joined: part them.")
            yield header_again(*block[0], same=again.names == header.names)
            header, line_of = again, _line_reader(again, settings)
        block = []
        yield row_or_issue(line_of, line, text)


def _line_reader(header: _Header, settings: Settings) -> Callable[[int, str], Row]:
    """Return the function that reads one data line of these columns."""
    names = header.names
    width = len(names)
    value_at, n_at, inlet_at, flask_at, own_at, qc_at, scale_at = map(names.index, _NEEDED)
    has_sd = "value_sd" in names
    sd_at = names.index("value_sd" if has_sd else "value_unc")
    start_at, end_at = _starts(names) or (0, 0)
    tag = header.first("dataset_selection_tag")
    nominal, parts = _SLOTS.get(tag, (0, 5))
    missing = (*_MISSING, *header.first("value:_FillValue").split(" or "), *settings.missing)
    wanted = _scale_name(header, settings)
    scales = {code for code, name in header.scales.items() if name == wanted}
    others = set(header.scales) - scales
    own_flags, event, heights = settings.flags, tag == "event", {"-999.999": math.nan}
    monthly, samples = tag == "monthly", FlaskNames()

    def read_line(line: int, text: str) -> Row:
        fields = text.split()
        if len(fields) != width:
            demand_fields(fields, width)
        start = partial_stamp(fields[start_at : start_at + 6], start_at + 1, parts, _NO_PART)
        scale = fields[scale_at]
        if scale not in scales and scales and (others or scale != "-9"):
            hint = "See the header; `scale_code` chooses among several."
            expected = f"scale {', '.join(sorted(scales))} ({wanted})"
            raise BadFieldError(scale_at + 1, "other_scale", scale, expected, hint)
        value = number(fields[value_at], value_at + 1, missing)
        n = count(fields[n_at], n_at + 1, _NO_PART)
        stdev = math.nan
        if has_sd or n > 1:
            stdev = deviation(fields[sd_at], sd_at + 1, missing)
        seconds = 0.0
        if monthly:
            seconds = month_seconds(int(fields[start_at]), int(fields[start_at + 1]))
        if fields[end_at] not in _NO_PART:
            seconds = _between(fields[end_at : end_at + 6], end_at + 1, start, nominal) or seconds
        provider, own = fields[qc_at], fields[own_at]
        if own not in missing and provider not in own_flags:
            provider = f"{provider}/{own}"
        sample = ""
        if event and fields[flask_at] not in missing:
            sample = samples.of(start, fields[flask_at], text)
        height = fields[inlet_at]
        if height not in heights:
            heights[height] = number(height, inlet_at + 1, missing)
        n = n or int(not math.isnan(value))
        return Row(line, start, value, stdev, n, 0, provider, heights[height], seconds, sample)

    return read_line


def _between(parts: list[str], column: int, start: float, nominal: float) -> float:
    """Return the seconds from start to end; an end a minute short is the nominal one."""
    seconds = partial_stamp(parts, column, 5, _NO_PART) - start
    if seconds < 0:
        hint = "Start and end were mixed up."
        raise BadFieldError(column, "end_before_start", " ".join(parts), "a later end", hint)
    return 0.0 if nominal and abs(seconds - nominal) <= 60 else seconds

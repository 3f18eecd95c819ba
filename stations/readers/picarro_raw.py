"""Lines of a Picarro's own log (`DataLog_User`) come in; rows of one gas go out.

Columns of 26 characters, which their owner chooses, so all are found by name. CO2 and CH4 are in
ppm, water in %. The analyser measures one gas after the other and repeats the rest: every line is
a row, and those that repeat carry `not_measured`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from statistics import median
from typing import Literal

from pydantic import Field

from stations.flags import FLAGS as BITS
from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, number
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.pc_clock import PcClock, clock_shift, demand_same_clock
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header
from stations.reading.valve import Valve

_WIDTH = 26
_MISSING = ("nan", "NaN", "NAN")
_NEAR = 60  # lines looked at for the spacing of rows and the difference of the two clocks
_PRESSURE = (140.0, 0.4)  # torr; NOAA GML keeps 139.6 to 140.4
# Rella et al. (2013), Atmos. Meas. Tech. 6, 837-860: dry = wet / (1 + a h + b h2), h in %
_WATER = {"co2": (-0.012, -2.674e-4), "ch4": (-0.00982, -2.393e-4)}
_WET_ROWS = {"co2": 1, "ch4": 2}  # species in whose rows the wet value is new
_DRY_ROWS = 3  # the row of water, in which all dry values are new


class Settings(ReaderSettings):
    """Raw log of a Picarro G2301 or G2401: columns of 26 characters, chosen by their owner."""

    format: Literal["picarro_raw"] = Field(default="picarro_raw", description="name of the reader")
    water: Literal["provider", "rella"] = Field(
        default="provider",
        description="provider: the dry column; rella: the wet column, dried by `h2o_reported` "
        "(Rella et al. 2013)",
    )
    flush_s: float = Field(
        default=60.0, ge=0, le=3600, description="time that a turned valve makes useless, s"
    )
    inlets: dict[int, float] = Field(
        default_factory=dict,
        description="valve position -> height of its inlet above ground, m; the meaning of other "
        "positions stands in `flags` ('4': calibration)",
    )
    good_status: tuple[int, ...] = Field(
        default=(963,), description="INST_STATUS of an analyser that measures as it should"
    )
    species: int | None = Field(
        default=None,
        description="number in column `species` of the rows whose value is new; none: 3 for a "
        "dry column, 1 (CO2) or 2 (CH4) for a wet one",
    )


def FLAGS(text: str) -> str:  # noqa: ARG001, N802
    """Return ok for every valve position: what they mean stands in the registry.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> FLAGS("1")
    'ok'
    """
    return "ok"


def sniff(head: Head) -> bool:
    """Return whether the first line names columns as a Picarro does.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("DATE  TIME  EPOCH_TIME  ALARM_STATUS  INST_STATUS  CO2  CO2_dry", "")))
    True
    """
    names = head.lines[0].split() if head.lines else []
    marks = {"FRAC_DAYS_SINCE_JAN1", "EPOCH_TIME", "ALARM_STATUS", "INST_STATUS"}
    return names[:2] == ["DATE", "TIME"] and len(marks & set(names)) >= 2


@dataclass(frozen=True)
class _Columns:
    """Where things stand, 0-based; None where the file lacks them."""

    fields: int
    characters: int
    value: int
    water: int | None
    epoch: int | None
    alarm: int | None
    status: int | None
    pressure: int | None
    species: int | None
    valve: int | None


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a Picarro's log into rows, issues and header.

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
        Where a column is not there, the clock is not UTC and no `zone` is declared, or the valve
        has several positions of which none is declared.
    """
    gas = (settings.gas or "co2").lower()
    line, text = next(source, (1, ""))
    columns = _columns(line, text, gas, settings)
    source.comment += 1
    near = list(islice(source, _NEAR))
    clocks = _clocks(near, columns, gas, settings)
    apart = [clock - epoch for clock, epoch, _ in clocks if epoch is not None]
    shift = clock_shift(apart, settings.zone)
    utc = columns.epoch is not None and settings.zone is None
    claims = Claims(
        gas=gas.upper(),
        unit="ppm",
        label="start",
        slot_seconds=_spacing([clock for clock, _, is_new in clocks if is_new]),
        zone="UTC" if utc else "",
        basis="dry",
    )
    return Reading(claims, _rows(source, near, (columns, gas, shift), settings))


def _columns(line: int, text: str, gas: str, settings: Settings) -> _Columns:
    """Find the columns by name; synchronised logs add `_sync` to them."""
    names = text.split()
    if not sniff(Head(lines=(text,))):
        expected = "DATE TIME ... EPOCH_TIME ALARM_STATUS INST_STATUS ..., 26 characters each"
        raise refuse_header(line, text, expected, "Declare the right format in the registry.")
    folded = [name.removesuffix("_sync").lower() for name in names]
    at = {name: folded.index(name) for name in folded}
    wet = settings.water == "rella"
    wanted = [gas, "h2o_reported"] if wet else [f"{gas}_dry"]
    lost = [name for name in wanted if folded.count(name) != 1]
    if lost or (wet and gas not in _WATER):
        found = f"columns {', '.join(names)}"
        expected = f"{' and '.join(lost) or 'CO2 or CH4'} once"
        hint = (
            "Without a dry column declare `water: rella`, which needs h2o_reported (H2O is another "
            "number); declare `gas` for another gas."
        )
        raise refuse_header(line, found, expected, hint)
    padded = len(text) == _WIDTH * len(names)
    return _Columns(
        len(names),
        len(text) if padded else 0,
        at[wanted[0]],
        at["h2o_reported"] if wet else None,
        at.get("epoch_time"),
        at.get("alarm_status"),
        at.get("inst_status"),
        at.get("cavitypressure"),
        at.get("species"),
        at.get("mpvposition"),
    )


def _clocks(
    near: list[tuple[int, str]], columns: _Columns, gas: str, settings: Settings
) -> list[tuple[float, float | None, bool]]:
    """Return PC clock, epoch and whether the value is new, of the first lines that can be read."""
    clock, new, found = PcClock(), _new_rows(gas, settings), []
    for _, text in near:
        fields = text.split()
        if len(fields) != columns.fields:
            continue
        try:
            when = clock.read(fields[0], fields[1])
            epoch = None if columns.epoch is None else number(fields[columns.epoch], 1, ())
            is_new = columns.species is None or number(fields[columns.species], 1, ()) == new
        except BadFieldError:
            continue
        found.append((when, epoch, is_new))
    return found


def _new_rows(gas: str, settings: Settings) -> int:
    """Return the species in whose rows the value is new."""
    if settings.species is not None:
        return settings.species
    return _WET_ROWS[gas] if settings.water == "rella" else _DRY_ROWS


def _spacing(stamps: list[float]) -> float:
    """Return the usual time between measurements [s], 0 where there are not two."""
    steps = [later - earlier for earlier, later in pairwise(stamps)]
    return round(max(median(steps), 0.0), 3) if steps else 0.0


def _rows(
    source: Lines,
    near: list[tuple[int, str]],
    context: tuple[_Columns, str, float | None],
    settings: Settings,
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    columns, gas, shift = context
    valve = Valve(settings.inlets, settings.flags, settings.flush_s)
    line_of = _line_reader(columns, (gas, shift, valve), settings)
    for line, text in chain(near, source):
        if text.startswith("DATE "):
            again = _columns(line, text, gas, settings)
            source.comment += 1
            yield header_again(line, text, same=again == columns)
            columns = again
            line_of = _line_reader(columns, (gas, shift, valve), settings)
            continue
        try:
            row = line_of(line, text)
        except BadFieldError as bad:
            yield bad.issue(line, text)
        else:
            yield row
            if valve.remarks:
                yield valve.remarks.pop()


def _line_reader(
    columns: _Columns, context: tuple[str, float | None, Valve], settings: Settings
) -> Callable[[int, str], Row]:
    """Return the function that reads one data line of these columns."""
    gas, shift, valve = context
    width, characters = columns.fields, columns.characters
    value_at, water_at, epoch_at = columns.value, columns.water, columns.epoch
    pressure_at, valve_at, species_at = columns.pressure, columns.valve, columns.species
    missing = _MISSING + settings.missing
    a, b = _WATER.get(gas, (0.0, 0.0))
    fits = [
        (at, _Judged(good, BITS[bit]))
        for at, good, bit in (
            (columns.alarm, (0,), "instrument"),
            (columns.status, settings.good_status, "instrument"),
            (species_at, (_new_rows(gas, settings),), "not_measured"),
        )
        if at is not None
    ]
    read_clock, instrument = PcClock().read, BITS["instrument"]
    middle, far = _PRESSURE

    def read_line(line: int, text: str) -> Row:
        fields = text.split()
        if len(fields) != width or (characters and len(text) != characters):
            demand_fields(fields, width)
            found, expected = f"{len(text)} characters", f"{characters} characters"
            hint = "An interrupted writer; see the line."
            raise BadFieldError(0, "truncated_line", found, expected, hint)
        when = read_clock(fields[0], fields[1])
        if epoch_at is not None:
            demand_same_clock(when, fields[epoch_at], epoch_at + 1, shift)
        value = number(fields[value_at], value_at + 1, missing)
        if water_at is not None:
            h = number(fields[water_at], water_at + 1, missing)
            value /= 1 + a * h + b * h * h
        flag = 0
        for at, judged in fits:
            flag |= judged[fields[at]]
        if pressure_at is not None:
            pressure = number(fields[pressure_at], pressure_at + 1, missing)
            if not -far <= pressure - middle <= far:
                flag |= instrument
        n = 0 if math.isnan(value) else 1
        if valve_at is None:
            return Row(line, when, value, math.nan, n, flag)
        seen = valve.at(fields[valve_at], when, line)
        return Row(line, when, value, math.nan, n, flag | seen.flag, seen.text, seen.inlet)

    return read_line


class _Judged(dict[str, int]):
    """Texts of a number -> 0 where it is one of the good ones, else a bit."""

    def __init__(self, good: tuple[int, ...], bit: int) -> None:
        super().__init__()
        self._good, self._bit = good, bit

    def __missing__(self, text: str) -> int:
        judged = 0 if number(text, 0, ()) in self._good else self._bit
        if len(self) < 1000:
            self[text] = judged
        return judged

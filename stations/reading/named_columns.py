"""The names of a table's columns and what they are declared to be come in; a way to read a row by them goes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import Field

from contracts.settings.base import Section
from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.fields import BadFieldError, count, deviation, number
from stations.reading.rows import Row

EMPTY = "(empty)"  # what stands for a flag that is there and empty


class NamedColumns(Section):
    """Names of the columns, as the file spells them."""

    value: str = Field(description="mole fraction")
    stdev: str | None = Field(default=None, description="standard deviation within the slot")
    n: str | None = Field(default=None, description="number of samples in the slot; absent: 1 each")
    flag: str | None = Field(default=None, description="provider's flag")
    inlet: str | None = Field(default=None, description="height of the inlet above ground, m")
    sample: tuple[str, ...] = Field(
        default=(), description="columns that tell samples of one instant apart, as of flask pairs"
    )


@dataclass(frozen=True)
class Places:
    """Field numbers, 0-based; None where the column is not declared."""

    value: int
    stdev: int | None = None
    n: int | None = None
    flag: int | None = None
    inlet: int | None = None
    sample: tuple[int, ...] = ()


def find_columns(names: list[str], wanted: Iterable[str], line: int) -> dict[str, int]:
    """Find columns among the names of a header line.

    Parameters
    ----------
    names : list of str
    wanted : iterable of str
    line : int
        Line number of the header, 1-based.

    Returns
    -------
    dict
        Name -> field number, 0-based.

    Raises
    ------
    FileRefusedError
        Where a name is not there exactly once.

    Examples
    --------
    >>> find_columns(["time", "co2"], ["co2"], 1)
    {'co2': 1}
    """
    lost = sorted({name for name in wanted if names.count(name) != 1})
    if lost:
        found = f"columns {printable(str(names), 120)}"
        expected = f"each of {lost} exactly once"
        hint = "Check `columns` and how the header line is declared in the registry."
        raise FileRefusedError(Issue(line, 0, "columns", found, expected, hint))
    return {name: names.index(name) for name in wanted}


def places_of(names: list[str], declared: NamedColumns, line: int) -> Places:
    """Find the declared columns among the names of a header line.

    Parameters
    ----------
    names : list of str
    declared : NamedColumns
    line : int
        Line number of the header, 1-based.

    Returns
    -------
    Places
    """
    single = ("value", "stdev", "n", "flag", "inlet")
    keys = {key: name for key in single if (name := getattr(declared, key)) is not None}
    at = find_columns(names, [*keys.values(), *declared.sample], line)
    sample = tuple(at[name] for name in declared.sample)
    return Places(**{key: at[name] for key, name in keys.items()}, sample=sample)


def row_reader(
    places: Places, missing: tuple[str, ...], decimal: str = "."
) -> Callable[[int, float, list[str]], Row]:
    """Return what makes a row of a line's fields.

    Parameters
    ----------
    places : Places
    missing : tuple of str
        Texts that mean missing.
    decimal : str
        Decimal mark.

    Returns
    -------
    callable
        ``(line, stamp, fields) -> Row``; raises `BadFieldError`.

    Examples
    --------
    >>> row_reader(Places(1, n=2), ("",))(7, 0.0, ["", "431.41", "9"])[:5]
    (7, 0.0, 431.41, nan, 9)
    """
    comma = decimal == ","
    empty = ("", *missing)  # a field without anything in it says missing in every table
    at_value, at_stdev, at_n = places.value, places.stdev, places.n
    at_flag, at_inlet, at_sample = places.flag, places.inlet, places.sample

    def read(line: int, stamp: float, fields: list[str]) -> Row:
        if comma:
            fields = [field.replace(",", ".") for field in fields]
        value = number(fields[at_value], at_value + 1, empty)
        stdev = inlet = math.nan
        if at_stdev is not None:
            stdev = deviation(fields[at_stdev], at_stdev + 1, empty)
        if at_inlet is not None:
            inlet = number(fields[at_inlet], at_inlet + 1, missing)
        n = 1 if value == value else 0  # noqa: PLR0124 - false for NaN only
        if at_n is not None:
            n = _samples(fields[at_n], at_n + 1, empty, bool(n))
        provider = "" if at_flag is None else fields[at_flag] or EMPTY
        sample = " ".join([fields[k] for k in at_sample]) if at_sample else ""
        return Row(line, stamp, value, stdev, n, 0, provider, inlet, 0.0, sample)

    return read


def _samples(text: str, column: int, missing: tuple[str, ...], measured: bool) -> int:
    """Read the number of samples behind a value."""
    n = count(text, column, missing)
    if n == 0 and measured:
        hint = "A mean of no samples is no measurement."
        raise BadFieldError(column, "no_samples", text, "at least 1", hint)
    return n

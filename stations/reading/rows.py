"""What every reader gives back: what a file claims about itself, and a row or an issue for each line."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np

from stations.quarantine import Issue


class Row(NamedTuple):
    """One record of an instrument, as the file gives it.

    Attributes
    ----------
    line : int
        Line (or record) number, 1-based.
    stamp : float
        Seconds since 1970-01-01 on the file's own clock and of its own label; whole, or to the
        millisecond. `stations.conversion` makes the start of the slot in UTC of it.
    value : float
        Mole fraction in the unit of the file; NaN where the file says missing.
    stdev : float
        Standard deviation within the slot, same unit; NaN where unknown.
    n : int
        Samples in the slot.
    flag : int
        Bits of `stations.flags` that the reader itself sets (a valve that moved).
    provider : str
        The provider's flag as written; `stations.conversion` maps it.
    inlet : float
        Height of the inlet above ground [m]; NaN where rows do not say.
    seconds : float
        Length of this slot [s]; 0 where it is the file's.
    sample : str
        What tells rows of one instant apart that are all data: a flask's number.
    """

    line: int
    stamp: float
    value: float
    stdev: float = math.nan
    n: int = 1
    flag: int = 0
    provider: str = ""
    inlet: float = math.nan
    seconds: float = 0.0
    sample: str = ""


@dataclass(frozen=True)
class Claims:
    """What a file says about all its rows; claims are compared with the registry, not believed.

    Attributes
    ----------
    station, gas, unit, scale : str
        As the file spells them; empty where it does not say.
    latitude, longitude : float
        Degrees; NaN where the file does not say.
    inlet : float
        Height above ground [m] of all rows; NaN where it does not say or rows differ.
    label : str
        Which instant of the slot the stamp names; empty where the format does not fix it.
    slot_seconds : float
        Length of a slot [s]; 0 where the format does not fix it.
    zone : str
        ``UTC`` where the format fixes it; ``stamped`` where each stamp carried its own and is
        in UTC already; empty where the registry must say.
    basis : str
        ``dry`` or ``moist`` mole fraction; empty where the file does not say.
    """

    station: str = ""
    gas: str = ""
    unit: str = ""
    scale: str = ""
    latitude: float = math.nan
    longitude: float = math.nan
    inlet: float = math.nan
    label: Literal["start", "centre", "end", ""] = ""
    slot_seconds: float = 0.0
    zone: str = ""
    basis: Literal["dry", "moist", ""] = ""


@dataclass
class Reading:
    """One file while it is read.

    Attributes
    ----------
    claims : Claims
    items : iterable of Row or Issue
        One for each line that holds data: a row, or an issue that keeps it out. Issues with
        ``quarantined=False`` are remarks and stand beside the row or comment of their line.
    elsewhere : int
        Records that the registry's `select` leaves to other stations; known when read.
    columns : object or None
        Dataset of averaging kernels along ``record`` where the rows are columns of air; known
        when read. Coordinate ``line`` names the row.
    """

    claims: Claims
    items: Iterable[Row | Issue]
    elsewhere: int = 0
    columns: object | None = None


_KINDS = {"line": "q", "n": "q", "flag": "q"}
_TEXTS = ("provider", "sample")


@dataclass(frozen=True)
class Rows:
    """Many rows, column by column (about 80 bytes a row); iterating gives `Row`.

    Attributes
    ----------
    line, n, flag : ndarray (row,), int64
    stamp, value, stdev, inlet, seconds : ndarray (row,), float64
    provider, sample : ndarray (row,), int64
        Index into `provider_names`, `sample_names`.
    provider_names, sample_names : tuple of str
    """

    line: np.ndarray
    stamp: np.ndarray
    value: np.ndarray
    stdev: np.ndarray
    n: np.ndarray
    flag: np.ndarray
    provider: np.ndarray
    inlet: np.ndarray
    seconds: np.ndarray
    sample: np.ndarray
    provider_names: tuple[str, ...] = ("",)
    sample_names: tuple[str, ...] = ("",)

    def __len__(self) -> int:
        return len(self.line)

    def __getitem__(self, k: int) -> Row:
        cells = {name: getattr(self, name)[k].item() for name in Row._fields}
        cells["provider"] = self.provider_names[cells["provider"]]
        cells["sample"] = self.sample_names[cells["sample"]]
        return Row(**cells)

    def __iter__(self) -> Iterator[Row]:
        return (self[k] for k in range(len(self)))

    def take(self, which: np.ndarray) -> Rows:
        """Return some of the rows, by mask or by index."""
        return self.changed(**{name: getattr(self, name)[which] for name in Row._fields})

    def changed(self, **columns: np.ndarray) -> Rows:
        """Return rows with some columns replaced."""
        return replace(self, **columns)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Rows:
        """Return rows in columns."""
        builder = RowsBuilder()
        for row in rows:
            builder.append(row)
        return builder.rows()


@dataclass
class RowsBuilder:
    """Collects rows as they are read."""

    _columns: dict[str, array] = field(
        default_factory=lambda: {
            name: array("q" if name in _TEXTS else _KINDS.get(name, "d")) for name in Row._fields
        }
    )
    _codes: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: {"": 0} for name in _TEXTS}
    )

    def __post_init__(self) -> None:
        self._adds = [self._columns[name].append for name in Row._fields]

    def append(self, row: Row) -> None:
        """Add one row."""
        line, stamp, value, stdev, n, flag, provider, inlet, seconds, sample = self._adds
        line(row[0])
        stamp(row[1])
        value(row[2])
        stdev(row[3])
        n(row[4])
        flag(row[5])
        codes = self._codes["provider"]
        text = row[6]
        provider(codes[text] if text in codes else codes.setdefault(text, len(codes)))
        inlet(row[7])
        seconds(row[8])
        codes = self._codes["sample"]
        text = row[9]
        sample(codes[text] if text in codes else codes.setdefault(text, len(codes)))

    def rows(self) -> Rows:
        """Return what was collected."""
        arrays = {
            name: np.frombuffer(column, dtype=np.int64 if column.typecode == "q" else np.float64)
            if column
            else np.zeros(0, np.int64 if column.typecode == "q" else np.float64)
            for name, column in self._columns.items()
        }
        names = {f"{name}_names": tuple(codes) for name, codes in self._codes.items()}
        return Rows(**arrays, **names)


def joined(parts: list[Rows]) -> Rows:
    """Return the rows of several files one after the other.

    Parameters
    ----------
    parts : list of Rows

    Returns
    -------
    Rows
        Texts are numbered anew.
    """
    codes: dict[str, dict[str, int]] = {name: {"": 0} for name in _TEXTS}
    columns: dict[str, list[np.ndarray]] = {name: [] for name in Row._fields}
    for part in parts:
        for name in Row._fields:
            column = getattr(part, name)
            if name in _TEXTS:
                known = codes[name]
                listed = [
                    known.setdefault(text, len(known)) for text in getattr(part, f"{name}_names")
                ]
                column = np.array(listed, dtype=np.int64)[column]
            columns[name].append(column)
    empty = RowsBuilder().rows()
    arrays = {
        name: np.concatenate(listed) if listed else getattr(empty, name)
        for name, listed in columns.items()
    }
    return Rows(**arrays, **{f"{name}_names": tuple(known) for name, known in codes.items()})

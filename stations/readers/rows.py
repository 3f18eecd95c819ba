"""What every reader gives back: rows and issues, so that each line is accounted for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from stations.quarantine import Issue


class Row(NamedTuple):
    """One record of an instrument, as the file gives it.

    Attributes
    ----------
    line : int
        Line number, 1-based.
    stamp : int
        Seconds since 1970-01-01 UTC of the declared label (start, centre or end of the slot).
    value : float
        Mole fraction in the unit of the file; NaN where the file says missing.
    stdev : float
        Standard deviation within the slot, same unit; NaN where unknown.
    n : int
        Samples in the slot.
    flag : int
        Bits of `stations.flags`.
    """

    line: int
    stamp: int
    value: float
    stdev: float
    n: int
    flag: int


@dataclass
class Parsed:
    """The lines of one file, sorted into rows, issues and comments.

    Attributes
    ----------
    rows : list of Row
    issues : list of Issue
        Quarantined lines, and remarks about lines that were kept.
    comment : int
        Blank, comment and header lines.
    out_of_gate : list of int
        Stamps of rows that the gate kept out later.
    elsewhere : int
        Records of other stations in the same file.
    """

    rows: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    comment: int = 0
    out_of_gate: list[int] = field(default_factory=list)
    elsewhere: int = 0

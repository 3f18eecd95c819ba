"""Entries of exchange files come in; index.csv, with the SHA-256 of each, goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.files import file_hash, write_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INDEX_COLUMNS = ("file", "kind", "what", "bands", "unit", "sha256")


@dataclass(frozen=True)
class Entry:
    """One line of the index.

    Attributes
    ----------
    file : str
        Name in the folder; "" for what was left out.
    kind : str
        GeoTIFF, GeoPackage, CSV or ``left out``.
    what : str
        What the file holds, or what was left out and why.
    bands : str
        Bands of a GeoTIFF, layers of a GeoPackage.
    unit : str
        Units, in the order of the bands.
    """

    file: str
    kind: str
    what: str
    bands: str = ""
    unit: str = ""

    @classmethod
    def left_out(cls, what: str) -> Entry:
        """Return the line that says what is not there."""
        return cls("", "left out", what)


def write_index(entries: Sequence[Entry], folder: Path) -> Path:
    """Write ``index.csv`` of the files in a folder and return its path."""
    path = folder / "index.csv"
    rows = [
        {
            "file": entry.file,
            "kind": entry.kind,
            "what": entry.what,
            "bands": entry.bands,
            "unit": entry.unit,
            "sha256": file_hash(folder / entry.file) if entry.file else "",
        }
        for entry in entries
    ]
    write_csv(path, INDEX_COLUMNS, rows)
    return path

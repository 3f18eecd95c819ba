"""A folder comes in; large made-up files of instruments, some lines damaged on purpose, go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from stations.readers import READERS
from stations.reading.containers import members
from stations.reading.lines import Lines
from stations.reading.rows import Row
from stations.registry import load_registry

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "stations" / "readers" / "examples"
LINES = 200_000
CRDS_HEAD = (
    "Created:  1 Mar 25 07:38 GMT\n"
    "     -      -         -    -       co2     co2   co2\n"
    "  date   time      type port         C   stdev     N\n"
)


@dataclass(frozen=True)
class Planted:
    """What was put into a file on purpose.

    Attributes
    ----------
    good : int
        Rows that any reader should give.
    cut, sentinel, twice, torn, nul : int
        Lines cut short; values 9999.99; exact repeats; pairs that contradict each other; lines
        with NUL bytes.
    """

    good: int
    cut: int
    sentinel: int
    twice: int
    torn: int
    nul: int


def damaged_crds(path: Path, lines: int = LINES) -> Planted:
    """Write minutes of a GCWerks export with one fault in each 400 lines, five kinds in turn.

    Parameters
    ----------
    path : Path
    lines : int

    Returns
    -------
    Planted
    """
    rng = np.random.default_rng(1)
    value = 430.0 + np.round(rng.normal(0, 5, lines), 2)
    count = dict.fromkeys(("cut", "sentinel", "twice", "torn", "nul"), 0)
    kinds, start, good = tuple(count), datetime(2023, 1, 1), 0
    with path.open("w", encoding="ascii") as file:
        file.write(CRDS_HEAD)
        for k in range(lines):
            line = _crds(start + timedelta(minutes=k), value[k])
            if k % 400 != 399:
                file.write(line)
                good += 1
                continue
            kind = kinds[k // 400 % len(kinds)]
            count[kind] += 1
            good += kind == "twice"
            file.write(_damaged(line, kind, start + timedelta(minutes=k), value[k]))
    return Planted(good, **count)


def _crds(when: datetime, value: float) -> str:
    """Return one line of the export."""
    return f"{when:%y%m%d %H%M%S}       air    9    {value:6.2f}   0.125   261\n"


def _damaged(line: str, kind: str, when: datetime, value: float) -> str:
    """Return what stands in the file instead of a line."""
    if kind == "cut":
        return line[:38] + "\n"
    if kind == "sentinel":
        return _crds(when, 9999.99).replace("    9999.99", "   9999.99")
    if kind == "twice":
        return line + line
    if kind == "torn":
        return line + _crds(when, value + 7.0)
    return line[:30] + "\x00" * 8 + line[38:]


def inflated(folder: Path, lines: int = LINES) -> dict[str, Path]:
    """Write each text example again and again into one long file.

    Parameters
    ----------
    folder : Path
    lines : int
        Lines of each file, about.

    Returns
    -------
    dict of str to Path
        Format -> file: the example's header, then its rows over and over.
    """
    found = {}
    for name, (path, settings) in text_examples().items():
        source = Lines(members(path)[0], settings.encoding)
        rows = [item for item in READERS[name].read(source, settings).items if type(item) is Row]
        raw = path.read_bytes().splitlines(keepends=True)
        first, last = rows[0].line, rows[-1].line
        block = b"".join(raw[first - 1 : last])
        times = max(1, lines // (last - first + 1))
        found[name] = folder / f"{name}{path.suffix}"
        with found[name].open("wb") as file:
            file.write(b"".join(raw[: first - 1]))
            for _ in range(times):
                file.write(block)
    return found


def text_examples() -> dict:
    """Return format -> (example, settings) of every format that is read line by line."""
    found = {}
    for registry in sorted(EXAMPLES.glob("*.yaml")):
        for row in load_registry(registry).stations.values():
            module = READERS[row.reader.format]
            if getattr(module, "SOURCE", "text") == "text":
                settings = row.reader
                if settings.gas is None:
                    settings = settings.model_copy(update={"gas": "co2"})
                found[settings.format] = (next(EXAMPLES.glob(row.files[0])), settings)
    return found

"""A folder of raw files and a registry come in; what each file is, and what became of its lines, goes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from contracts.settings.gas import GasSettings
from contracts.settings.of_gas import of_gas
from contracts.settings.stations import StationSettings
from stations.account import inspect_file
from stations.registry import Registry, StationRow

HEAD = (
    "| file | format | lines | rows | quarantined | blank or comment | verdict | why |\n"
    "|---|---|---:|---:|---:|---:|---|---|\n"
)
_SHOWN = 110  # characters of a reason
_SPEAKS = ("error", "conflict", "quarantine", "flag", "partial", "resegment")


def inspect_folder(
    folder: Path, registry: Registry | None, gas: GasSettings | None
) -> Iterator[dict]:
    """Read every file below a folder, as the registry describes it or as its content shows.

    Parameters
    ----------
    folder : Path
    registry : Registry or None
        A file that several stations name is read for each of them.
    gas : GasSettings or None
        None to go by what each file says.

    Yields
    ------
    dict
        As `stations.account.inspect_file` gives it, ``file`` relative to the folder, and
        ``station``, empty where none names the file.
    """
    section = of_gas(StationSettings(), gas or GasSettings())
    named: dict[Path, list[tuple[str, StationRow]]] = {}
    for name, row in (registry.stations if registry else {}).items():
        for glob in row.files:
            for path in folder.glob(glob):
                named.setdefault(path, []).append((name, row))
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        for name, row in named.get(path, [("", None)]):
            reader, expected = (row.reader, row.expected) if row else (None, None)
            account = inspect_file(path, reader, section, gas, expected)
            yield {**account, "file": str(path.relative_to(folder)), "station": name}


def folder_table(accounts: list[dict]) -> str:
    """Return the accounts of many files as a table in Markdown.

    Parameters
    ----------
    accounts : list of dict

    Returns
    -------
    str
        One line for each file and station, the sum of all at the end.
    """
    sums = {key: sum(a[key] for a in accounts) for key in _NUMBERS}
    lines = [_line(account) for account in accounts]
    total = {**sums, "file": f"{len(accounts)} entries", "format": "", "verdict": "", "issues": []}
    return HEAD + "".join([*lines, _line({**total, "station": ""})])


_NUMBERS = ("lines", "rows", "quarantined", "blank_or_comment")


def _line(account: dict) -> str:
    """Return one line of the table."""
    of = f" (as {account['station']})" if account["station"] else ""
    inside = f" ({len(account['members'])} members)" if account.get("members") else ""
    numbers = " | ".join(f"{account[key]}" for key in _NUMBERS)
    name = account["format"] or "-"
    return (
        f"| {_cell(account['file'])}{of}{inside} | {name} | {numbers} | "
        f"{account['verdict']} | {_cell(_why(account))} |\n"
    )


def _why(account: dict) -> str:
    """Return the reason of a verdict that is not a clean one: the commonest code and its first issue."""
    if account["verdict"] not in _SPEAKS or not account["issues"]:
        return ""
    codes = [issue["code"] for issue in account["issues"]]
    most = max(sorted(set(codes)), key=codes.count)
    first = next(issue for issue in account["issues"] if issue["code"] == most)
    member = f"{first['member']}:" if first.get("member") else ""
    place = f"{member}{first['line']}: " if first["line"] or member else ""
    times = f"{codes.count(most)} × " if codes.count(most) > 1 else ""
    text = f"{times}{place}{most}: {first['found']}; expected {first['expected']}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _cell(text: str) -> str:
    """Return text that cannot end a cell of the table."""
    return text.replace("|", "\\|").replace("\n", " ")

"""Words of the command line come in; an account of raw files, and an exit code, go out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.settings.gas import GasSettings
from contracts.settings.of_gas import of_gas
from contracts.settings.stations import StationSettings
from stations.account import inspect_file
from stations.folder import folder_table, inspect_folder
from stations.registry import RegistryError, StationRow, load_registry
from stations.verdicts import exit_code

_SHOWN = 20  # issues a person is shown per file; --json gives all


def _parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    parser = argparse.ArgumentParser(prog="python -m stations", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "check",
        help="say what is in raw files",
        epilog="Exit: 0 ok, missing, dedupe; 1 quarantine, conflict, resegment, flag, partial; "
        "2 error.",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true", help="one JSON list, all issues")
    check.add_argument("--registry", type=Path, help="file that describes the stations")
    check.add_argument("--station", help="name of the station in the registry")
    check.add_argument(
        "--gas",
        help="gas to read, whose plausible values count; absent: what the file says, or CO2",
    )
    table = commands.add_parser("table", help="say what is in a folder, one line for each file")
    table.add_argument("folder", type=Path, metavar="FOLDER")
    table.add_argument("--registry", type=Path, help="file that describes the stations")
    table.add_argument("--gas", help="gas to read; absent: what each file says, or CO2")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Check files and write what was found to standard output.

    Parameters
    ----------
    words : sequence of str, optional
        Command line without the program; default: the process's own.

    Returns
    -------
    int
        Exit code, the largest over the files.
    """
    parser = _parser()
    arguments = parser.parse_args(words)
    if arguments.command == "table":
        return _table(arguments, parser)
    try:
        row = _station(arguments.registry, arguments.station)
        gas = GasSettings(name=arguments.gas) if arguments.gas else None
    except (RegistryError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    section = of_gas(StationSettings(), gas or GasSettings())
    reader, expected = (row.reader, row.expected) if row else (None, None)
    accounts = [inspect_file(path, reader, section, gas, expected) for path in arguments.files]
    if arguments.json:
        text = json.dumps(accounts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    else:
        text = "".join(_page(account) for account in accounts)
    _write(text)
    return exit_code(account["verdict"] for account in accounts)


def _table(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Write the table of a folder."""
    try:
        registry = load_registry(arguments.registry) if arguments.registry else None
        gas = GasSettings(name=arguments.gas) if arguments.gas else None
    except (RegistryError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    if not arguments.folder.is_dir():
        parser.exit(2, f"FOLDER must be a folder; got {arguments.folder}. Correct the path.\n")
    accounts = list(inspect_folder(arguments.folder, registry, gas))
    _write(folder_table(accounts))
    return exit_code(account["verdict"] for account in accounts)


def _write(text: str) -> None:
    """Write to standard output; a terminal that cannot show a character must not stop it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _station(registry: Path | None, station: str | None) -> StationRow | None:
    """Return what the registry says about the station."""
    if registry is None and station is None:
        return None
    if registry is None or station is None:
        given = "--station" if registry is None else "--registry"
        message = (
            f"--registry and --station must be given together; got only {given} on the command "
            "line. Add the other one."
        )
        raise ValueError(message)
    stations = load_registry(registry).stations
    if station not in stations:
        message = (
            f"station must be one of {', '.join(stations)}; got {station!r} in {registry}. "
            "Correct --station."
        )
        raise ValueError(message)
    return stations[station]


def _place(file: str, issue: dict) -> str:
    """Return ``file`` or ``file!member`` of an issue."""
    member = issue.get("member", "")
    return f"{file}!{member}" if member else file


def _page(account: dict) -> str:
    """Return the account of one file as lines for people."""
    head = (
        f"{account['file']}: {account['verdict']} ({account['format'] or 'no known format'}; "
        f"{account['lines']} lines = {account['rows']} rows + {account['quarantined']} "
        f"quarantined + {account['blank_or_comment']} blank or comment)\n"
    )
    shown = [
        f"  {_place(account['file'], item)}:{item['line']}:{item['column']}: {item['code']}: "
        f"{item['found']}; expected {item['expected']}. {item['hint']}\n"
        for item in account["issues"][:_SHOWN]
    ]
    left = len(account["issues"]) - len(shown)
    return head + "".join(shown) + (f"  ... {left} more, see --json\n" if left else "")


if __name__ == "__main__":
    sys.exit(main())

"""In comes a command line; out goes a posterior file, estimated errors, or the problems of a configuration."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        0 where all is well, 1 where something must be mended; argparse exits with 2.
    """
    parser = argparse.ArgumentParser(prog="python -m inversion", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    solve = commands.add_parser("solve", help="solve one problem folder")
    solve.add_argument("--problem", type=Path, required=True, help="folder of the six datasets")
    solve.add_argument(
        "--settings", type=Path, help="YAML with the sections errors, gas, solver and time"
    )
    solve.add_argument("--out", type=Path, required=True, help="posterior file to write")
    tune = commands.add_parser("tune", help="estimate the sizes and lengths of a problem's errors")
    tune.add_argument("--problem", type=Path, required=True, help="folder of the six datasets")
    tune.add_argument(
        "--settings", type=Path, help="YAML with the sections errors, gas, solver, time and tune"
    )
    tune.add_argument("--out", type=Path, required=True, help="JSON file to write")
    tune.add_argument("--draws", type=Path, help="npz file for the totals of each draw")
    foresee = commands.add_parser("preview", help="what a problem folder would tell, and its cost")
    foresee.add_argument("problem", type=Path, help="folder of the six datasets")
    foresee.add_argument("--settings", type=Path, help="YAML, with the section preview for limits")
    foresee.add_argument("--out", type=Path, help="JSON to write, with a table beside it")
    check = commands.add_parser("check", help="list every problem of a configuration")
    check.add_argument("config", type=Path, help="configuration file")
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        return check_configuration(chosen.config)
    if chosen.command == "tune":
        return tune_and_tell(chosen.problem, chosen.settings, chosen.out, chosen.draws)
    if chosen.command == "preview":
        return preview_and_tell(chosen.problem, chosen.settings, chosen.out)
    return solve_and_tell(chosen.problem, chosen.settings, chosen.out)


def preview_and_tell(folder: Path, settings_file: Path | None, out: Path | None) -> int:
    """Write what a problem folder would tell; return 1 where a limit is broken or it cannot be."""
    from inversion import preview

    return preview.preview_and_tell(folder, settings_file, out)


def solve_and_tell(folder: Path, settings_file: Path | None, out: Path) -> int:
    """Solve a problem folder, saying on the way what is done; return 1 where it cannot be."""
    from inversion.folder import solve_folder

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        solve_folder(folder, settings_file, out)
    except (ValueError, OSError, NotImplementedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{out}\n")
    return 0


def tune_and_tell(folder: Path, settings_file: Path | None, out: Path, draws: Path | None) -> int:
    """Estimate the sizes and lengths of a problem's errors; return 1 where it cannot be done."""
    from inversion.hyperparameters.files import tune_folder

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        tune_folder(folder, settings_file, out, draws)
    except (ValueError, OSError, NotImplementedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{out}\n")
    return 0


def check_configuration(path: Path) -> int:
    """Write every problem of a configuration, each on a line; return 1 where there is one."""
    # only workflow may look across rooms, so it is asked by name and not imported
    checker = importlib.import_module("workflow.check")
    problems = checker.check_config(path, deep=True)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    count = len(problems)
    verdict = "no problems" if not count else f"{count} problem{'s' if count > 1 else ''}"
    sys.stdout.write(f"{path}: {verdict}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""In comes a command line; out goes a posterior file, or the problems of a configuration."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

DATASETS = ("observations", "background", "jacobian", "prior", "prior_covariance", "mismatch")
SECTIONS = ("errors", "gas", "solver")


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
        "--settings", type=Path, help="YAML with the sections errors, gas and solver"
    )
    solve.add_argument("--out", type=Path, required=True, help="posterior file to write")
    check = commands.add_parser("check", help="list every problem of a configuration")
    check.add_argument("config", type=Path, help="configuration file")
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        return check_configuration(chosen.config)
    try:
        solve_folder(chosen.problem, chosen.settings, chosen.out)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{chosen.out}\n")
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


def solve_folder(folder: Path, settings_file: Path | None, out: Path) -> None:
    """Solve the problem in a folder and write its posterior.

    Parameters
    ----------
    folder : Path
        Holds observations.nc, background.nc, jacobian.nc, prior.nc, prior_covariance.nc and
        mismatch.nc.
    settings_file : Path or None
        YAML whose sections ``errors``, ``gas`` and ``solver`` are used; defaults where absent.
    out : Path
        The posterior file.

    Raises
    ------
    ValueError
        Where datasets are missing, break their contract or do not fit together.
    """
    from contracts.code import code_hash
    from contracts.datasets import read_dataset, write_dataset
    from contracts.provenance import provenance_of
    from inversion.solve import solve_batch

    inputs = {name: folder / f"{name}.nc" for name in DATASETS}
    missing = [path.name for path in inputs.values() if not path.is_file()]
    if missing:
        msg = (
            f"a problem folder must hold {', '.join(path.name for path in inputs.values())}; got "
            f"no {', '.join(missing)} in {folder}. Build or copy them there."
        )
        raise ValueError(msg)
    settings, dumped = read_sections(settings_file)
    datasets = {name: read_dataset(path, name) for name, path in inputs.items()}
    posterior = solve_batch(datasets, settings)
    provenance = provenance_of(inputs, dumped, code_hash("inversion.solve"))
    write_dataset(posterior, out, "posterior", provenance)


def read_sections(path: Path | None) -> tuple[Any, dict]:
    """Return the sections a solution needs, as models by attribute and as plain values.

    Parameters
    ----------
    path : Path or None
        A whole configuration or one with these sections alone; other sections are not read.

    Raises
    ------
    ValueError
        Where a section breaks its rules: all problems at once.
    """
    from pydantic import ValidationError

    from contracts.settings.load import plain, problems_of, read_yaml, sections_of
    from contracts.settings.problems import SettingsError

    document = read_yaml(path) if path is not None else {}
    given = plain(document) or {}
    params = {name: given.get(name) or {} for name in SECTIONS}
    problems = []
    for name in SECTIONS:
        try:
            sections_of({name: params[name]})
        except ValidationError as error:
            problems += problems_of(error, document.get(name, {}), f"{path}: {name}")
    if problems:
        raise SettingsError(problems)
    sections = sections_of(params)
    dumped = {name: getattr(sections, name).model_dump(mode="json") for name in SECTIONS}
    return sections, dumped


if __name__ == "__main__":
    sys.exit(main())

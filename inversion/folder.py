"""A folder of six datasets and a file of settings come in; the posterior, and its file, go out."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contracts.code import code_hash
from contracts.datasets import read_dataset, write_dataset
from contracts.provenance import provenance_of
from contracts.settings.load import plain, problems_of, read_yaml, sections_of
from contracts.settings.problems import SettingsError
from inversion.problem import DATASETS
from inversion.solve import solve_batch

if TYPE_CHECKING:
    import xarray as xr

logger = logging.getLogger(__name__)

SECTIONS = ("errors", "gas", "solver")
TIME = "time"
_NO_BATCHES = {"2000-01": None}  # a stand-in: the prior says what the batch is


def read_problem(folder: str | Path) -> dict[str, xr.Dataset]:
    """Return the six datasets of a problem, each checked against its contract.

    Parameters
    ----------
    folder : path
        Holds observations.nc, background.nc, jacobian.nc, prior.nc, prior_covariance.nc and
        mismatch.nc, as ``results/<run>/problem/<batch>`` does.

    Raises
    ------
    ValueError
        Where datasets are missing, or break their contract.
    """
    files = _files(Path(folder))
    return {name: read_dataset(path, name) for name, path in files.items()}


def read_sections(path: str | Path | None = None) -> SimpleNamespace:
    """Return the settings a solution needs.

    Parameters
    ----------
    path : path, optional
        YAML: a whole configuration, or one with the sections ``errors``, ``gas``, ``solver`` and
        ``time`` alone; other sections are not read. Defaults where absent.

    Returns
    -------
    namespace
        A checked model by attribute; ``time``, of which ``totals`` is used, only where it is given.

    Raises
    ------
    ValueError
        Where a section breaks its rules: all problems at once.
    """
    document = read_yaml(path) if path is not None else {}
    given = plain(document) or {}
    params = {name: given.get(name) or {} for name in SECTIONS}
    if given.get(TIME):
        params[TIME] = {"batches": _NO_BATCHES, **given[TIME]}
    problems = []
    for name, section in params.items():
        try:
            sections_of({name: section})
        except ValidationError as error:
            problems += problems_of(error, document.get(name, {}), f"{path}: {name}")
    if problems:
        raise SettingsError(problems)
    return sections_of(params)


def solve_folder(
    folder: str | Path, settings_file: str | Path | None = None, out: str | Path | None = None
) -> xr.Dataset:
    """Solve the problem in a folder, and write its posterior where a file is named.

    Parameters
    ----------
    folder : path
        As for `read_problem`.
    settings_file : path, optional
        As for `read_sections`.
    out : path, optional
        The posterior file; its provenance holds hashes of the six files, the settings and the code.

    Returns
    -------
    Dataset ``posterior``

    Raises
    ------
    ValueError
        Where datasets are missing, break their contract or do not fit together.
    """
    sections = read_sections(settings_file)
    posterior = solve_batch(read_problem(folder), sections)
    _tell_intervals(sections, posterior)
    if out is not None:
        inputs = _files(Path(folder))
        provenance = provenance_of(inputs, used_settings(sections), code_hash("inversion.solve"))
        write_dataset(posterior, out, "posterior", provenance)
    return posterior


def used_settings(sections: SimpleNamespace) -> dict[str, Any]:
    """Return what a solution depends on of its settings, as plain values."""
    used = {name: getattr(sections, name).model_dump(mode="json") for name in SECTIONS}
    if hasattr(sections, TIME):
        used[TIME] = {"totals": sections.time.model_dump(mode="json")["totals"]}
    return used


def _files(folder: Path):
    """Return the file of each dataset; refuse a folder that lacks one."""
    files = {name: folder / f"{name}.nc" for name in DATASETS}
    missing = [path.name for path in files.values() if not path.is_file()]
    if missing:
        msg = (
            f"a problem folder must hold {', '.join(path.name for path in files.values())}; got "
            f"no {', '.join(missing)} in {folder}. Build or copy them there."
        )
        raise ValueError(msg)
    return files


def _tell_intervals(sections: SimpleNamespace, posterior: xr.Dataset):
    """Name the intervals of time.totals that this batch does not hold."""
    declared = sections.time.totals if hasattr(sections, TIME) else {}
    told = set(posterior["total_interval"].to_numpy().astype(str))
    for name in declared:
        if name not in told:
            logger.warning("time.totals: %r lies outside the batch, its totals are not told", name)

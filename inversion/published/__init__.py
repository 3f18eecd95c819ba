"""The section `problem` and the files of its authors come in; the six datasets of their inverse problem go out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.registered import registered
from contracts.settings.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from contracts.periods import Period
    from contracts.settings.problem import ProblemSettings
    from inversion.posterior import Posterior

READERS = {"new_zealand": "inversion.published.new_zealand:read_problem"}
MEASURES = {"new_zealand": "inversion.published.new_zealand_measures:measures"}
# Names of a reader's files, relative to its folder, and its options with their values.
FILES = {"new_zealand": "inversion.published.new_zealand_files:FILES"}
OPTIONS = {"new_zealand": "inversion.published.new_zealand:OPTIONS"}
MEASURE_COLUMNS = (
    "quantity",
    "region",
    "period",
    "value",
    "sd_full",
    "sd_as_published_code",
    "prior",
    "prior_sd",
    "unit",
)


def read_problem(section: ProblemSettings, folder: str | Path) -> dict[str, xr.Dataset]:
    """Return the datasets of a published inverse problem.

    Parameters
    ----------
    section : ProblemSettings
        ``reader`` and its ``options``.
    folder : str or Path
        Folder of the authors' files.

    Returns
    -------
    dict of Dataset
        ``observations, background, jacobian, prior, prior_covariance, mismatch``, in canonical
        units.

    Raises
    ------
    ValueError
        Where the reader is not known; the reader itself refuses unknown options and wrong files.
    """
    return _registered(READERS, section.reader)(section, folder)


def published_measures(
    section: ProblemSettings, posterior: Posterior, datasets: dict[str, xr.Dataset]
) -> list[dict[str, Any]]:
    """Return the summary numbers that the authors print, one mapping of `MEASURE_COLUMNS` a row.

    Parameters
    ----------
    section : ProblemSettings
    posterior : Posterior
        The product's solution of ``datasets``.
    datasets : dict of Dataset
        As `read_problem` returned them.

    Returns
    -------
    list of dict
        Empty where the reader has no such numbers.
    """
    if section.reader not in MEASURES:
        return []
    return _registered(MEASURES, section.reader)(posterior, datasets)


def problem_files(section: ProblemSettings, folder: str | Path) -> list[Path]:
    """Return the files that a reader reads, in its own order."""
    return [Path(folder) / name for name in _registered(FILES, section.reader)]


def folder_of(section: ProblemSettings, files: Sequence[str | Path]) -> Path:
    """Return the folder that a reader's files are relative to.

    Parameters
    ----------
    section : ProblemSettings
    files : sequence of str or Path
        All of its files, in any order, perhaps with others.

    Raises
    ------
    ValueError
        Where the reader's first file is not among them.

    Examples
    --------
    >>> from contracts.settings.problem import ProblemSettings
    >>> section = ProblemSettings(reader="new_zealand", folder="case")
    >>> folder_of(section, problem_files(section, "data/case")).as_posix()
    'data/case'
    """
    name = Path(_registered(FILES, section.reader)[0])
    length = len(name.parts)
    for file in map(Path, files):
        if file.parts[-length:] == name.parts:
            return file.parents[length - 1]
    msg = (
        f"the files of the reader {section.reader} must hold {name}; got {len(files)} others in "
        "problem.folder. Point it at the folder that holds this file."
    )
    raise ValueError(msg)


def problems_of(section: ProblemSettings, folder: str | Path) -> list[Problem]:
    """Return what would stop the reader before it starts: its name, options and files."""
    if section.reader not in READERS:
        known = f"one of {', '.join(sorted(READERS))}"
        return [Problem("problem.reader", repr(section.reader), known, "Name one of these.")]
    options = _registered(OPTIONS, section.reader)
    problems = [
        Problem(
            f"problem.options.{name}",
            repr(value),
            f"one of {', '.join(options[name])}"
            if name in options
            else f"an option of the reader: {', '.join(options)}",
            "Use one of these.",
        )
        for name, value in sorted(section.options.items())
        if value not in options.get(name, ())
    ]
    problems += [
        Problem(
            "problem.folder", f"no file {path}", "every file of the reader", "Check the folder."
        )
        for path in problem_files(section, folder)
        if not path.is_file()
    ]
    return problems


def require_batch(datasets: dict[str, xr.Dataset], batch: Period) -> None:
    """Refuse a batch of the settings that is not the interval the authors' fluxes span.

    Parameters
    ----------
    datasets : dict of Dataset
        As `read_problem` returned them.
    batch : Period
        The batch the settings declare.

    Raises
    ------
    ValueError
    """
    bounds = datasets["prior"]["period_bounds"].to_numpy().astype("datetime64[ns]")
    if bounds[0, 0] != batch.start or bounds[-1, 1] != batch.end:
        msg = (
            f"the batch must span the fluxes of the problem, {bounds[0, 0]} to {bounds[-1, 1]}; got "
            f"{batch.start} to {batch.end} in time.batches.{batch.name}. Write these two times."
        )
        raise ValueError(msg)


def _registered(registry: dict[str, str], name: str) -> Any:
    """Return what is registered under a reader's name."""
    if name not in registry:
        msg = (
            f"problem.reader must be one of {sorted(registry)}; got {name!r} in the settings. Name "
            "one of these, or register the reader in inversion/published/__init__.py."
        )
        raise ValueError(msg)
    return registered(registry[name])

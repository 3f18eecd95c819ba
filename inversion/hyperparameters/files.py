"""A problem folder and a file of settings come in; files of estimated errors, and of drawn totals, go out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from contracts.settings.load import plain, problems_of, read_yaml
from contracts.settings.problems import SettingsError
from contracts.settings.tune import TuneSettings
from inversion.folder import read_problem, read_sections
from inversion.hyperparameters.tune import told, tuned

if TYPE_CHECKING:
    from inversion.hyperparameters.tune import Tuned


def tune_folder(
    folder: str | Path,
    settings_file: str | Path | None = None,
    out: str | Path | None = None,
    draws: str | Path | None = None,
) -> dict[str, Any]:
    """Estimate the sizes and lengths of the errors of the problem in a folder.

    Parameters
    ----------
    folder : path
        As for `inversion.folder.read_problem`.
    settings_file : path, optional
        As for `inversion.folder.read_sections`, with the section ``tune``.
    out : path, optional
        JSON file of what is returned.
    draws : path, optional
        npz file of the totals of each draw (`drawn_arrays`).

    Returns
    -------
    dict
        As `inversion.hyperparameters.tune.tune` has it.
    """
    sections, section = read_sections(settings_file), read_tune(settings_file)
    datasets = read_problem(folder)
    found = tuned(datasets, sections, section)
    answer = told(found, datasets["observations"], section)
    if out is not None:
        text = json.dumps(answer, indent=1, ensure_ascii=False, allow_nan=False)
        Path(out).write_text(text + "\n", encoding="utf-8")
    if draws is not None:
        np.savez(draws, **drawn_arrays(found))
    return answer


def read_tune(path: str | Path | None = None) -> TuneSettings:
    """Return the section ``tune`` of a YAML file, or its defaults.

    Raises
    ------
    SettingsError
        Where it breaks its rules: all problems at once.
    """
    document = read_yaml(path) if path is not None else {}
    given = (plain(document) or {}).get("tune") or {}
    try:
        return TuneSettings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(problems_of(error, document["tune"], f"{path}: tune")) from None


def drawn_arrays(found: Tuned) -> dict[str, np.ndarray]:
    """Return the totals of each draw as arrays.

    Parameters
    ----------
    found : Tuned

    Returns
    -------
    dict of ndarray
        ``region, sector`` (k,), ``parameter`` (p,), ``theta`` (draws, p) [ln of factors], ``prior``
        (k,), ``posterior`` (draws, k) [kg s-1], ``prior_covariance`` and ``reduction`` (draws, k, k)
        [kg2 s-2]: what the removal of the prior takes, draw by draw.
    """
    totals, names = found.totals, found.parts.totals
    return {
        "region": np.array(names.regions),
        "sector": np.array(names.sectors),
        "parameter": np.array(found.estimate.names),
        "theta": totals.theta,
        "prior": totals.prior,
        "posterior": totals.posterior,
        "prior_covariance": totals.prior_covariance,
        "reduction": totals.reduction,
    }

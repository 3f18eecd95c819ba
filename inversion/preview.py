"""Before anything expensive: a problem, or the reach of its footprints, comes in; what its inversion would tell and cost goes out."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from contracts.files import write_json, write_text
from contracts.settings.preview import PreviewSettings
from inversion.aggregates import layout_of
from inversion.previewing.beside import Beside
from inversion.previewing.cost import Cost, predicted_cost
from inversion.previewing.expected import Expected, expect
from inversion.previewing.judged import GB, broken_limits
from inversion.previewing.reach import foreseen_problem
from inversion.previewing.table import table
from inversion.problem import assemble_problem

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.model import Settings

logger = logging.getLogger(__name__)

UNIT = "kg s-1"


def preview(
    datasets: dict[str, xr.Dataset],
    settings: Settings,
    footprints: list[xr.Dataset] | None = None,
    beside: Beside | None = None,
) -> dict[str, Any]:
    """Return what an inversion would know of every total, and what it would take.

    Parameters
    ----------
    datasets : dict of Dataset
        The six datasets of a problem: exact. Without ``jacobian`` and ``mismatch``, these are
        foreseen from `footprints`.
    settings : Settings
        Sections ``errors``, ``gas``, ``solver``, and ``preview`` and ``time`` where there are such.
    footprints : list of Dataset ``footprints``, optional
        Of some of the observations.
    beside : Beside, optional
        What the run does beside its inversion.

    Returns
    -------
    dict
        Plain values: ``n_observations``, ``by_receptor``, ``n_state``, ``n_nuisance``, ``dofs``,
        ``footprints`` (``exact``, ``own``, ``borrowed``, ``footprints_unused``, ``block_cells``),
        ``totals`` (rows with ``region``, ``sector``, ``interval``, ``prior``,
        ``prior_standard_deviation``, ``standard_deviation`` [kg s-1], ``information``), ``cost``
        (``seconds`` by step, ``hours``, ``memory_gb``, ``disk_gb``; None where not known) and
        ``broken``, a sentence for each limit of the settings that the run breaks.
    """
    section = getattr(settings, "preview", None) or PreviewSettings()
    counts = {"own": datasets["observations"].sizes["obs"], "borrowed": 0, "footprints_unused": 0}
    exact, cells = footprints is None, 1
    if footprints is not None:
        offset = getattr(getattr(settings, "time", None), "utc_offset_hours", None)
        cells = section.block_cells
        datasets, counts = foreseen_problem(
            datasets, footprints, settings.errors.mismatch, offset, cells
        )
        exact = not counts["borrowed"] and cells == 1
    cost = _cost(datasets, settings, beside)
    expected = expect(datasets, settings)
    logger.info("preview: %.1f degrees of freedom for signal", expected.dofs)
    return {
        "n_observations": expected.n_observations,
        "by_receptor": _by_receptor(datasets["observations"]),
        "n_state": expected.n_state,
        "n_nuisance": expected.n_nuisance,
        "dofs": expected.dofs,
        "footprints": {"exact": exact, "block_cells": cells, **counts},
        "totals": _rows(expected),
        "unit": UNIT,
        "cost": _plain(cost),
        "broken": broken_limits(expected, cost, section),
    }


def _cost(datasets: dict[str, xr.Dataset], settings: Settings, beside: Beside | None):
    """Return what the inversion takes."""
    mass = settings.gas.molar_mass_g_mol
    problem = assemble_problem(datasets, settings.errors, mass)
    return predicted_cost(problem, layout_of(datasets["prior"], mass), settings, beside)


def _by_receptor(observations: xr.Dataset) -> dict[str, int]:
    """Return the number of observations of every receptor; 0 is told too."""
    names = observations["receptor"].to_numpy().astype(str).tolist()
    counts = np.bincount(observations["receptor_index"].to_numpy(), minlength=len(names))
    return dict(zip(names, counts.tolist(), strict=True))


def _rows(expected: Expected) -> list[dict[str, Any]]:
    """Return one row for each total."""
    information = expected.information
    return [
        {
            "region": expected.region[k],
            "sector": expected.sector[k],
            "interval": expected.interval[k],
            "prior": float(expected.prior[k]),
            "prior_standard_deviation": float(expected.prior_standard_deviation[k]),
            "standard_deviation": float(expected.standard_deviation[k]),
            "information": float(information[k]),
        }
        for k in range(len(expected.region))
    ]


def _plain(cost: Cost | None) -> dict[str, Any] | None:
    """Return a cost as plain values."""
    if cost is None:
        return None
    return {
        "seconds": {name: float(seconds) for name, seconds in sorted(cost.seconds.items())},
        "hours": float(cost.hours),
        "memory_gb": cost.memory_bytes / GB,
        "disk_gb": cost.disk_bytes / GB,
    }


def require_answerable(found: dict[str, Any], where: str) -> None:
    """Stop a run whose preview breaks a limit of its settings.

    Raises
    ------
    ValueError
        With every broken limit.
    """
    if found["broken"]:
        raise ValueError(
            "\n".join([f"this run cannot answer its question ({where}):", *found["broken"]])
        )


def preview_folder(
    folder: str | Path, settings_file: str | Path | None = None, out: str | Path | None = None
) -> dict[str, Any]:
    """Preview the problem in a folder, and write it as JSON where a file is named.

    Parameters
    ----------
    folder : path
        Holds the six datasets, as `inversion.folder.read_problem` reads them.
    settings_file : path, optional
        YAML with the sections ``errors``, ``gas``, ``solver``, ``time`` and ``preview``.
    out : path, optional
        JSON to write; the table goes beside it as ``.txt``.
    """
    from contracts.settings.load import plain, read_yaml
    from inversion.folder import read_problem, read_sections

    sections = read_sections(settings_file)
    given = plain(read_yaml(settings_file)) if settings_file is not None else {}
    sections.preview = PreviewSettings.model_validate((given or {}).get("preview") or {})
    found = preview(read_problem(folder), sections)
    if out is not None:
        write_json(out, found)
        write_text(Path(out).with_suffix(".txt"), table(found) + "\n")
    return found


def preview_and_tell(folder: Path, settings_file: Path | None, out: Path | None) -> int:
    """Write the table of a folder's preview; return 1 where a limit is broken or it cannot be."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        found = preview_folder(folder, settings_file, out)
    except (ValueError, OSError, NotImplementedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(table(found) + "\n")
    return 1 if found["broken"] else 0

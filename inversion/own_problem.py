"""A Jacobian and mismatch errors of one's own come in; the datasets `jacobian` and `mismatch`, and a problem folder, go out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.sparse
import xarray as xr

from contracts.datasets import check_dataset, write_dataset
from contracts.files import write_json
from contracts.own_arrays import own_array
from contracts.provenance import Provenance
from contracts.settings.load import sections_of
from contracts.units import factor_to_canonical, mass_rate_of_flux
from inversion.errors.mismatch import Term, term_variables
from inversion.problem import DATASETS

PER_RATE = ("ppm/(kg s-1)", "ppb/(kg s-1)")
FOOTPRINT = {"units": "m2 s mol-1"}


def own_jacobian(
    observations: xr.Dataset, prior: xr.Dataset, sensitivity: Any, unit: str, fixed: Any = None
) -> xr.Dataset:
    """Return the dataset `jacobian` of a matrix one brings.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows.
    prior : Dataset `prior`
        Its sectors, periods and places are the columns.
    sensitivity : array_like (obs, sector, period, region) or (obs, sector, period, row, col)
        Change of each mole fraction per unit of the mean flux over a period, or of its rate.
    unit : str
        "m2 s mol-1" (= "ppm/(umol m-2 s-1)") or another unit of footprints, or per rate of a whole
        place: "ppm/(kg s-1)", "ppb/(kg s-1)", which is multiplied by the place's area.
    fixed : array_like (obs,), optional
        Mole fraction [umol mol-1] of fluxes that are known and not estimated; 0 without it.

    Returns
    -------
    Dataset
        Contract `jacobian`; attribute counts (JSON): elements stored, zeros left out.

    Raises
    ------
    ValueError
        Where shape or unit do not fit, or a number is not finite.
    """
    axes = {"obs": observations.sizes["obs"], **{str(d): n for d, n in prior["flux"].sizes.items()}}
    values = own_array(sensitivity, axes, "sensitivity", "own_jacobian") * _to_flux(prior, unit)
    known = np.zeros(len(values)) if fixed is None else fixed
    known = own_array(known, {"obs": len(values)}, "fixed", "own_jacobian")
    rows = scipy.sparse.csr_matrix(values.reshape(len(values), -1))
    inside = values.reshape(len(values), values.shape[1], -1).sum(axis=2)
    counts = {"elements": int(rows.nnz), "zeros_left_out": int(values.size - rows.nnz)}
    crs = {"grid_crs": prior.attrs["grid_crs"]} if "grid_crs" in prior.attrs else {}
    dataset = xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "sector": ("sector", prior["sector"].to_numpy()),
            "row_start": ("row_edge", rows.indptr.astype(np.int64), {"units": "1"}),
            "state_index": ("nonzero", rows.indices.astype(np.int32), {"units": "1"}),
            "sensitivity": ("nonzero", rows.data, FOOTPRINT),
            "sensitivity_inside": (("obs", "sector"), inside, FOOTPRINT),
            "sensitivity_outside": ("obs", np.zeros(len(values)), FOOTPRINT),
            "fixed_mole_fraction": ("obs", known, {"units": "umol mol-1"}),
        },
        attrs={
            "title": "Jacobian brought by the user; sensitivity outside the places is not known",
            "synthetic": str(observations.attrs["synthetic"]),
            "state_size": int(values[0].size),
            "counts": json.dumps(counts),
            **crs,
        },
    )
    check_dataset(dataset, "jacobian", "own_jacobian")
    return dataset


def own_mismatch(
    observations: xr.Dataset, terms: Sequence[Term], covariance: Any = None
) -> xr.Dataset:
    """Return the dataset `mismatch`: the errors of single observations and how they correlate.

    Parameters
    ----------
    observations : Dataset `observations`
        Its ``instrument_error`` is always the first term, without correlation.
    terms : sequence of inversion.errors.mismatch.Term
        What else the model cannot explain: name, standard deviation (obs,) or one number
        [umol mol-1], correlation time [s], correlation between receptors, and where wanted the
        distance over which that fades [m] and groups of independent errors; () for nothing.
    covariance : array_like (obs, obs), umol2 mol-2, optional
        The whole matrix R instead; then terms are only told, never added to it.

    Returns
    -------
    Dataset
        Contract `mismatch`.

    Raises
    ------
    ValueError
        Where shapes do not fit, or numbers are negative or not finite.
    """
    number = observations.sizes["obs"]
    measured = Term("instrument", observations["instrument_error"].to_numpy(), 0.0, 0.0)
    every = [measured, *terms]
    deviation = np.stack(
        [
            own_array(
                np.broadcast_to(term.standard_deviation, np.shape(term.standard_deviation) or (number,)),
                {"obs": number}, f"the standard deviation of {term.name!r}", "own_mismatch",
            )
            for term in every
        ]
    )  # fmt: skip
    complete = [
        replace(term, standard_deviation=row) for term, row in zip(every, deviation, strict=True)
    ]
    variables: dict[str, Any] = {}
    if covariance is not None:
        axes = {"obs": number, "obs_2": number}
        matrix = own_array(covariance, axes, "covariance", "own_mismatch")
        variables["covariance"] = (tuple(axes), matrix, {"units": "umol2 mol-2"})
    dataset = xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "term": ("term", np.array([term.name for term in every], dtype=str)),
            **term_variables(complete),
            **variables,
        },
        attrs={
            "title": "mismatch errors brought by the user",
            "synthetic": str(observations.attrs["synthetic"]),
        },
    )
    check_dataset(dataset, "mismatch", "own_mismatch")
    return dataset


def own_sections(
    gas: str, transport_common_sd: float, transport_daily_sd: float
) -> SimpleNamespace:
    """Return the sections of settings that a solution reads.

    Parameters
    ----------
    gas : str
        "CO2" or "CH4".
    transport_common_sd, transport_daily_sd : float
        1-sigma of the relative error of all modelled enhancements, common to the batch and by
        day; 0 for a Jacobian that is taken as it is.

    Returns
    -------
    namespace
        ``errors``, ``gas`` and ``solver``, for `inversion.solve.solve_batch`.
    """
    nuisance = {
        "transport_common_sd": transport_common_sd,
        "transport_daily_sd": transport_daily_sd,
    }
    return sections_of({"errors": {"nuisance": nuisance}, "gas": {"name": gas}, "solver": {}})


def write_problem(
    datasets: Mapping[str, xr.Dataset], sections: SimpleNamespace, folder: str | Path
) -> None:
    """Write the six datasets and settings.yaml into a folder for ``python -m inversion solve``.

    Parameters
    ----------
    datasets : mapping of str to Dataset
        `inversion.problem.DATASETS`.
    sections : namespace
        Of `own_sections`.
    folder : path
        Made where there is none.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in DATASETS:
        write_dataset(datasets[name], Path(folder) / f"{name}.nc", name, Provenance())
    stated = {
        "errors": {"nuisance": sections.errors.nuisance.model_dump(mode="json")},
        "gas": sections.gas.model_dump(mode="json"),
    }
    write_json(Path(folder) / "settings.yaml", stated)  # JSON is YAML too


def _to_flux(prior: xr.Dataset, unit: str) -> Any:
    """Return the factor from a unit of sensitivities to m2 s mol-1."""
    if unit not in PER_RATE:
        try:
            return factor_to_canonical(unit, "footprint")
        except ValueError as error:
            msg = f"sensitivity: {error} Per rate of a place: {list(PER_RATE)} (in own_jacobian)."
            raise ValueError(msg) from None
    area = prior["cell_area"] if "cell_area" in prior else prior["region_area"]
    per_flux = area.to_numpy() * mass_rate_of_flux(float(prior.attrs["molar_mass_g_mol"]))
    return per_flux * factor_to_canonical(unit.split("/", maxsplit=1)[0], "mole_fraction")

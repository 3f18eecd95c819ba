"""A table of one's own mole fractions comes in; the datasets `observations` and `background` go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.own_arrays import own_array, own_quantity
from contracts.periods import to_ns
from contracts.settings.gas import GasSettings

COLUMNS = ("receptor", "start", "end", "mole_fraction", "error")
PPM = {"units": "umol mol-1"}


def own_observations(
    table: Mapping[str, Any],
    places: Mapping[str, tuple[float, float, float, float]],
    unit: str,
    gas: GasSettings,
    synthetic: bool,
) -> xr.Dataset:
    """Return the dataset `observations` of a table.

    Parameters
    ----------
    table : mapping of str to array_like (obs,)
        A dict of columns or a data frame: ``receptor`` (name), ``start`` and ``end`` (UTC times),
        ``mole_fraction`` and ``error`` (1-sigma of the measurement, > 0), sorted by receptor,
        then start. One receptor or one error for all rows may be a single value.
    places : mapping of str to (latitude, longitude, ground height, inlet height)
        Of every receptor: degrees north, degrees east, m above the geoid, m above ground.
    unit : str
        Of mole fractions and errors, such as "ppm" or "ppb".
    gas : GasSettings
        Whose plausible values are the gate.
    synthetic : bool
        Whether the numbers are made up.

    Returns
    -------
    Dataset
        Contract `observations`; ``obs_id`` is the receptor and the start.

    Raises
    ------
    ValueError
        Where a column is missing, rows are out of order, a place is unknown, or a value is
        outside what air can hold.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        msg = (
            f"a table of observations must have the columns {', '.join(COLUMNS)}; got no "
            f"{', '.join(missing)} in own_observations. Rename or add the columns."
        )
        raise ValueError(msg)
    axes = {"obs": len(np.asarray(table["start"]))}
    names = _each(np.asarray(table["receptor"], dtype=str), axes["obs"])
    value, error = (
        own_quantity(column, unit, "mole_fraction", axes, (name, "own_observations"))
        for name, column in (
            ("mole_fraction", table["mole_fraction"]),
            ("error", _each(table["error"], axes["obs"])),
        )
    )
    _refuse_implausible(value, gas)
    bounds = np.stack([to_ns(table[name]) for name in ("start", "end")], axis=1)
    receptors, index = np.unique(names, return_inverse=True)
    _refuse_disorder(names, bounds[:, 0])
    dataset = xr.Dataset(
        {
            "obs_id": ("obs", _ids(names, bounds[:, 0])),
            "time": ("obs", bounds[:, 0]),
            "time_bounds": (("obs", "bounds"), bounds),
            "receptor_index": ("obs", index.astype(np.int32)),
            "mole_fraction": ("obs", value, PPM),
            "instrument_error": ("obs", error, PPM),
            "receptor": ("receptor", receptors),
            **_where(receptors.tolist(), places),
        },
        attrs={
            "title": "observations brought by the user",
            "synthetic": "yes" if synthetic else "no",
            "gas": gas.name,
        },
    )
    check_dataset(dataset, "observations", "own_observations")
    return dataset


def own_background(
    observations: xr.Dataset,
    background: Any,
    patterns: Mapping[str, tuple[Any, float]],
    unit: str,
) -> xr.Dataset:
    """Return the dataset `background`: the air that enters, and the shape of its error.

    Parameters
    ----------
    observations : Dataset `observations`
    background : float or array_like (obs,)
        What each observation would be without the fluxes of the state.
    patterns : mapping of str to (float or array_like (obs,), float)
        Errors common to several observations, estimated with the fluxes: the change of each
        observation per unit of the error, and the error's 1-sigma; {} where there are none.
    unit : str
        Of the background and of the standard deviations.

    Returns
    -------
    Dataset
        Contract `background`; ``background_standard_deviation`` is what the patterns imply. An
        error of single observations belongs into the mismatch.
    """
    axes = {"obs": observations.sizes["obs"]}
    air = _each(background, axes["obs"])
    mean = own_quantity(air, unit, "mole_fraction", axes, ("background", "own_background"))
    columns = [
        own_array(_each(pattern, axes["obs"]), axes, f"the pattern {name!r}", "own_background")
        for name, (pattern, _) in patterns.items()
    ]
    matrix = np.stack(columns, axis=1) if columns else np.zeros((len(mean), 0))
    deviation = own_quantity(
        [deviation for _, deviation in patterns.values()], unit, "mole_fraction",
        {"parameter": len(patterns)}, ("the patterns' 1-sigma", "own_background"),
    )  # fmt: skip
    dataset = xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "background": ("obs", mean, PPM),
            "background_standard_deviation": (
                "obs",
                np.sqrt(((matrix * deviation) ** 2).sum(axis=1)),
                PPM,
            ),
            "background_pattern": (("obs", "parameter"), matrix, {"units": "1"}),
            "parameter": ("parameter", np.array(list(patterns) or [], dtype=str)),
            "parameter_standard_deviation": ("parameter", deviation, PPM),
        },
        attrs={
            "title": "background brought by the user",
            "synthetic": str(observations.attrs["synthetic"]),
        },
    )
    check_dataset(dataset, "background", "own_background")
    return dataset


def _each(values: Any, number: int):
    """Return one value for each observation where a single one was given."""
    return np.broadcast_to(values, number) if np.ndim(values) == 0 else values


def _refuse_implausible(value: np.ndarray, gas: GasSettings) -> None:
    """Raise where mole fractions lie outside what outdoor air can hold."""
    low, high = gas.lowest_umol_mol, gas.highest_umol_mol
    wrong = (value < low) | (value > high)
    if wrong.any():
        first = int(np.argmax(wrong))
        msg = (
            f"mole_fraction must lie within {low:g} to {high:g} umol mol-1 of {gas.name}; got "
            f"{int(wrong.sum())} outside, the first {value[first]:g} in row {first} of the table, "
            "in own_observations. Leave missing rows out, correct the unit, or widen the limits of "
            "gas."
        )
        raise ValueError(msg)


def _refuse_disorder(names: np.ndarray, start: np.ndarray) -> None:
    """Raise where rows are not sorted by receptor, then start, each once."""
    later = (names[1:] > names[:-1]) | ((names[1:] == names[:-1]) & (start[1:] > start[:-1]))
    if not later.all():
        row = int(np.argmin(later)) + 1
        msg = (
            f"rows must be sorted by receptor, then start, each once; got row {row} "
            f"({names[row]}, {start[row]}) after {names[row - 1]}, {start[row - 1]} in "
            "own_observations. Sort with numpy.lexsort((start, receptor)), and the rows of your "
            "Jacobian with them."
        )
        raise ValueError(msg)


def _ids(names: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the names of observations."""
    stamps = np.datetime_as_string(start, unit="m")
    return np.array([f"{name}_{stamp}" for name, stamp in zip(names, stamps, strict=True)])


def _where(
    receptors: list[str], places: Mapping[str, tuple[float, float, float, float]]
) -> dict[str, Any]:
    """Return the places of receptors."""
    unknown = [name for name in receptors if name not in places]
    if unknown:
        msg = (
            f"every receptor must have a place; got none for {unknown} among {sorted(places)} in "
            "own_observations. Add (latitude, longitude, ground height, inlet height)."
        )
        raise ValueError(msg)
    rows = own_array(
        [places[name] for name in receptors],
        {"receptor": len(receptors), "number": 4},
        "places",
        "own_observations",
    )
    units = {
        "latitude": "degrees_north",
        "longitude": "degrees_east",
        "ground_height": "m",
        "inlet_height": "m",
    }
    return {
        name: ("receptor", rows[:, at], {"units": unit})
        for at, (name, unit) in enumerate(units.items())
    }

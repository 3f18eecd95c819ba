"""One instant of a model's weather in its own columns: fields come in, what is wrong with them goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

RANGES = {
    "height": (-9000.0, 90_000.0),
    "eastward": (-150.0, 150.0),
    "northward": (-150.0, 150.0),
    "vertical": (-100.0, 100.0),
    "temperature": (150.0, 350.0),
    "pressure": (1.0, 110_000.0),
    "humidity": (-1e-3, 0.1),
    "ground_height": (-500.0, 9000.0),
    "surface_pressure": (30_000.0, 110_000.0),
    "surface_temperature": (180.0, 345.0),
    "surface_humidity": (-1e-3, 0.1),
    "mixing_height": (0.0, 10_000.0),
    "friction_velocity": (0.0, 10.0),
    "stress": (0.0, 100.0),
    "heat_flux": (-2000.0, 2000.0),
    "moisture_flux": (-1e-2, 1e-2),
    "roughness_length": (1e-7, 20.0),
}
LAYERED = ("height", "eastward", "northward", "vertical", "temperature", "pressure", "humidity")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Fields of one instant on a part of the files' lattice, canonical units; None: not in the files.

    Attributes
    ----------
    height : ndarray (layer, row, col)
        Of the layers above ground [m], ascending.
    eastward, northward : ndarray (layer, row, col)
        Wind along the lattice's columns' and rows' axes [m s-1].
    vertical : ndarray (layer, row, col), or None
        Geometric vertical wind [m s-1].
    temperature, pressure, humidity : ndarray (layer, row, col)
        [K], [Pa], specific [1].
    near_wind : tuple of (height, eastward, northward)
        Winds at 10 m and 100 m, ascending: float [m], ndarrays (row, col) [m s-1].
    ground_height, surface_pressure, surface_temperature, surface_humidity : ndarray (row, col)
        [m], [Pa], [K] and specific [1] at the ground (or 2 m).
    mixing_height, roughness_length : ndarray (row, col), m, or None
    friction_velocity, stress : ndarray (row, col), or None
        [m s-1], and the magnitude of the surface stress [N m-2].
    heat_flux, moisture_flux : ndarray (row, col), or None
        [W m-2] and [kg m-2 s-1], positive UPWARD.
    names : mapping of str to str
        Of these fields in the files, for messages.
    """

    height: np.ndarray
    eastward: np.ndarray
    northward: np.ndarray
    temperature: np.ndarray
    pressure: np.ndarray
    humidity: np.ndarray
    ground_height: np.ndarray
    surface_pressure: np.ndarray
    surface_temperature: np.ndarray
    surface_humidity: np.ndarray | None = None
    vertical: np.ndarray | None = None
    near_wind: tuple[tuple[float, np.ndarray, np.ndarray], ...] = ()
    mixing_height: np.ndarray | None = None
    friction_velocity: np.ndarray | None = None
    stress: np.ndarray | None = None
    heat_flux: np.ndarray | None = None
    moisture_flux: np.ndarray | None = None
    roughness_length: np.ndarray | None = None
    names: Mapping[str, str] | None = None

    def above(self) -> np.ndarray:
        """Return where layers lie above the ground, (layer, row, col)."""
        return (self.pressure < self.surface_pressure) & (self.height > 0.0)


def problems_of(snapshot: Snapshot, top: float) -> list[str]:
    """Return what forbids the use of a snapshot; below the ground anything may stand.

    Parameters
    ----------
    snapshot : Snapshot
    top : float, m
        The uppermost level wanted.

    Returns
    -------
    list of str
        One for each field with a fault; empty where all is well.
    """
    masked = snapshot.pressure >= snapshot.surface_pressure
    found = []
    for name, (low, high) in RANGES.items():
        values = getattr(snapshot, name)
        if values is not None:
            found += _faults(name, values, (low, high), masked, snapshot.names or {})
    for height, *parts in snapshot.near_wind:
        label = f"wind at {height:g} m"
        for part in parts:
            found += _faults(label, part, RANGES["eastward"], masked, {})
    return found or _order(snapshot, top)


def _faults(
    name: str, values: np.ndarray, limits: tuple[float, float], masked: np.ndarray, names: Mapping
) -> list[str]:
    """Return the fault of one field, as a list of none or one."""
    label = f"{names.get(name, name)} ({name})" if name in names else name
    if name in LAYERED:
        wrong, where = ~np.isfinite(values) & ~masked, "layer"
        if wrong.any():
            layers = np.flatnonzero(wrong.any(axis=(1, 2))) + 1
            listed = ", ".join(map(str, layers[:5])) + (" ..." if len(layers) > 5 else "")
            return [f"{label} is not a number at points of {where} {listed}"]
        values = values[~masked]
    elif not np.isfinite(values).all():
        return [f"{label} is not a number at points"]
    if values.size and (values.min() < limits[0] or values.max() > limits[1]):
        bounds = f"{limits[0]:g} .. {limits[1]:g}"
        return [f"{label} leaves {bounds}: is its unit what its attribute says"]
    return []


def _order(snapshot: Snapshot, top: float) -> list[str]:
    """Return faults of the order and the reach of the layers."""
    above = snapshot.above()
    both = above[1:] & above[:-1]
    if (np.diff(snapshot.height, axis=0)[both] <= 0.0).any():
        return ["heights do not rise from layer to layer: is the vertical axis swapped"]
    reach = float(snapshot.height[-1].min())
    if reach < top:
        return [
            f"the uppermost layer lies at {100 * int(reach // 100)} m above ground (to the 100 m "
            f"below), under the level {top:.0f} m: lower transport.weather.levels_m"
        ]
    return []

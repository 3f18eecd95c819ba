"""One instant in a model's columns comes in; the contract's quantities on levels in the same columns go out.

The one place where height above ground, density and the parameters of turbulence are worked out.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from transport.meteorology import air, diagnose
from transport.meteorology import surface_layer as surface
from transport.meteorology.columns import ToLevels, settle
from transport.meteorology.lattice import Lattice
from transport.meteorology.missing import ROUGHNESS_M
from transport.meteorology.snapshot import Snapshot


def column_fields(
    snapshot: Snapshot, lattice: Lattice, settings: Any
) -> tuple[dict[str, np.ndarray], Counter]:
    """Return fields on the settings' levels and at the ground, and what was counted.

    Parameters
    ----------
    snapshot : Snapshot
        Checked (`problems_of`).
    lattice : Lattice
        Of its points.
    settings : WeatherSettings

    Returns
    -------
    fields : dict of ndarray
        (level, row, col): `eastward_wind`, `northward_wind`, `log_density`, `specific_humidity`
        and, where the files have it, `vertical_wind`; (row, col): `mixing_height`,
        `friction_velocity`, `buoyancy_flux` [K m s-1], `surface_theta` [K], `log_roughness`,
        `ground_height`.
    counts : Counter
        Points masked, held or diagnosed.
    """
    counts: Counter = Counter()
    above = snapshot.above()
    counts["points"], counts["points_below_ground"] = above.size, int((~above).sum())
    humidity = np.maximum(snapshot.humidity, 0.0)
    counts["humidities_raised_to_zero"] = int((snapshot.humidity < 0.0)[above].sum())
    ground = _ground(snapshot, humidity, above)
    roughness = _roughness(snapshot, settings)
    turbulence = _turbulence(snapshot, ground, roughness, counts)
    fields = {
        **_winds(snapshot, lattice, roughness, settings, counts),
        **_air(snapshot, humidity, above, ground, settings),
        **turbulence,
        "surface_theta": ground["theta"],
        "log_roughness": np.log(roughness),
        "ground_height": snapshot.ground_height,
    }
    low = fields["mixing_height"] < settings.least_mixing_height_m
    counts["mixing_heights_raised"] = int(low.sum())
    counts["columns"] = low.size
    fields["mixing_height"] = np.maximum(fields["mixing_height"], settings.least_mixing_height_m)
    return fields, counts


def _lowest(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the value of the lowest layer kept in each column, (row, col)."""
    return np.take_along_axis(values, kept.argmax(axis=0)[None], axis=0)[0]


def _ground(snapshot: Snapshot, humidity: np.ndarray, above: np.ndarray) -> dict[str, np.ndarray]:
    """Return humidity, density and virtual potential temperature at the ground, (row, col)."""
    moist = snapshot.surface_humidity
    moist = _lowest(humidity, above) if moist is None else np.maximum(moist, 0.0)
    pressure, warm = snapshot.surface_pressure, snapshot.surface_temperature
    return {
        "humidity": moist,
        "density": air.density(pressure, warm, moist),
        "theta": air.potential_temperature(air.virtual_temperature(warm, moist), pressure),
    }


def _roughness(snapshot: Snapshot, settings: Any) -> np.ndarray:
    """Return the roughness length, of the files or as declared, (row, col)."""
    if snapshot.roughness_length is not None:
        return snapshot.roughness_length
    declared = ROUGHNESS_M if settings.roughness_m is None else settings.roughness_m
    return np.full(snapshot.ground_height.shape, declared)


def _turbulence(
    snapshot: Snapshot, ground: dict[str, np.ndarray], roughness: np.ndarray, counts: Counter
) -> dict[str, np.ndarray]:
    """Return friction velocity, buoyancy flux and mixing height, of the files or diagnosed."""
    velocity, flux = snapshot.friction_velocity, None
    if velocity is None and snapshot.stress is not None:
        velocity = surface.friction_velocity(snapshot.stress, ground["density"])
    if snapshot.heat_flux is not None:
        vapour = snapshot.moisture_flux
        flux = surface.buoyancy_flux(
            snapshot.heat_flux,
            np.zeros_like(snapshot.heat_flux) if vapour is None else vapour,
            snapshot.surface_temperature,
            ground["humidity"],
            ground["density"],
        )
    theta = air.potential_temperature(
        air.virtual_temperature(snapshot.temperature, np.maximum(snapshot.humidity, 0.0)),
        snapshot.pressure,
    )
    above = snapshot.above()
    if velocity is None or flux is None:
        found, found_flux, held = _similarity(snapshot, theta, ground["theta"], roughness)
        counts["surface_layers_held_at_their_most_stable_or_unstable"] = held
        velocity = found if velocity is None else velocity
        flux = found_flux if flux is None else flux
    slow = velocity < surface.LEAST_FRICTION_VELOCITY
    counts["friction_velocities_raised"] = int(slow.sum())
    height = snapshot.mixing_height
    if height is None:
        speed = np.hypot(snapshot.eastward, snapshot.northward)
        number = diagnose.bulk_richardson(snapshot.height, speed, theta, ground["theta"])
        height, counts["mixing_heights_above_the_layers"] = diagnose.mixing_height(
            snapshot.height, number, above
        )
    return {
        "friction_velocity": np.maximum(velocity, surface.LEAST_FRICTION_VELOCITY),
        "buoyancy_flux": flux,
        "mixing_height": height,
    }


def _similarity(
    snapshot: Snapshot, theta: np.ndarray, surface_theta: np.ndarray, roughness: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return friction velocity and buoyancy flux from the lowest wind and the lowest layer."""
    kept = snapshot.above() & (snapshot.height > 2.0 * diagnose.SCREEN_M)
    layer = _lowest(snapshot.height, kept), _lowest(theta, kept)
    if snapshot.near_wind:
        height, east, north = snapshot.near_wind[0]
        wind = np.full(roughness.shape, height), np.hypot(east, north)
    else:
        parts = _lowest(snapshot.eastward, kept), _lowest(snapshot.northward, kept)
        wind = layer[0], np.hypot(*parts)
    return diagnose.surface_layer(wind, layer, surface_theta, roughness)


def _winds(
    snapshot: Snapshot, lattice: Lattice, roughness: np.ndarray, settings: Any, counts: Counter
) -> dict[str, np.ndarray]:
    """Return winds on the levels, (level, row, col).

    Layers not above the uppermost wind near the ground make room for it. Linear in the logarithm
    of height between nodes, by the logarithmic law below the lowest.
    """
    top = snapshot.near_wind[-1][0] if snapshot.near_wind else 0.0
    above = snapshot.above()
    kept = above & (snapshot.height > top)
    counts["points_below_the_winds_near_the_ground"] = int((above & ~kept).sum())
    level = np.asarray(settings.levels_m, dtype=float)
    if snapshot.near_wind:
        near = np.stack([np.full(roughness.shape, h) for h, _, _ in snapshot.near_wind])
        nodes = np.concatenate([near, settle(snapshot.height, kept, top)])
    else:
        nodes = settle(snapshot.height, kept, _lowest(snapshot.height, kept))
    to_levels = ToLevels(nodes, level, logarithmic=True)
    share = surface.log_law_share(level[:, None, None], nodes[0], roughness)
    fields = {}
    for number, name in enumerate(("eastward", "northward"), start=1):
        layers = getattr(snapshot, name)
        if snapshot.near_wind:
            under = np.stack([part[number] for part in snapshot.near_wind])
            values = np.concatenate([under, np.where(kept, layers, under[-1])])
        else:
            values = np.where(kept, layers, _lowest(layers, kept))
        fields[f"{name}_wind"] = share * to_levels.at(values)
    if snapshot.vertical is not None:
        row_slope, column_slope = lattice.slope(snapshot.ground_height)
        along = (
            snapshot.vertical - snapshot.eastward * column_slope - snapshot.northward * row_slope
        )
        fields["vertical_wind"] = _grounded(snapshot, along, np.zeros_like(roughness), level)
    return fields


def _grounded(
    snapshot: Snapshot, layers: np.ndarray, ground: np.ndarray, level: np.ndarray
) -> np.ndarray:
    """Return a field on the levels, linear in height from its value at the ground."""
    above = snapshot.above()
    nodes = np.concatenate([np.zeros_like(ground)[None], settle(snapshot.height, above, 0.0)])
    return ToLevels(nodes, level).at(
        np.concatenate([ground[None], np.where(above, layers, ground)])
    )


def _air(
    snapshot: Snapshot,
    humidity: np.ndarray,
    above: np.ndarray,
    ground: dict[str, np.ndarray],
    settings: Any,
) -> dict[str, np.ndarray]:
    """Return logarithm of density and humidity on the levels, (level, row, col)."""
    level = np.asarray(settings.levels_m, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        dense = np.log(air.density(snapshot.pressure, snapshot.temperature, humidity))
    return {
        "log_density": _grounded(snapshot, dense, np.log(ground["density"]), level),
        "specific_humidity": _grounded(
            snapshot, np.where(above, humidity, 0.0), ground["humidity"], level
        ),
    }

"""Nothing comes in; the invented places of the synthetic city go out as tables.

ASSUME: every site, weight and radius here is invented. Coordinates lie where such things are
plausible; no row stands for a real plant, firm or office.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """A place with a weight and a radius (0 for a point).

    Attributes
    ----------
    longitude, latitude : float, degrees
    weight : float
        Relative, within its table.
    radius_km : float
        Standard deviation of its Gaussian.
    """

    longitude: float
    latitude: float
    weight: float
    radius_km: float = 0.0


# Towns: weight = ten thousand people.
TOWNS = (
    Spot(120.16, 30.27, 420.0, 7.0),  # the urban core
    Spot(120.21, 30.29, 60.0, 3.5),
    Spot(120.15, 30.33, 60.0, 3.5),
    Spot(120.08, 30.25, 60.0, 4.0),
    Spot(120.19, 30.19, 55.0, 3.0),
    Spot(120.27, 30.17, 130.0, 5.0),
    Spot(119.98, 30.29, 80.0, 5.0),
    Spot(119.95, 30.38, 25.0, 4.0),
    Spot(120.29, 30.42, 110.0, 5.0),
    Spot(120.36, 30.31, 55.0, 4.0),
    Spot(120.52, 30.30, 20.0, 4.0),
    Spot(119.95, 30.05, 60.0, 4.0),
    Spot(119.72, 30.23, 40.0, 3.5),
    Spot(119.68, 29.80, 30.0, 3.0),
    Spot(119.04, 29.61, 22.0, 3.0),
    Spot(119.28, 29.47, 32.0, 3.0),
    Spot(119.54, 29.52, 8.0, 2.0),
    Spot(119.22, 30.17, 8.0, 2.5),
    Spot(120.68, 30.52, 35.0, 4.0),  # beyond the city
    Spot(120.50, 30.09, 45.0, 5.0),
    Spot(119.46, 29.20, 18.0, 3.0),
    Spot(119.90, 29.72, 15.0, 3.0),
)

# Motorways as chains of longitude, latitude.
ROADS = (
    ((120.72, 30.50), (120.30, 30.38), (120.16, 30.27), (119.95, 30.06), (119.68, 29.82)),
    ((119.68, 29.82), (119.28, 29.50), (119.04, 29.62), (118.50, 29.75)),
    ((120.16, 30.27), (119.72, 30.23), (119.22, 30.18), (118.90, 30.12)),
    ((120.70, 30.08), (120.27, 30.17), (120.05, 30.25), (119.95, 30.40), (119.90, 30.58)),
    ((120.52, 30.32), (120.27, 30.17), (120.20, 29.95), (120.10, 29.78)),
)

PARKS = (
    Spot(120.55, 30.28, 20.0, 4.0),
    Spot(120.38, 30.30, 12.0, 3.5),
    Spot(120.35, 30.19, 16.0, 4.5),
    Spot(120.45, 30.13, 8.0, 3.5),
    Spot(120.31, 30.42, 7.0, 3.5),
    Spot(119.98, 30.38, 4.0, 3.5),
    Spot(119.88, 30.06, 13.0, 3.5),
    Spot(119.82, 30.22, 4.0, 3.0),
    Spot(119.62, 29.78, 4.0, 3.0),
    Spot(119.30, 29.45, 9.0, 3.0),
    Spot(119.08, 29.58, 1.5, 2.5),
    Spot(120.08, 30.33, 3.0, 4.0),
    Spot(120.62, 30.10, 9.0, 4.0),
    Spot(120.62, 30.48, 6.0, 4.0),
)

CEMENT = (
    Spot(119.36, 29.52, 10.0),
    Spot(119.45, 29.46, 7.0),
    Spot(119.78, 29.98, 8.0),
    Spot(119.70, 30.03, 6.0),
    Spot(119.45, 30.14, 6.0),
    Spot(119.55, 29.86, 5.0),
)

POWER_PLANTS = (
    Spot(120.58, 30.25, 26.0),
    Spot(120.40, 30.32, 13.0),
    Spot(120.36, 30.15, 22.0),
    Spot(120.18, 30.37, 10.0),
    Spot(119.90, 30.09, 12.0),
    Spot(119.32, 29.50, 9.0),
    Spot(120.30, 30.46, 8.0),
    Spot(120.66, 30.12, 7.0),
)

WASTE_SITES = (
    Spot(120.21, 30.38, 10.0),
    Spot(119.97, 30.33, 8.0),
    Spot(120.38, 30.09, 9.0),
    Spot(120.62, 30.29, 6.0),
    Spot(119.90, 29.98, 5.0),
    Spot(119.62, 30.20, 3.0),
    Spot(119.66, 29.85, 3.0),
    Spot(119.33, 29.43, 3.0),
    Spot(119.10, 29.65, 2.0),
)

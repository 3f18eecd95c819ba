"""A variable of an ERA5 file comes in; which quantity it is, its factor to canonical units and its kind go out.

Names of the new and the old Climate Data Store, of GRIB short names, and of files that keep the
parameters' own names. Fluxes of ECMWF are positive DOWNWARD; signs are turned in `era5.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

MEAN_OF_HOUR = "mean of the hour that ends at its time"


@dataclass(frozen=True)
class Quantity:
    """One quantity of ERA5.

    Attributes
    ----------
    names : tuple of str
        In files.
    units : tuple of (str, float)
        Accepted, with the factor to the unit used here.
    layered : bool
        Whether on pressure levels.
    mean : bool
        Whether accumulated over, or the mean of, the hour that ends at its time.
    """

    names: tuple[str, ...]
    units: tuple[tuple[str, float], ...]
    layered: bool = False
    mean: bool = False


def _spelled(unit: str, factor: float = 1.0) -> tuple[tuple[str, float], ...]:
    """Return a unit as ECMWF writes it (m**2 s**-2) and as CF does (m2 s-2)."""
    return ((unit, factor), (unit.replace("**", ""), factor))


SPEED, KELVIN = _spelled("m s**-1"), _spelled("K")
HOUR_S = 3600.0
QUANTITIES = {
    "geopotential": Quantity(("z",), _spelled("m**2 s**-2"), layered=True),
    "temperature": Quantity(("t",), KELVIN, layered=True),
    "eastward": Quantity(("u",), SPEED, layered=True),
    "northward": Quantity(("v",), SPEED, layered=True),
    "omega": Quantity(("w",), _spelled("Pa s**-1"), layered=True),
    "humidity": Quantity(("q",), (*_spelled("kg kg**-1"), ("1", 1.0)), layered=True),
    "surface_pressure": Quantity(("sp",), _spelled("Pa")),
    "surface_geopotential": Quantity(("z",), _spelled("m**2 s**-2")),
    "surface_temperature": Quantity(("t2m", "2t"), KELVIN),
    "dewpoint": Quantity(("d2m", "2d"), KELVIN),
    "eastward_10m": Quantity(("u10", "10u"), SPEED),
    "northward_10m": Quantity(("v10", "10v"), SPEED),
    "eastward_100m": Quantity(("u100", "100u"), SPEED),
    "northward_100m": Quantity(("v100", "100v"), SPEED),
    "mixing_height": Quantity(("blh",), _spelled("m")),
    "friction_velocity": Quantity(("zust",), SPEED),
    "roughness_length": Quantity(("fsr",), _spelled("m")),
    "eastward_stress": Quantity(("iews",), _spelled("N m**-2")),
    "northward_stress": Quantity(("inss",), _spelled("N m**-2")),
    "eastward_stress_mean": Quantity(
        ("ewss", "metss", "avg_iews"),
        (*_spelled("N m**-2 s", 1.0 / HOUR_S), *_spelled("N m**-2")),
        mean=True,
    ),
    "northward_stress_mean": Quantity(
        ("nsss", "mntss", "avg_inss"),
        (*_spelled("N m**-2 s", 1.0 / HOUR_S), *_spelled("N m**-2")),
        mean=True,
    ),
    "heat_flux": Quantity(("ishf",), _spelled("W m**-2")),
    "heat_flux_mean": Quantity(
        ("sshf", "msshf", "avg_ishf"),
        (*_spelled("J m**-2", 1.0 / HOUR_S), *_spelled("W m**-2")),
        mean=True,
    ),
    "moisture_flux": Quantity(("ie",), _spelled("kg m**-2 s**-1")),
    "latent_flux_mean": Quantity(
        ("slhf", "mslhf", "avg_slhtf"),
        (*_spelled("J m**-2", 1.0 / HOUR_S), *_spelled("W m**-2")),
        mean=True,
    ),
}


def quantity_of(name: str, layered: bool) -> str | None:
    """Return our name of a variable, or None where it is not used.

    Parameters
    ----------
    name : str
        In the file.
    layered : bool
        Whether it has a pressure axis.

    Returns
    -------
    str, or None

    Examples
    --------
    >>> quantity_of("z", True), quantity_of("z", False), quantity_of("10u", False)
    ('geopotential', 'surface_geopotential', 'eastward_10m')
    """
    for key, quantity in QUANTITIES.items():
        if name in quantity.names and quantity.layered == layered:
            return key
    return None


def factor_of(key: str, unit: str | None) -> float | None:
    """Return the factor of a quantity's unit, or None where it is not accepted.

    Examples
    --------
    >>> factor_of("heat_flux_mean", "J m**-2") * 3600.0
    1.0
    """
    return dict(QUANTITIES[key].units).get(unit)

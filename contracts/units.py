"""In: a value and the unit somebody wrote. Out: the value in the canonical unit of its quantity, or a refusal."""

import numpy as np

CANONICAL = {
    "mole_fraction": "umol mol-1",
    "flux": "umol m-2 s-1",
    "footprint": "m2 s mol-1",
    "total": "kg s-1",
    "length": "m",
    "time": "s",
    "velocity": "m s-1",
    "molar_density": "mol m-3",
    "fraction": "1",
}

_FACTORS = {
    "mole_fraction": {
        "umol mol-1": 1.0,
        "ppm": 1.0,
        "ppb": 1e-3,
        "mol mol-1": 1e6,
        "nmol mol-1": 1e-3,
        "pmol mol-1": 1e-6,
    },
    "flux": {
        "umol m-2 s-1": 1.0,
        "umol/m2/s": 1.0,
        "mol m-2 s-1": 1e6,
        "mol/m2/s": 1e6,
        "mmol m-2 s-1": 1e3,
        "nmol m-2 s-1": 1e-3,
        "nmol/m2/s": 1e-3,
    },
    "footprint": {
        "m2 s mol-1": 1.0,
        "(mol/mol)/(mol/m2/s)": 1.0,
        "ppm (umol-1 m2 s)": 1.0,
        "ppm/(umol m-2 s-1)": 1.0,
        "ppb/(nmol m-2 s-1)": 1.0,
        "ppb/(umol m-2 s-1)": 1e-3,
    },
    "total": {
        "kg s-1": 1.0,
        "g s-1": 1e-3,
        "t s-1": 1e3,
        "kg h-1": 1 / 3600.0,
        "t h-1": 1 / 3.6,
        "t d-1": 1 / 86.4,
    },
    "length": {"m": 1.0, "km": 1e3},
    "time": {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "velocity": {"m s-1": 1.0, "m/s": 1.0, "km h-1": 1 / 3.6},
    "molar_density": {"mol m-3": 1.0},
    "fraction": {"1": 1.0, "%": 0.01},
}


def factor_to_canonical(unit: str, quantity: str) -> float:
    """Return the factor from `unit` to the canonical unit of `quantity`.

    Raises
    ------
    ValueError
        If the quantity or the unit is not known; the known ones are listed.

    Examples
    --------
    >>> factor_to_canonical("ppb", "mole_fraction")
    0.001
    """
    if quantity not in _FACTORS:
        msg = f"quantity must be one of {sorted(_FACTORS)}; got {quantity!r}."
        raise ValueError(msg)
    known = _FACTORS[quantity]
    if unit not in known:
        msg = (
            f"unit of a {quantity} must be one of {sorted(known)}; got {unit!r}. "
            "Declare the unit the numbers are really in."
        )
        raise ValueError(msg)
    return known[unit]


def to_canonical(value: float | np.ndarray, unit: str, quantity: str) -> float | np.ndarray:
    """Return `value` in the canonical unit of `quantity` (see `CANONICAL`).

    Examples
    --------
    >>> float(to_canonical(420_000.0, "ppb", "mole_fraction"))
    420.0
    """
    return value * factor_to_canonical(unit, quantity)


def mass_rate_of_flux(molar_mass_g_mol: float) -> float:
    """Return kg s-1 per (umol m-2 s-1 times m2) for a gas of that molar mass.

    Examples
    --------
    >>> round(mass_rate_of_flux(44.0095) * 1e9, 4)
    44.0095
    """
    return molar_mass_g_mol * 1e-3 * 1e-6

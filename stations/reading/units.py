"""A unit as somebody wrote it comes in; the factor to umol mol-1 goes out."""

from __future__ import annotations

import re

from contracts.units import factor_to_canonical

GAS_CONSTANT = 8.314462618  # J mol-1 K-1, CODATA 2018, exact
# What files write, folded by `_folded`, -> a spelling that contracts.units knows.
_SPELLINGS = {
    "µmol.mol-1": "umol mol-1",
    "nmol.mol-1": "nmol mol-1",
    "umol.mol-1": "umol mol-1",
    "pmol.mol-1": "pmol mol-1",
    "umol/mol": "umol mol-1",
    "µmol/mol": "umol mol-1",
    "nmol/mol": "nmol mol-1",
    "µmol mol-1": "umol mol-1",
    "micromol mol-1": "umol mol-1",
    "micromol/mol": "umol mol-1",
    "micromole mole-1": "umol mol-1",
    "nanomol mol-1": "nmol mol-1",
    "nanomol/mol": "nmol mol-1",
    "picomol mol-1": "pmol mol-1",
    "mol/mol": "mol mol-1",
    "mole mole-1": "mol mol-1",
    "1e-6": "ppm",
    "1e-06": "ppm",
    "1e-9": "ppb",
    "1e-09": "ppb",
    "1e-12": "ppt",
    "ppmv": "ppm",
    "ppm dry": "ppm",
    "ppbv": "ppb",
    "pptv": "ppt",
    "mg/m3": "mg m-3",
    "mg/m^3": "mg m-3",
    "mg m^-3": "mg m-3",
    "ug/m3": "ug m-3",
}
_MASS = {"mg m-3": 1e-3, "ug m-3": 1e-6, "g m-3": 1.0}  # g m-3 in one


def _folded(unit: str) -> str:
    """Return a unit without the ways in which it can be written."""
    plain = unit.strip().replace("⁻", "-").replace("\u2212", "-").replace("\u03bc", "µ")
    plain = plain.translate(str.maketrans("¹²³", "123"))
    plain = re.sub(r"\s+", " ", plain)
    lowered = plain.lower()
    return _SPELLINGS.get(lowered, lowered)


def mole_fraction_factor(
    unit: str,
    molar_mass_g_mol: float,
    temperature_k: float | None = None,
    pressure_pa: float | None = None,
) -> float:
    """Return what a value in `unit` is multiplied by to be in umol mol-1.

    Parameters
    ----------
    unit : str
        A mole fraction, or a mass per volume of air.
    molar_mass_g_mol : float
        Of the gas.
    temperature_k, pressure_pa : float, optional
        What a volume refers to; without both a mass per volume is refused.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Where the unit is not known, or is a mass per volume without its reference.

    Notes
    -----
    x = ρ R T / (M p): 1 mg m-3 of CO2 is 0.5559 umol mol-1 at 298.15 K and 1013.25 hPa, and
    0.5093 at 273.15 K.

    Examples
    --------
    >>> round(755.5 * mole_fraction_factor("mg/m3", 44.0095, 298.15, 101325.0), 1)
    420.0
    >>> mole_fraction_factor("µmol.mol-¹", 44.0095)
    1.0
    """
    plain = _folded(unit)
    if plain in _MASS:
        if temperature_k is None or pressure_pa is None:
            message = (
                f"a mass per volume must come with the temperature and pressure it refers to; got "
                f"{unit!r} alone. Declare reference_temperature_k and reference_pressure_pa."
            )
            raise ValueError(message)
        molar_volume = GAS_CONSTANT * temperature_k / pressure_pa  # m3 mol-1 of air
        return _MASS[plain] / molar_mass_g_mol * molar_volume * 1e6
    if plain == "ppt":
        return 1e-6
    return factor_to_canonical(plain, "mole_fraction")

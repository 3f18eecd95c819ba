"""A section of settings and the gas come in; the section with defaults that suit the gas goes out.

Every default that is a mole fraction or a flux (its name ends in `_umol_mol` or `_umol_m2_s`) is
written down for CO2. What is small for CO2 is enormous for methane, so for another gas a default is
multiplied by the ratio of the two gases' network compatibility goals; a value that somebody stated
is never touched.
"""

from __future__ import annotations

from typing import TypeVar

from contracts.settings.base import Section
from contracts.settings.gas import GasSettings

SUFFIXES = ("_umol_mol", "_umol_m2_s")
SectionT = TypeVar("SectionT", bound=Section)


def of_gas(section: SectionT, gas: GasSettings) -> SectionT:
    """Return a section whose unstated mole fractions and fluxes are those of a gas.

    Parameters
    ----------
    section : Section
        Its own sections are gone through as well.
    gas : GasSettings
        `compatibility_goal_umol_mol` against that of CO2 is the factor.

    Returns
    -------
    Section
        The same class; the very section where the gas is CO2 or nothing had to change.

    Examples
    --------
    >>> from contracts.settings.stations import DetectorSettings
    >>> of_gas(DetectorSettings(), GasSettings(name="CH4")).calibration_step_umol_mol
    0.08
    >>> stated = DetectorSettings(calibration_step_umol_mol=4.0)
    >>> of_gas(stated, GasSettings(name="CH4")).calibration_step_umol_mol
    4.0
    """
    factor = gas.compatibility_goal_umol_mol / GasSettings(name="CO2").compatibility_goal_umol_mol
    return _scaled(section, factor) if factor != 1.0 else section


def defaults_of_gas(section: Section, gas: GasSettings, above: str = "") -> dict[str, float]:
    """Return the values that `of_gas` puts in the place of CO2's defaults, by dotted name.

    Parameters
    ----------
    section : Section
        As somebody stated it, before `of_gas`.
    gas : GasSettings
    above : str
        Dotted name of the section itself, with a dot at its end.

    Returns
    -------
    dict of str to float
        Empty for CO2.
    """
    found: dict[str, float] = {}
    scaled = of_gas(section, gas)
    for name in type(section).model_fields:
        before, after = getattr(section, name), getattr(scaled, name)
        if isinstance(before, Section):
            found |= defaults_of_gas(before, gas, f"{above}{name}.")
        elif before != after:
            found[f"{above}{name}"] = after
    return found


def _scaled(section: SectionT, factor: float) -> SectionT:
    """Return a section with its unstated mole fractions and fluxes multiplied."""
    changed: dict[str, object] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Section):
            inner = _scaled(value, factor)
            if inner is not value:
                changed[name] = inner
        elif name.endswith(SUFFIXES) and name not in section.model_fields_set and value:
            changed[name] = float(f"{value * factor:.12g}")
    return section.model_copy(update=changed) if changed else section

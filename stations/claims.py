"""What a file says about itself and what is expected of it come in; a refusal, or remarks, go out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from contracts.settings.gas import GasSettings
from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.rows import Claims
from stations.reading.settings import ReaderSettings

_FAR_DEGREES = 0.05  # about 5 km: no longer the same mast
# Spellings of a scale seen in files, folded to letters and digits -> our name.
_SCALES = {
    "WMOCO2X2019": "WMO-CO2-X2019",
    "CO2X2019": "WMO-CO2-X2019",
    "WMOX2019": "WMO-CO2-X2019",
    "X2019": "WMO-CO2-X2019",
    "WMOCO2X2007": "WMO-CO2-X2007",
    "CO2X2007": "WMO-CO2-X2007",
    "WMOX2007": "WMO-CO2-X2007",
    "X2007": "WMO-CO2-X2007",
    "NOAA2004ACH4": "WMO-CH4-X2004A",
    "WMOCH4X2004A": "WMO-CH4-X2004A",
    "CH4X2004A": "WMO-CH4-X2004A",
    "WMOX2004A": "WMO-CH4-X2004A",
    "X2004A": "WMO-CH4-X2004A",
}


@dataclass(frozen=True)
class Expected:
    """What the registry says about the station whose files are read.

    Attributes
    ----------
    inlet : float
        Above ground [m].
    latitude, longitude : float
        Degrees.
    scale : str
        Of the values in the files.
    """

    inlet: float
    latitude: float
    longitude: float
    scale: str


def scale_name(text: str) -> str:
    """Return our name of a calibration scale, or an empty string where it is not known.

    Parameters
    ----------
    text : str
        As a file spells it.

    Returns
    -------
    str

    Examples
    --------
    >>> scale_name("WMO CO2 X2007"), scale_name("CO2_X2019"), scale_name("Unknown")
    ('WMO-CO2-X2007', 'WMO-CO2-X2019', '')
    """
    return _SCALES.get(re.sub(r"[^A-Z0-9]", "", text.upper()), "")


def gas_name(text: str) -> str:
    """Return the name of a gas as the settings spell it.

    Parameters
    ----------
    text : str
        ``co2``, ``CO2_dry``, ``xco2``.

    Returns
    -------
    str

    Examples
    --------
    >>> gas_name("CO2_dry"), gas_name("xch4"), gas_name("cfc-11")
    ('CO2', 'CH4', 'CFC-11')
    """
    name = re.sub(r"[_ ](dry|wet|ppm|ppb)$", "", text.strip(), flags=re.IGNORECASE).upper()
    return name[1:] if name in ("XCO2", "XCH4") else name


def demand_gas(claims: Claims, gas: GasSettings) -> None:
    """Refuse a file of another gas.

    Parameters
    ----------
    claims : Claims
    gas : GasSettings

    Raises
    ------
    FileRefusedError
    """
    found = gas_name(claims.gas)
    if found and found != gas.name.upper():
        hint = "Give the file of the right gas, or set gas.name (on the command line --gas)."
        raise FileRefusedError(Issue(0, 0, "other_gas", found, f"a record of {gas.name}", hint))


def compare(claims: Claims, expected: Expected | None, settings: ReaderSettings) -> list[Issue]:
    """Compare what a file says with what the registry says.

    Parameters
    ----------
    claims : Claims
    expected : Expected or None
        None where nobody described the station.
    settings : ReaderSettings

    Returns
    -------
    list of Issue
        Remarks about claims that the registry overrules.

    Raises
    ------
    FileRefusedError
        Where the file is of another inlet or scale than the registry says: one of the two is
        wrong, and the numbers would look right.
    """
    remarks = _overruled(claims, settings)
    if expected is None:
        return remarks
    if abs(claims.inlet - expected.inlet) > settings.inlet_tolerance_m:
        hint = "Correct inlet_height_m or `files` of the station in the registry."
        found, wanted = f"{claims.inlet:g} m", f"an inlet at {expected.inlet:g} m"
        raise FileRefusedError(Issue(0, 0, "other_inlet", found, wanted, hint))
    known = scale_name(claims.scale)
    if known and known != expected.scale:
        hint = "Correct calibration_scale in the registry; convert_to converts where it is known."
        raise FileRefusedError(Issue(0, 0, "scale", known, expected.scale, hint))
    if claims.scale and not known:
        hint = "It is taken to be the registry's; unknown scales are never converted."
        shown = printable(claims.scale, 60)
        remarks.append(_remark("scale_unknown", shown, expected.scale, hint))
    apart = max(
        abs(claims.latitude - expected.latitude),
        abs(claims.longitude - expected.longitude) * math.cos(math.radians(expected.latitude)),
    )
    if apart > _FAR_DEGREES:
        found = f"{claims.latitude:g}, {claims.longitude:g}"
        wanted = f"{expected.latitude:g}, {expected.longitude:g}"
        hint = "Is it the file of this station? The registry's place is used."
        remarks.append(_remark("place_differs", found, wanted, hint))
    return remarks


def _overruled(claims: Claims, settings: ReaderSettings) -> list[Issue]:
    """Return a remark for each claim that the registry says differently."""
    pairs = (
        ("label", claims.label, settings.label),
        ("unit", claims.unit, settings.unit),
        ("zone", claims.zone if claims.zone != "stamped" else "", settings.zone),
    )
    hint = "The registry's is used."
    described = bool(claims.station or claims.gas)
    return [
        _remark(f"{name}_differs", str(said), f"{declared}", hint)
        for name, said, declared in pairs
        if described and said and declared is not None and str(said) != str(declared)
    ]


def _remark(code: str, found: str, expected: str, hint: str) -> Issue:
    """Return an issue about the file as a whole that keeps nothing out."""
    return Issue(0, 0, code, found, expected, hint, "", quarantined=False)

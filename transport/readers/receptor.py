"""What a file, its name and the settings say of a receptor come in; the one receptor goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

PLACE_TOLERANCE_DEGREES = 0.006  # names are rounded to 0.01 degrees
HEIGHT_TOLERANCE_M = 1.0
NORTH = r"(?P<latitude>\d+\.?\d*)(?P<north>[NS])"
EAST = r"(?P<longitude>\d+\.?\d*)(?P<east>[EW])"
SIGNED = r"(?P<longitude>-?\d+\.?\d*)_(?P<latitude>-?\d+\.?\d*)"
PATTERNS = (
    # 2015090200_40.77N111.85W00035: a group's own names for STILT files
    re.compile(rf"(?P<time>\d{{10}})_{NORTH}{EAST}(?P<height>\d{{5}})(?!\d)"),
    # 201509020000_-111.85_40.77_35: STILT's own
    re.compile(rf"(?P<time>\d{{10}}(?:\d\d)?)_{SIGNED}_(?P<height>\d+\.?\d*?)(?=[_.][a-z]|$)"),
    # foot2012x12x08x18x46.55Nx007.98Ex00720: ICOS
    re.compile(rf"(?P<time>\d{{4}}x\d\dx\d\dx\d\d)x{NORTH}x{EAST}x(?P<height>\d{{5}})(?!\d)"),
    # TAC-100magl: openghg
    re.compile(r"-(?P<height>\d+)magl"),
    # nor.100m.2017-01: LUMIA
    re.compile(r"\.(?P<height>\d+)m\."),
)


@dataclass(frozen=True)
class Receptor:
    """A receptor as far as it is known.

    Attributes
    ----------
    time : datetime64[ns] or None
        UTC.
    longitude, latitude : float or None
        Degrees.
    height : float or None
        Above ground [m].
    """

    time: np.datetime64 | None = None
    longitude: float | None = None
    latitude: float | None = None
    height: float | None = None

    def known(self) -> tuple[str, ...]:
        """Return the names of what is known."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)


def receptor_in_name(name: str) -> Receptor:
    """Return what the name of a file says of its receptor; nothing where it fits no pattern.

    Parameters
    ----------
    name : str
        Without folders.

    Returns
    -------
    Receptor

    Examples
    --------
    >>> receptor_in_name("foot2012x12x08x18x46.55Nx007.98Ex00720_aggreg.nc").height
    720.0
    >>> receptor_in_name("nor.100m.2017-01.h5").known()
    ('height',)
    """
    for pattern in PATTERNS:
        found = pattern.search(name)
        if found:
            return _of_groups(found.groupdict())
    return Receptor()


def _of_groups(parts: dict[str, str | None]) -> Receptor:
    """Return the receptor that a pattern's groups say."""
    longitude, latitude = (
        None if parts.get(n) is None else float(parts[n]) for n in ("longitude", "latitude")
    )
    digits = (parts.get("time") or "").replace("x", "")
    try:
        time = _time(digits) if digits else None
    except ValueError:
        return Receptor()
    return Receptor(
        time=time,
        longitude=-longitude if parts.get("east") == "W" else longitude,
        latitude=-latitude if parts.get("north") == "S" else latitude,
        height=float(parts["height"]),
    )


def _time(digits: str) -> np.datetime64:
    """Return the time of YYYYMMDDHH or YYYYMMDDHHMM."""
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    return np.datetime64(f"{day}T{digits[8:10]}:{digits[10:12] or '00'}", "ns")


def receptor_of(
    path: Path, in_file: Receptor, section: Any, needed: tuple[str, ...]
) -> tuple[Receptor, str]:
    """Return the receptor of a file, and who said what.

    Parameters
    ----------
    path : Path
    in_file : Receptor
        What the file itself says.
    section : FootprintFileSettings
        `receptors` holds what is declared.
    needed : tuple of str
        Names of attributes of `Receptor` that must be known.

    Returns
    -------
    receptor : Receptor
    said_by : str
        Such as "file: time; name: height".

    Raises
    ------
    ValueError
        Where two sources contradict each other, or something needed is said by none.
    """
    sources = {
        "file": in_file,
        "name": receptor_in_name(path.name),
        "declared": _declared(path, section),
    }
    found: dict[str, Any] = {}
    said: dict[str, list[str]] = {}
    for source, receptor in sources.items():
        for name in receptor.known():
            value = getattr(receptor, name)
            if name not in found:
                found[name] = value
                said.setdefault(source, []).append(name)
            elif not _agree(name, found[name], value):
                msg = (
                    f"{name} of a receptor must be the same wherever it is said; got {found[name]} "
                    f"and, {source}, {value} in {path.name}. Correct the wrong one."
                )
                raise ValueError(msg)
    missing = [name for name in needed if name not in found]
    if missing:
        msg = (
            f"the receptor's {', '.join(missing)} must be in the file, its name or the settings; "
            f"got none in {path.name}. Declare it in transport.footprint_files.receptors under "
            f"this name, or name the file like 201509020000_-111.85_40.77_35_foot.nc."
        )
        raise ValueError(msg)
    words = "; ".join(f"{source}: {', '.join(names)}" for source, names in said.items())
    return Receptor(**found), words


def _declared(path: Path, section: Any) -> Receptor:
    """Return what the settings say of a file's receptor."""
    row = section.receptors.get(path.name)
    if row is None:
        return Receptor()
    time = None if row.time_utc is None else np.datetime64(row.time_utc, "ns")
    return Receptor(time, row.longitude_degrees, row.latitude_degrees, row.height_m)


def _agree(name: str, one: Any, other: Any) -> bool:
    """Return whether two values of a receptor are the same, names being rounded."""
    if name == "time":
        return one == other
    tolerance = HEIGHT_TOLERANCE_M if name == "height" else PLACE_TOLERANCE_DEGREES
    return abs(float(one) - float(other)) <= tolerance

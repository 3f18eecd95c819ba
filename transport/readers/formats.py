"""The path of a footprint file of any model comes in; its format, found in its content, goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.registered import registered
from transport.readers.contents import contents_of
from transport.readers.release import FootprintFile

MATCHES = {
    "FLEXPART grid_time": "transport.readers.flexpart:matches",
    "HYSPLIT cdump": "transport.readers.cdump:matches",
    "ICOS STILT": "transport.readers.icos:matches",
    "LUMIA": "transport.readers.lumia:matches",
    "NAME": "transport.readers.name_hourly:matches",
    "PARIS": "transport.readers.paris:matches",
    "STILT": "transport.readers.stilt_hourly:matches",
    "STILT particles": "transport.readers.particles:matches",
    "WRF-STILT with observation": "transport.readers.glasgow:matches",
}
OPENERS = {
    "FLEXPART grid_time": "transport.readers.flexpart:open_file",
    "HYSPLIT cdump": "transport.readers.cdump:open_file",
    "ICOS STILT": "transport.readers.icos:open_file",
    "LUMIA": "transport.readers.lumia:open_file",
    "NAME": "transport.readers.name_hourly:open_file",
    "PARIS": "transport.readers.paris:open_file",
    "STILT": "transport.readers.stilt_hourly:open_file",
    "STILT particles": "transport.readers.particles:open_file",
    "WRF-STILT with observation": "transport.readers.glasgow:open_file",
}


def format_of(path: str | Path) -> str:
    """Return the name of a file's format.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        A key of `OPENERS`.

    Raises
    ------
    ValueError
        Where no format fits, or several.
    """
    contents = contents_of(path)
    fitting = [n for n, m in sorted(MATCHES.items()) if registered(m)(contents)]
    if len(fitting) != 1:
        seen = ", ".join(sorted(contents.variables)[:8]) or "no variables"
        msg = (
            f"a footprint file must fit one format of {', '.join(sorted(MATCHES))}; got "
            f"{' and '.join(fitting) or 'none'} for {Path(path).name} ({contents.container}: "
            f"{seen}). Give a file of one of these, or a plain array to own.footprints."
        )
        raise ValueError(msg)
    return fitting[0]


def open_footprint_file(path: str | Path, section: Any) -> FootprintFile:
    """Return a file of any format, its metadata checked, its numbers not read.

    Parameters
    ----------
    path : path
    section : FootprintFileSettings

    Returns
    -------
    FootprintFile

    Raises
    ------
    ValueError
        Where no format fits or several, or from the format's reader.
    """
    return registered(OPENERS[format_of(path)])(Path(path), section)

"""Opened footprint files come in; those released at an inlet, by the hour, go out."""

from __future__ import annotations

from typing import Any

import numpy as np

from transport.readers.inlet import Inlet
from transport.readers.release import FootprintFile

Place = tuple[FootprintFile, int]


def releases_at(
    parts: list[FootprintFile], place: tuple[float, float, float], section: Any
) -> tuple[list[Place], list[str]]:
    """Return the releases at an inlet, and the other release points.

    Parameters
    ----------
    parts : list of FootprintFile
    place : tuple of float
        Longitude, latitude [degrees] and height above ground [m].
    section : TransportSettings

    Returns
    -------
    mine : list of (FootprintFile, int)
        File and position in it.
    others : list of str
        Each point once.
    """
    settings = section.footprint_files
    mine, others = [], set()
    for part in parts:
        for position, release in enumerate(part.releases):
            east = (release.longitude - place[0] + 180.0) % 360.0 - 180.0
            near = (
                np.hypot(east, release.latitude - place[1]) <= settings.receptor_tolerance_degrees
            )
            if near and abs(release.height - place[2]) <= settings.receptor_tolerance_m:
                mine.append((part, position))
            else:
                others.add(f"{release.longitude:g}, {release.latitude:g} at {release.height:g} m")
    return mine, sorted(others)


def of_receptor(parts: list[FootprintFile], inlet: Inlet, section: Any) -> list[Place]:
    """Return the releases at an inlet; refuse none.

    Parameters
    ----------
    parts : list of FootprintFile
    inlet : Inlet
    section : TransportSettings

    Returns
    -------
    list of (FootprintFile, int)

    Raises
    ------
    ValueError
        Where no file was released there.
    """
    mine, others = releases_at(parts, (inlet.longitude, inlet.latitude, inlet.height), section)
    if not mine:
        settings = section.footprint_files
        msg = (
            "a footprint must be released at its receptor within "
            f"{settings.receptor_tolerance_degrees} degrees and {settings.receptor_tolerance_m} m; "
            f"got files for {'; '.join(others)}, the inlet is at {inlet.longitude}, "
            f"{inlet.latitude} at {inlet.height:g} m. Give the files of this station and inlet."
        )
        raise ValueError(msg)
    return mine


def hour_table(mine: list[Place]) -> dict[np.datetime64, Place]:
    """Return file and position of each hour.

    Parameters
    ----------
    mine : list of (FootprintFile, int)

    Returns
    -------
    dict of datetime64[ns] to (FootprintFile, int)

    Raises
    ------
    ValueError
        Where an hour is there twice.
    """
    table: dict[np.datetime64, Place] = {}
    for part, position in mine:
        hour = part.releases[position].hour
        if hour in table:
            msg = (
                f"an hour must have one footprint; got {hour} twice, in "
                f"{table[hour][0].path.name} and {part.path.name}. Leave one of the files out."
            )
            raise ValueError(msg)
        table[hour] = (part, position)
    return table

"""A HYSPLIT concentration file of a backward run comes in; its footprint, hour by hour, goes out.

ASSUME: the air was released in an instant at the file's start (hours of emission are not in it).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from transport.readers.cdump_records import Cdump, read_cdump
from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import Receptor, receptor_of
from transport.readers.release import FootprintFile, Release, Slices, checked_values

AIR_KG_MOL = 0.0289647


def matches(contents: Contents) -> bool:
    """Return whether a file is a concentration file of HYSPLIT.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
        Its records are Fortran's, big-endian, the first one of 32 bytes.
    """
    return contents.container == "fortran"


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        One start, one pollutant; the lowest level above ground is used.
    section : FootprintFileSettings
        `cdump` says what was written, of how many units, and the air's density where it must.

    Returns
    -------
    FootprintFile
        One release.

    Raises
    ------
    ValueError
        Where the settings lack something, or start, pollutants, levels or sampling break a rule.

    Notes
    -----
    A mean concentration C over the time dt in a layer of depth h and cells of area A is the
    residence C A h dt / Q of Q units; the footprint is that, times the molar mass of air M, over
    depth, area and density: f = C A dt M / (rho Q) [m2 s mol-1]; with mixing ratios C / rho is in
    the file. Sampling is bounded by the earlier and the later of its two times, whichever
    is written first.
    """
    factor = _factor(section.cdump, path)
    found = read_cdump(path)
    _refuse_form(found, path)
    grid = grid_of_centres(found.latitude, found.longitude, path.name)
    time, latitude, longitude, height = found.starts[0]
    said = Receptor(time, longitude, latitude, height)
    receptor, said_by = receptor_of(
        path, said, section, ("time", "longitude", "latitude", "height")
    )
    hour = observation_hour(time, section, path.name)
    lowest = min(top for top in found.heights if top > 0)
    of_level = found.level == lowest
    bounds = np.sort(found.bounds[of_level], axis=1)
    seconds = (bounds[:, 1] - bounds[:, 0]).astype("timedelta64[s]").astype(float)

    def slices(position: int) -> Slices:
        del position
        field = checked_values(found.values[of_level], f"concentrations of {path.name}")
        values = field * grid.cell_area * seconds[:, None, None] * factor
        return by_clock_hour(bounds, values, time, path.name)

    return FootprintFile(
        path=path,
        kind="HYSPLIT cdump",
        grid=grid,
        releases=(Release(hour, receptor.longitude, receptor.latitude, receptor.height),),
        slices=slices,
        integrated_hours=None,
        basis="moist",
        receptor_from=said_by,
        notes=(f"{path.name}: {section.cdump.quantity} declared, lowest level {lowest} m",),
    )


def _factor(settings: Any, path: Path) -> float:
    """Return the molar mass of air over density and units, by what was declared [mol-1 ...]."""
    missing = [n for n in ("quantity", "emitted_units") if getattr(settings, n) is None]
    if settings.quantity == "concentration" and settings.air_density_kg_m3 is None:
        missing.append("air_density_kg_m3 (or write mixing ratios, ICHEM 6)")
    if missing:
        msg = (
            "what a HYSPLIT file leaves out must be declared; got no "
            f"{', '.join(missing)} for {path.name}. Set it in transport.footprint_files.cdump."
        )
        raise ValueError(msg)
    if settings.quantity == "mixing_ratio" and settings.air_density_kg_m3 is not None:
        msg = (
            "mixing ratios must come without a density; got air_density_kg_m3 "
            f"{settings.air_density_kg_m3} for {path.name}. Leave it out of "
            "transport.footprint_files.cdump."
        )
        raise ValueError(msg)
    density = settings.air_density_kg_m3 if settings.quantity == "concentration" else 1.0
    return AIR_KG_MOL / (density * settings.emitted_units)


def _refuse_form(found: Cdump, path: Path) -> None:
    """Raise where a file does not hold one footprint above ground."""
    starts, pollutants = len(found.starts), len(found.pollutants)
    if starts != 1 or pollutants != 1:
        msg = (
            f"a file must hold one start and one pollutant; got {starts} and {pollutants} in "
            f"{path.name}. Run receptor by receptor."
        )
        raise ValueError(msg)
    if not any(top > 0 for top in found.heights):
        msg = (
            f"a level above ground must be there; got tops {list(found.heights)} m in {path.name}. "
            "Write a level near the ground."
        )
        raise ValueError(msg)

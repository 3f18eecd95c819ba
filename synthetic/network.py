"""The station registry comes in; what the synthetic city must know of each station goes out.

The registry's schema belongs to the room that reads records. Only the fields needed to place
an inlet and to name and format its file are read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from synthetic.influence import Site

_FIELDS = ("longitude", "latitude", "inlet_height_m", "files", "reader")


@dataclass(frozen=True)
class Station:
    """One inlet and its file.

    Attributes
    ----------
    name : str
    longitude, latitude : float, degrees
    inlet_height : float, m above ground
    role : str
        `tower` or `background`.
    reader : str
        Format of the file.
    file : str
        Its name.
    """

    name: str
    longitude: float
    latitude: float
    inlet_height: float
    role: str
    reader: str
    file: str

    def site(self, grid: Any) -> Site:
        """Return the inlet on a grid.

        Parameters
        ----------
        grid : contracts.grid.Grid

        Returns
        -------
        Site
        """
        easting, northing = grid.project(self.longitude, self.latitude)
        return Site(self.name, float(northing), float(easting), self.inlet_height)


def read_network(path: str | Path) -> tuple[Station, ...]:
    """Read the stations of a registry file.

    Parameters
    ----------
    path : str or Path
        YAML with a mapping `stations`.

    Returns
    -------
    tuple of Station
        By name.
    """
    table = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))
    rows = table.get("stations") if isinstance(table, dict) else None
    if not isinstance(rows, dict) or table.get("synthetic") is not True:
        msg = (
            f"the registry of a synthetic city must say `synthetic: true` and list `stations:`; "
            f"got {type(rows).__name__} in {path}. Name a synthetic registry in stations.registry."
        )
        raise ValueError(msg)
    return tuple(_station(name, rows[name], path) for name in sorted(rows))


def _station(name: str, row: dict, path: str | Path) -> Station:
    """Return one row."""
    missing = [field for field in _FIELDS if field not in row]
    files = row.get("files", [])
    if missing or len(files) != 1 or set(files[0]) & set("*?[]/"):
        msg = (
            f"station {name} must have {', '.join(_FIELDS)} and exactly one plain file name; got "
            f"files {list(files)} and no {missing} in {path}. Write one file name per station."
        )
        raise ValueError(msg)
    return Station(
        name=name,
        longitude=float(row["longitude"]),
        latitude=float(row["latitude"]),
        inlet_height=float(row["inlet_height_m"]),
        role=row.get("role", "tower"),
        reader=row["reader"]["format"],
        file=files[0],
    )

"""The path of a file comes in; what it shows of itself without its numbers being read goes out."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Contents:
    """What can be seen of a file without reading its numbers.

    Attributes
    ----------
    container : str
        "netcdf" (any version, HDF5 too), "parquet", "fortran" (records, big-endian) or "unknown".
    variables : dict of str to frozenset of str
        Dimensions of each variable of the root.
    attributes : frozenset of str
        Global ones.
    groups : tuple of str
        Of the root.
    """

    container: str
    variables: dict[str, frozenset[str]]
    attributes: frozenset[str]
    groups: tuple[str, ...]

    def has(self, variable: str, *dims: str) -> bool:
        """Return whether a variable is there and has at least these dimensions."""
        return variable in self.variables and set(dims) <= self.variables[variable]


def contents_of(path: str | Path) -> Contents:
    """Return what a file shows of itself.

    Parameters
    ----------
    path : path

    Returns
    -------
    Contents
    """
    with Path(path).open("rb") as stream:
        head = stream.read(40)
    if head[:4] == b"PAR1":
        return Contents("parquet", {}, frozenset(), ())
    if head[:4] == b"\x89HDF" or head[:3] == b"CDF":
        return _netcdf(path)
    if len(head) == 40:
        (length,) = struct.unpack(">i", head[:4])
        if length == 32 and head[36:] == head[:4]:
            return Contents("fortran", {}, frozenset(), ())
    return Contents("unknown", {}, frozenset(), ())


def _netcdf(path: str | Path) -> Contents:
    """Return what a netCDF or HDF5 file shows of itself."""
    import netCDF4

    with netCDF4.Dataset(str(path)) as dataset:
        return Contents(
            "netcdf",
            {name: frozenset(variable.dimensions) for name, variable in dataset.variables.items()},
            frozenset(dataset.ncattrs()),
            tuple(dataset.groups),
        )

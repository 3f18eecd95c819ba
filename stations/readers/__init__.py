"""A format's name comes in; its reader, imported on use, goes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contracts.registered import registered
from stations.lines import Lines, read_lines
from stations.readers.rows import Parsed
from stations.readers.settings import ReaderSettings

READERS: dict[str, str] = {
    "declared_csv": "stations.readers.declared_csv:read",
    "gcwerks": "stations.readers.gcwerks:read",
    "netcdf_table": "stations.readers.netcdf_table:read",
}
SNIFFERS: dict[str, str] = {
    "gcwerks": "stations.readers.gcwerks:sniff",
    "netcdf_table": "stations.readers.netcdf_table:sniff",
}


def _load(address: str) -> Callable:
    """Import ``module:attribute``."""
    return registered(address)


def reader(name: str) -> Callable[[Lines, object], Parsed]:
    """Return the reader of a format.

    Parameters
    ----------
    name : str
        A key of `READERS`.

    Returns
    -------
    callable
        ``read(lines, settings) -> Parsed``.
    """
    if name not in READERS:
        message = (
            f"reader format must be one of {', '.join(READERS)}; got {name!r} in the registry. "
            "Add one file to stations/readers and one line to READERS."
        )
        raise ValueError(message)
    return _load(READERS[name])


def open_file(path: Path, settings: ReaderSettings | None) -> Lines:
    """Return the lines of a text file, or the records of a binary one.

    Parameters
    ----------
    path : Path
    settings : ReaderSettings or None
        None to look at the bytes as text.

    Returns
    -------
    Lines
    """
    if settings is not None and settings.format == "netcdf_table":
        return _load("stations.readers.netcdf_table:open_records")(path, settings.dimension)
    return read_lines(path, settings.encoding if settings else "utf-8")


def sniff(lines: Lines) -> str:
    """Return the format that the first lines show, or an empty string.

    Parameters
    ----------
    lines : Lines
        Content decides, never the file's name.

    Returns
    -------
    str
        A key of `READERS`. A plain table is never guessed: what its columns mean must be declared.
    """
    head = lines.text[:3]
    return next((name for name, address in SNIFFERS.items() if _load(address)(head)), "")

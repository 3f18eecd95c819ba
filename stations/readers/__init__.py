"""The listing of this folder comes in; every reader by the name of its format goes out.

A reader is one module here. Its name is the format's name, and it holds

``Settings``
    What the registry may say, a `stations.reading.settings.ReaderSettings` with ``format``.
``FLAGS``
    The provider's flags -> ``ok`` or our flags; a mapping, or a function of the flag's text.
``sniff(head) -> bool``
    Whether the first bytes are this format's (absent: the format never shows itself).
``read(source, settings) -> Reading``
    ``source`` is `Lines`, or `Records` where ``SOURCE = "netcdf"``.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Annotated, Any, Union

from pydantic import Field

from stations.quarantine import FileRefusedError, Issue
from stations.reading.look import Head
from stations.reading.settings import ReaderSettings

READERS: dict[str, ModuleType] = {
    item.name: importlib.import_module(f"{__name__}.{item.name}")
    for item in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name)
}
AnyReader: Any = Annotated[
    Union[tuple(module.Settings for module in READERS.values())],  # noqa: UP007
    Field(discriminator="format"),
]


def reader(name: str) -> ModuleType:
    """Return the reader of a format.

    Parameters
    ----------
    name : str
        A key of `READERS`.

    Returns
    -------
    module
    """
    if name not in READERS:
        message = (
            f"reader format must be one of {', '.join(READERS)}; got {name!r} in the registry. "
            "Add one file to stations/readers."
        )
        raise ValueError(message)
    return READERS[name]


def recognised(head: Head) -> list[str]:
    """Return the formats that the first bytes of a file show.

    Parameters
    ----------
    head : Head
        Content decides, never the file's name.

    Returns
    -------
    list of str
    """
    return [
        name for name, module in READERS.items() if hasattr(module, "sniff") and module.sniff(head)
    ]


def recognise(head: Head) -> ReaderSettings:
    """Return what is known of a file that nobody described: its format, by its content.

    Parameters
    ----------
    head : Head

    Returns
    -------
    ReaderSettings

    Raises
    ------
    FileRefusedError
        Where no reader or more than one recognises it, or its format must be described.
    """
    found = recognised(head)
    if len(found) == 1:
        module = READERS[found[0]]
        if getattr(module, "DESCRIBED", False):
            hint = "Give --registry and --station, where its columns or variables are declared."
            expected = "the declaration of its records"
            raise FileRefusedError(Issue(0, 0, "undeclared", found[0], expected, hint))
        return module.Settings()
    if found:
        hint = "Declare the format in the registry."
        shown = f"a file that looks like {' and '.join(found)}"
        raise FileRefusedError(Issue(1, 0, "ambiguous_format", shown, "one format", hint))
    if head.is_netcdf:
        hint = "Declare it as netcdf_table in the registry (--registry and --station)."
        expected = "a format that shows itself, or the declaration of its records"
        raise FileRefusedError(Issue(0, 0, "undeclared", _outline(head), expected, hint))
    told = next((line for line in head.lines if line.strip()), "")
    first = repr(told[:60]) if told else "an empty file"
    hint = "Give --registry and --station, where the columns of a table are declared."
    raise FileRefusedError(Issue(1, 0, "unknown_format", first, "a format that shows itself", hint))


def _outline(head: Head) -> str:
    """Return the first variables of a netCDF file."""
    if head.netcdf is None:
        return "a damaged netCDF file"
    names = list(head.netcdf.variables)
    return "a netCDF file of " + ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")

"""The name of an optional library comes in; the library goes out, or a sentence that says how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def library(name: str) -> Any:
    """Return a library of the extra `gis`.

    Parameters
    ----------
    name : str
        ``rasterio``, ``geopandas`` or ``pyogrio``.

    Raises
    ------
    ImportError
        Where it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        msg = (
            f"exchange files must have the library {name}; got none in this environment ({error}). "
            "Run `make setup`, or install the project with its extra `gis`."
        )
        raise ImportError(msg) from error

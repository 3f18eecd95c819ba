"""A function of a particle's flight comes in; the compiled function, kept on disk by the text of the whole package, goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import config, njit

PACKAGE = Path(__file__).parent
# nan and infinity keep their meaning: no `nnan`, no `ninf`; a division by zero gives infinity
OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},
}


@cache
def store() -> str:
    """Return the folder of compiled functions for the text of this package.

    numba looks for changes in a function's own file only; a kernel compiled from an older text of
    the functions it calls would be used without a word.
    """
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.glob("*.py")):
        digest.update(path.read_bytes())
    return str(PACKAGE / "__pycache__" / f"kernel_{digest.hexdigest()[:16]}")


def compiled(function: Callable[..., Any], **more: Any) -> Any:
    """Return the function compiled."""
    before = config.CACHE_DIR
    config.CACHE_DIR = store()
    try:
        return njit(**OPTIONS, **more)(function)
    finally:
        config.CACHE_DIR = before


def inlined(function: Callable[..., Any]) -> Any:
    """Return the function compiled into whatever calls it, so that a particle stays in registers."""
    return compiled(function, forceinline=True)

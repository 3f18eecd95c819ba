"""A "module:attribute" of a registry comes in; the attribute, its module imported on use, goes out."""

from importlib import import_module
from typing import Any


def registered(target: str) -> Any:
    """Return what a registry names.

    Examples
    --------
    >>> registered("contracts.units:factor_to_canonical")("ppb", "mole_fraction")
    0.001
    """
    module, attribute = target.split(":")
    return getattr(import_module(module), attribute)

"""A meteorology and the names a model needs come in; nothing goes out, or a refusal with all that is missing."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr


def require(meteorology: xr.Dataset | None, names: Sequence[str], who: str) -> None:
    """Refuse a meteorology that lacks what a model needs.

    Parameters
    ----------
    meteorology : Dataset `meteorology`, or None
    names : sequence of str
        Variables needed.
    who : str
        The model, as the message calls it.

    Raises
    ------
    ValueError
        With the list of variables that are missing.

    Examples
    --------
    >>> require(xr.Dataset({"mixing_height": 1.0}), ["mixing_height"], "the plume")
    """
    found = () if meteorology is None else meteorology.variables
    missing = [name for name in names if name not in found]
    if missing:
        msg = (
            f"the meteorology of {who} must hold {', '.join(names)}; got none of "
            f"{', '.join(missing)} in meteorology.nc. Prepare it from weather of another kind "
            "(transport.meteorology), or choose another transport.reader."
        )
        raise ValueError(msg)

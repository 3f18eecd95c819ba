"""A station's record comes in; which of its hours are usable, and why others are not, goes out."""

from __future__ import annotations

import numpy as np
import xarray as xr

OVERRULED = "manual_ok"
MISSING = "missing"


def flag_bits(station: xr.Dataset) -> dict[str, tuple[int, bool]]:
    """Return the name of each flag with its bit and whether it is bad, as the record says.

    Parameters
    ----------
    station : Dataset
        Contract ``station``; its ``quality_flag`` carries ``flag_masks``, ``flag_meanings`` and
        ``flag_assessments``.
    """
    attrs = station["quality_flag"].attrs
    names = str(attrs.get("flag_meanings", "")).split()
    masks = np.atleast_1d(attrs.get("flag_masks", [])).tolist()
    bad = [word == "Bad" for word in str(attrs.get("flag_assessments", "")).split()]
    return {name: (int(mask), told) for name, mask, told in zip(names, masks, bad, strict=True)}


def usable_hours(station: xr.Dataset) -> np.ndarray:
    """Return where a record has a value that no bad flag forbids, bool (time,).

    Notes
    -----
    A person's ``manual_ok`` overrules bad flags, but gives no value to a missing hour.
    """
    flag, bits = station["quality_flag"].values, flag_bits(station)
    bad = sum(mask for mask, told in bits.values() if told)
    fine = (flag & bad) == 0
    if OVERRULED in bits:
        fine |= (flag & bits[OVERRULED][0]) != 0
    return np.isfinite(station["mole_fraction"].values) & fine


def hours_by_flag(station: xr.Dataset) -> list[tuple[str, int]]:
    """Return flags with the hours that carry them, in the order of the bits; none with 0 hours."""
    flag = station["quality_flag"].values
    counted = (
        (name, int(np.count_nonzero(flag & mask))) for name, (mask, _) in flag_bits(station).items()
    )
    return [(name, hours) for name, hours in counted if hours]

"""Weather files come in; one `meteorology` dataset that covers a batch goes out.

The registry of kinds of weather files: one small file each, imported on use.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from contracts.registered import registered

METEOROLOGIES = {"synthetic": "transport.meteorology.synthetic:read_weather"}


def prepare_meteorology(
    files: Sequence[str | Path], batch: Any, section: Any, hours_back: int | None = None
) -> xr.Dataset:
    """Return the meteorology of a batch and of the hours looked back from it.

    Parameters
    ----------
    files : sequence of path
        Weather files.
    batch : contracts.periods.Period
        The batch, UTC.
    section : TransportSettings
    hours_back : int, optional
        Clock hours looked back; the section's where not given.

    Returns
    -------
    xarray.Dataset
        `meteorology`: instants from (batch start - hours_back) to the batch's end.

    Raises
    ------
    ValueError
        Where the kind is unknown or the files do not cover the window.
    """
    if section.meteorology not in METEOROLOGIES:
        msg = (
            f"the meteorology must be one of {', '.join(sorted(METEOROLOGIES))}; got "
            f"{section.meteorology!r} in transport.meteorology. Name one of these."
        )
        raise ValueError(msg)
    reader = registered(METEOROLOGIES[section.meteorology])
    return reader(files, batch, section.hours_back if hours_back is None else hours_back)

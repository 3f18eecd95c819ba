"""Weather files come in; one `meteorology` dataset that covers a batch goes out.

The registry of kinds of weather files: one small file each, imported on use.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from contracts.registered import registered
from contracts.settings.weather import WeatherSettings

METEOROLOGIES = {
    "era5": "transport.meteorology.era5:read_weather",
    "synthetic": "transport.meteorology.synthetic:read_weather",
    "wrf": "transport.meteorology.wrf:read_weather",
}


def prepare_meteorology(
    files: Sequence[str | Path],
    batch: Any,
    section: Any,
    hours_back: int | None = None,
    grid: Any = None,
) -> xr.Dataset:
    """Return the meteorology of a batch and of the hours looked back from it.

    Parameters
    ----------
    files : sequence of path
        Weather files.
    batch : contracts.periods.Period
        The batch, UTC.
    section : TransportSettings
        Its `weather`, where it has one, says how the files are read.
    hours_back : int, optional
        Clock hours looked back; the section's where not given.
    grid : contracts.grid.Grid, optional
        Of the run, projected: needed for all kinds but `synthetic`.

    Returns
    -------
    xarray.Dataset
        `meteorology`: instants from (batch start - hours_back) to the batch's end.

    Raises
    ------
    ValueError
        Where the kind is unknown, or the files do not cover the window or the grid.
    """
    if section.meteorology not in METEOROLOGIES:
        msg = (
            f"the meteorology must be one of {', '.join(sorted(METEOROLOGIES))}; got "
            f"{section.meteorology!r} in transport.meteorology. Name one of these."
        )
        raise ValueError(msg)
    reader = registered(METEOROLOGIES[section.meteorology])
    back = section.hours_back if hours_back is None else hours_back
    settings = getattr(section, "weather", None) or WeatherSettings()
    return reader(files, batch, back, grid, settings)

"""What a prior is made of, grouped; and the files that settings ask for, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class PriorInputs:
    """All that enters `build_prior`.

    Attributes
    ----------
    grid : contracts.grid.Grid
    regions : contracts.districts.Regions or None
        None: the whole domain is one region, see `inventories.places`.
    place : RegionSettings
        Names of the city.
    batch : contracts.periods.Period
    time : TimeSettings
    section : InventorySettings
    gas : GasSettings
    errors_prior : PriorErrorSettings
        The settings `errors.prior`.
    files : mapping of str to Path
        `table`, `proxies`, and the name of each gridded sector; see `input_files`.
    """

    grid: Any
    regions: Any
    place: Any
    batch: Any
    time: Any
    section: Any
    gas: Any
    errors_prior: Any
    files: Mapping[str, Path]


@dataclass(frozen=True)
class Calendar:
    """The state's time bins.

    Attributes
    ----------
    names : tuple of str, (period,)
    bounds : ndarray (period, 2), datetime64[ns]
    in_batch : ndarray (period,), int8
        0 for spin-up periods.
    """

    names: tuple[str, ...]
    bounds: np.ndarray
    in_batch: np.ndarray

    def batch_weights(self) -> np.ndarray:
        """Return each period's share of the batch, (period,); 0 for spin-up, sum 1."""
        length = (self.bounds[:, 1] - self.bounds[:, 0]).astype("timedelta64[ns]").astype(float)
        weight = length * (np.asarray(self.in_batch) > 0)
        return weight / weight.sum()


def input_files(
    section: Any, resolve: Callable[[str], Path], synthetic: Path | None = None
) -> dict[str, Path]:
    """Return the files a section of settings needs, by the names `build_prior` knows.

    Parameters
    ----------
    section : InventorySettings
    resolve : callable
        Turns a path of the settings into a real one (relative to data_root).
    synthetic : Path, optional
        Folder of the synthetic city, where table and proxies lie that the settings do not name.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    ValueError
        Where a file is needed that neither the settings name nor a synthetic city makes.
    """
    sources = section.sectors.values()
    needed = {
        "table": (section.table, "inventory.csv", any(s.proxy for s in sources)),
        "proxies": (
            section.proxies,
            "proxies.nc",
            any(s.proxy or s.field for s in sources) or section.human_respiration is not None,
        ),
    }
    files = {
        name: resolve(sector.gridded.file)
        for name, sector in section.sectors.items()
        if sector.gridded is not None
    }
    for name, (path, made, used) in needed.items():
        if not used:
            continue
        if path is None and synthetic is None:
            msg = (
                f"inventories.{name} must name a file where no synthetic city is made; got "
                f"nothing in inventories.{name}. Name the file."
            )
            raise ValueError(msg)
        files[name] = Path(synthetic) / made if path is None else resolve(path)
    return files

"""A scene and its truths come in; the datasets of truth that only the certificate reads go out."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from synthetic.city import City
from synthetic.signals import Scene
from synthetic.tables import BIOSPHERE, region_rates
from synthetic.truth import Truth

FAMILY = "0002: log-normal blocks, districts and smooth fields, point sources, daily factors"


def proxies_dataset(city: City, prior: Any) -> xr.Dataset:
    """Return the proxies as a file of offices and land-cover services would hold them.

    Parameters
    ----------
    city : City
    prior : Prior
        Its biosphere maps are the fields of a biosphere model.

    Returns
    -------
    xarray.Dataset
        Dims of the grid.
    """
    grid = city.grid
    space = (grid.row_dim, grid.column_dim)
    units = {"population": "1", "roads": "1", "industrial_area": "1"}
    data = {
        name: (space, field, {"units": units.get(name, "1")})
        for name, field in sorted(city.proxies.items())
    }
    for sector in BIOSPHERE:
        field = prior.flux[prior.sectors.index(sector)]
        data[sector] = (space, field, {"units": "umol m-2 s-1", "long_name": "mean of the batch"})
    data["human_respiration"] = (space, prior.human, {"units": "umol m-2 s-1"})
    return xr.Dataset(
        data,
        coords=grid.coords(),
        attrs={
            "title": "SYNTHETIC proxies of a synthetic city",
            "synthetic": "yes",
            **grid.attributes(),
        },
    )


def total_rates(truth: Truth, city: City, scene: Scene) -> np.ndarray:
    """Return a truth's mean totals over the batch.

    Parameters
    ----------
    truth : Truth
    city : City
    scene : Scene

    Returns
    -------
    ndarray (region, sector), kg s-1
        Regions `all`, districts, `outside`; state sectors, then `all` (inventory
        sectors) and `net` (`all` + biosphere + human respiration).
    """
    days = scene.timeline.in_batch
    factor = (scene.rhythm.day[:, days] * truth.daily[:, days]).mean(axis=1)
    parts = region_rates(truth.pattern, city) * factor[:, None]
    counted = np.array([s not in BIOSPHERE for s in scene.prior.sectors])
    whole = parts[counted].sum(axis=0)
    human = region_rates(scene.prior.human * truth.human, city)
    net = parts.sum(axis=0) + human
    return np.concatenate([parts, whole[None], net[None]]).T


def truth_dataset(truth: Truth, city: City, scene: Scene, utc_names: tuple[str, ...]) -> xr.Dataset:
    """Return the one truth of the demonstration.

    Parameters
    ----------
    truth : Truth
    city : City
    scene : Scene
    utc_names : tuple of str
        Names of the state's periods.

    Returns
    -------
    xarray.Dataset
    """
    days = scene.timeline.state
    factor = (scene.rhythm.day * truth.daily)[:, days]
    flux = factor[:, :, None, None] * truth.pattern[:, None]
    start = scene.timeline.day_start[days]
    grid = city.grid
    space = (grid.row_dim, grid.column_dim)
    sectors = list(scene.prior.sectors)
    bounds = np.stack([start, start + np.timedelta64(24, "h")], axis=1).astype("datetime64[ns]")
    human = region_rates(scene.prior.human * truth.human, city)
    return xr.Dataset(
        {
            "flux": (("sector", "period", *space), flux, {"units": "umol m-2 s-1"}),
            "period_bounds": (("period", "bounds"), bounds),
            "period_in_batch": ("period", scene.timeline.in_batch[days].astype(np.int8)),
            "cell_area": (space, np.asarray(grid.cell_area, float), {"units": "m2"}),
            "true_total": (
                ("region", "total_sector"),
                total_rates(truth, city, scene),
                {"units": "kg s-1", "long_name": "mean over the batch"},
            ),
            "human_respiration_total": ("region", human, {"units": "kg s-1"}),
        },
        coords={
            **grid.coords(),
            "sector": sectors,
            "period": list(utc_names),
            "region": ["all", *city.codes, "outside"],
            "total_sector": [*sectors, "all", "net"],
        },
        attrs={
            "title": "SYNTHETIC truth of a synthetic city",
            "synthetic": "yes",
            "mixing_height_factor": float(truth.mixing_height),
            "human_respiration_factor": float(truth.human),
            "family": FAMILY,
            **grid.attributes(),
        },
    )


def truths_dataset(
    mole_fraction: np.ndarray, totals: np.ndarray, truths: list[Truth], labels: dict[str, Any]
) -> xr.Dataset:
    """Return many truths and what the towers would have recorded under each.

    Parameters
    ----------
    mole_fraction : ndarray (draw, receptor, time), umol mol-1
    totals : ndarray (draw, region, sector), kg s-1
    truths : list of Truth
    labels : dict
        Coordinates `receptor`, `time`, `region`, `sector`.

    Returns
    -------
    xarray.Dataset
    """
    return xr.Dataset(
        {
            "mole_fraction": (
                ("draw", "receptor", "time"),
                mole_fraction,
                {"units": "umol mol-1", "long_name": "hourly record with inflow and all errors"},
            ),
            "true_total": (
                ("draw", "region", "sector"),
                totals,
                {"units": "kg s-1", "long_name": "mean over the batch"},
            ),
            "mixing_height_factor": (
                "draw",
                np.array([t.mixing_height for t in truths]),
                {"units": "1"},
            ),
        },
        coords={"draw": np.arange(len(truths), dtype=np.int32), **labels},
        attrs={
            "title": "SYNTHETIC truths drawn from the stated family",
            "synthetic": "yes",
            "family": FAMILY,
        },
    )

"""Truths drawn around a prior come in; the datasets that only certificate and report read go out."""

from __future__ import annotations

import numpy as np
import xarray as xr

from synthetic.forward import Forward
from synthetic.record_family import RecordTruth
from synthetic.record_totals import region_names, sector_names, true_totals

KG_S = {"units": "kg s-1", "long_name": "mean over the batch"}


def truth_dataset(truth: RecordTruth, prior: xr.Dataset) -> xr.Dataset:
    """Return the truth behind the records.

    Parameters
    ----------
    truth : RecordTruth
    prior : Dataset `prior`
        Its grid, periods and names.

    Returns
    -------
    Dataset `truth`
    """
    dims = prior["flux"].dims
    kept = [name for name in prior.coords if set(prior[name].dims) <= {*dims, "bounds"}]
    kept += [f"{dim}_bounds" for dim in prior["cell_area"].dims]
    return xr.Dataset(
        {
            "flux": (dims, truth.flux, {"units": "umol m-2 s-1"}),
            "period_bounds": prior["period_bounds"],
            "period_in_batch": prior["period_in_batch"],
            "cell_area": prior["cell_area"],
            "true_total": (("region", "total_sector"), true_totals(truth.flux, prior), KG_S),
        },
        coords={
            **{name: prior[name].variable for name in kept if name in prior.variables},
            "region": region_names(prior),
            "total_sector": sector_names(prior),
        },
        attrs={
            "title": "SYNTHETIC truth behind made records on real footprints",
            "synthetic": "yes",
            "grid_crs": str(prior.attrs["grid_crs"]),
            "transport_factor": float(truth.transport),
        },
    )


def truths_dataset(
    forward: Forward, prior: xr.Dataset, records: np.ndarray, totals: np.ndarray, factor: np.ndarray
) -> xr.Dataset:
    """Return drawn truths and what the towers would have recorded of each.

    Parameters
    ----------
    forward : Forward
        n recorded hours.
    prior : Dataset `prior`
    records : ndarray (draw, n), umol mol-1
    totals : ndarray (draw, region, sector), kg s-1
    factor : ndarray (draw,)
        Common factor of the enhancements.

    Returns
    -------
    Dataset `truths`
        NaN where a tower has no footprint in an hour: nothing was recorded there.
    """
    towers, hours = np.unique(forward.station), np.unique(forward.time)
    table = np.full((len(records), len(towers), len(hours)), np.nan)
    site, slot = (
        np.searchsorted(towers, forward.station),
        np.searchsorted(hours, forward.time),
    )
    table[:, site, slot] = records
    ppm = {"units": "umol mol-1", "long_name": "hourly record with inflow and all errors"}
    comment = "factor of all enhancements of a truth, which the inversion does not know"
    return xr.Dataset(
        {
            "mole_fraction": (("draw", "receptor", "time"), table, ppm),
            "true_total": (("draw", "region", "sector"), totals, KG_S),
            "mixing_height_factor": ("draw", factor, {"units": "1", "comment": comment}),
        },
        coords={
            "draw": np.arange(len(records), dtype=np.int32),
            "receptor": towers,
            "time": hours,
            "region": region_names(prior),
            "sector": sector_names(prior),
        },
        attrs={
            "title": "SYNTHETIC truths around the prior, carried by real footprints",
            "synthetic": "yes",
            "hours_recorded": len(site),
            "hours_without_footprint": len(towers) * len(hours) - len(site),
        },
    )

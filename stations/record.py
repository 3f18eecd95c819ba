"""An hourly record and its registry row come in; a dataset of the contract `station` goes out."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from stations.averaging import Hourly
from stations.baseline import Baseline
from stations.flags import flag_attributes
from stations.registry import StationRow

_PPM = "umol mol-1"


def station_dataset(
    row: StationRow, hourly: Hourly, smooth: Baseline | None, counts: dict
) -> xr.Dataset:
    """Put one station's record into the shape of the contract.

    Parameters
    ----------
    row : StationRow
    hourly : Hourly
    smooth : Baseline or None
        None leaves the baseline out.
    counts : dict
        Numbers read, used and lost, by reason; written as JSON.

    Returns
    -------
    Dataset
        Dims time, bounds.
    """
    hour = np.timedelta64(1, "h").astype("timedelta64[ns]")
    bounds = np.stack([hourly.time, hourly.time + hour], axis=1)
    name = "mole_fraction_of_carbon_dioxide_in_air"
    variables = {
        "time_bounds": (("time", "bounds"), bounds, {}),
        "mole_fraction": ("time", hourly.value, {"units": _PPM, "standard_name": name}),
        "standard_error": ("time", hourly.standard_error, {"units": _PPM}),
        "n_samples": ("time", hourly.n.astype(np.int32), {"units": "1"}),
        "spread": ("time", hourly.spread, {"units": _PPM}),
        "quality_flag": ("time", hourly.flag.astype(np.int32), flag_attributes()),
        "inlet_height": ("time", np.full(hourly.time.size, row.inlet_height_m), {"units": "m"}),
        "straddling_slots": ("time", hourly.straddling_slots.astype(np.int32), {"units": "1"}),
    }
    if smooth is not None:
        variables["baseline"] = ("time", smooth.value, {"units": _PPM})
        deviation = ("time", smooth.standard_deviation, {"units": _PPM})
        variables["baseline_standard_deviation"] = deviation
    coords = {"time": ("time", hourly.time, {"bounds": "time_bounds"})}
    return xr.Dataset(variables, coords, _attributes(row, counts))


def _attributes(row: StationRow, counts: dict) -> dict:
    """Return the global attributes."""
    return {
        "station": row.name,
        "station_name": row.title,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "ground_height": row.ground_height_m,
        "inlet_height": row.inlet_height_m,
        "calibration_scale": row.scale,
        "calibration_scale_of_files": row.calibration_scale,
        "calibration_scale_note": row.scale_note,
        "role": row.role,
        "instrument_class": row.instrument_class,
        "instrument_error": row.instrument_error_umol_mol,
        "synthetic": "yes" if row.synthetic else "no",
        "counts": json.dumps(counts, sort_keys=True),
    }

"""Small invented registries, files and records for the tests of this room."""

from pathlib import Path

import numpy as np

import stations.readers
from contracts.settings.gas import GasSettings
from contracts.settings.stations import StationSettings
from stations.averaging import Hourly
from stations.flags import FLAGS
from stations.readers import READERS
from stations.record import station_dataset
from stations.registry import StationRow, load_registry
from stations.scan import scan_file

EXAMPLES = Path(stations.readers.__file__).parent / "examples"
REGISTRY = EXAMPLES / "registry.yaml"
SECTION = StationSettings()
GAS = GasSettings()
FILES = {
    "GCW": EXAMPLES / "gcwerks.dat",
    "CSV": EXAMPLES / "declared_csv.csv",
    "TAB": EXAMPLES / "netcdf_table.nc",
}


STATIONS = load_registry(REGISTRY).stations


def gcwerks(**changes):
    """Settings of a GCWerks export of which nobody said more."""
    return READERS["gcwerks"].Settings(**{"label": "centre", "slot_seconds": 60, **changes})


def scan_one(path, settings, gas=None, expected=None):
    """The scan of a file that is no archive."""
    (scan,) = scan_file(path, settings, GAS if gas is None else gas, expected)
    return scan


def row(name="GCW", **changes) -> StationRow:
    base = STATIONS[name]
    if not changes:
        return base
    return StationRow.model_validate({**base.model_dump(), **changes})


def hourly(start, value, spread=0.3, n=720, flag=None) -> Hourly:
    value = np.asarray(value, dtype=float)
    gap = np.isnan(value)
    flags = np.zeros(value.size, dtype=np.int64) if flag is None else np.asarray(flag).copy()
    flags[gap] |= FLAGS["missing"]
    spread = np.where(gap, np.nan, np.broadcast_to(spread, value.shape))
    return Hourly(
        time=(np.datetime64(start, "h") + np.arange(value.size)).astype("datetime64[ns]"),
        value=value,
        standard_error=spread / np.sqrt(n),
        spread=spread,
        n=np.where(gap, 0, n),
        flag=flags,
        straddling_slots=np.zeros(value.size, dtype=np.int64),
    )


def station(name, start, value, **changes):
    record = {k: changes.pop(k) for k in ("spread", "n", "flag") if k in changes}
    facts = row(name="GCW", convert_to=None, calibration_scale="WMO-CO2-X2019", **changes)
    facts = facts.model_copy(update={"name": name})
    return station_dataset(facts, hourly(start, value, **record), None, {})

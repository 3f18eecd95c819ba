"""The class of each receptor's instrument on its way from the record to the observations."""

import numpy as np
from station_fakes import SECTION, station

from contracts.datasets import check_dataset
from contracts.periods import Period
from stations.assemble import build_observations
from stations.monitor import network_status

BATCH = Period(
    "2025-06", np.datetime64("2025-05-31T16", "ns"), np.datetime64("2025-06-03T16", "ns")
)


def test_observations_tell_the_class_of_each_instrument():
    classes = {"ROOF": "midcost", "TALL": "crds", "BARE": "crds"}
    made = {
        name: station(name, "2025-05-30T16", np.full(160, 430.0), instrument_class=found, longitude=119.0 + k)
        for k, (name, found) in enumerate(classes.items())
    }  # fmt: skip
    del made["BARE"].attrs["instrument_class"]
    got = build_observations(made, network_status(made, SECTION), BATCH, SECTION, 8.0)
    check_dataset(got, "observations")
    assert got["receptor"].to_numpy().tolist() == ["BARE", "ROOF", "TALL"]
    assert got["instrument_class"].to_numpy().tolist() == ["unknown", "midcost", "crds"]

"""Rows of one receptor, and the hours for which files hold its inlet."""

import numpy as np
import pytest
import xarray as xr
from transport_fakes import name_file, observations

from contracts.settings.transport import TransportSettings
from transport.receptors import of_receptor, receptor_hours


def test_rows_of_one_receptor_are_selected():
    obs = observations([1, 2])
    assert of_receptor(obs, "AAA").sizes["obs"] == 2
    assert of_receptor(obs, "BBB").sizes["obs"] == 0


def test_each_inlet_has_the_hours_of_its_files(tmp_path):
    path = name_file(tmp_path / "TAC-100magl_a.nc")

    def station(height):
        attrs = {"longitude": 1.1, "latitude": 52.5}
        return xr.Dataset({"inlet_height": ("time", np.array([height]))}, attrs=attrs)

    stations = {"high": station(100.0), "low": station(54.0)}
    hours = receptor_hours(stations, [path], TransportSettings(reader="name"))
    assert {name: len(found) for name, found in hours.items()} == {"high": 3, "low": 0}
    with pytest.raises(ValueError, match=r"where footprints are files; got 'plume'"):
        receptor_hours(stations, [path], TransportSettings())

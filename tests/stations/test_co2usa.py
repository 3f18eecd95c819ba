"""Files of the CO2-USA synthesis: groups of sites, a background, or one site alone."""

import netCDF4
import numpy as np
import pytest
from make_netcdf_examples import CO2, co2usa, site
from station_fakes import EXAMPLES, GAS, scan_one

from contracts.settings.gas import GasSettings
from stations.readers import READERS

CITY = EXAMPLES / "co2usa.nc"


def settings(**changes):
    return READERS["co2usa"].Settings(**changes)


def city(path, *names):
    """Write a city with the groups of these names, each with its own values."""
    with netCDF4.Dataset(path, "w") as file:
        for k, name in enumerate(names):
            gas = name.split("_")[1]
            values = CO2 + k if gas == "co2" else 5 * CO2
            site(file.createGroup(name), name.split("_")[0], values, 50.0 + 10 * k, gas)


def test_a_group_is_chosen_and_the_others_are_counted():
    here = scan_one(CITY, settings(group="EXM_co2_50m"))
    back = scan_one(CITY, settings(group="background_co2"))
    assert (here.lines, here.elsewhere, back.lines, back.elsewhere) == (6, 4, 4, 6)
    assert (here.claims.inlet, here.claims.latitude) == (50.0, 30.25)
    assert np.isnan(back.claims.inlet)
    assert np.isnan(back.claims.latitude)
    assert back.rows[0].value == pytest.approx(423.41)
    assert here.rows.seconds.tolist() == [3600.0] * 6
    assert here.rows.n.tolist() == [60, 60, 0, 60, 60, 60]


def test_the_background_is_never_taken_for_the_site():
    assert scan_one(CITY, settings()).rows[0].value == 431.41


def test_one_of_many_must_be_named(tmp_path):
    path = tmp_path / "city.nc"
    city(path, "AAA_co2_50m", "BBB_co2_60m", "BBB_ch4_60m")
    got = scan_one(path, settings())
    assert (got.refused, got.issues[0].code) == (True, "group")
    assert "AAA_co2_50m, BBB_co2_60m" in got.issues[0].found
    assert scan_one(path, settings(group="CCC_co2_5m")).issues[0].code == "group"
    got = scan_one(path, settings(group="BBB_co2_60m"))
    assert (got.rows[0].value, got.elsewhere, got.claims.inlet) == (432.41, 6, 60.0)


def test_the_gas_of_the_run_chooses_too(tmp_path):
    path = tmp_path / "city.nc"
    city(path, "AAA_co2_50m", "AAA_ch4_50m")
    methane = GasSettings(name="CH4")
    assert scan_one(path, settings(), methane).rows[0].value == pytest.approx(2.15705)
    assert scan_one(path, settings(), GAS).rows[0].value == 431.41
    wrong = scan_one(path, settings(group="AAA_ch4_50m"), GAS)
    assert wrong.issues[0].code == "other_gas"


def test_a_file_of_one_site_has_no_group(tmp_path):
    path = tmp_path / "site.nc"
    with netCDF4.Dataset(path, "w") as file:
        site(file, "EXM", CO2, 50.0)
    got = scan_one(path, None)
    assert (got.format, got.lines, len(got.rows), got.elsewhere) == ("co2usa", 6, 6, 0)


def test_a_site_that_moved_gives_each_record_its_height(tmp_path):
    path = tmp_path / "city.nc"
    co2usa(path)
    with netCDF4.Dataset(path, "a") as file:
        file["EXM_co2_50m/inlet_height"][:2] = 20.0
        file["EXM_co2_50m/co2"][5] = -9999.0  # the fill of earlier releases
    got = scan_one(path, settings(group="EXM_co2_50m"))
    assert got.rows.inlet.tolist() == [20, 20, 50, 50, 50, 50]
    assert np.isnan(got.claims.inlet)
    assert np.isnan(got.rows.value[5])

"""Receptor files whose background belongs to another time, or says something else than the record."""

import json

import numpy as np
import pytest
import xarray as xr
from station_fakes import SECTION, station

from contracts.datasets import check_dataset
from contracts.settings.stations import ReceptorSettings
from stations.monitor import status_json
from stations.network import inspect_network
from stations.receptor_checks import check_receptors
from stations.receptors import read_receptors

WANTED = ReceptorSettings(
    files=["obs_*.nc"],
    dimension="info",
    time=["yr", "mon", "day", "hr"],
    latitude="lat",
    longitude="lon",
    value="co2",
    background="bkg",
    background_sd="bkg_sd",
    background_time="bkg_time",
)
START = "2025-06-01T00"
SECONDS = 1748768400  # 2025-06-01T09:00Z
HOURS = 24 * 30
LEVEL = 420 + 0.01 * np.arange(HOURS)  # background: known at every hour
CITY = LEVEL + 8


def network():
    return {
        "BGD": station("BGD", START, LEVEL, role="background", latitude=30.0, longitude=119.0),
        "CIT": station("CIT", START, CITY, latitude=30.3, longitude=120.2),
    }


def write(path, kind="f4", **changes):
    values = {
        "yr": 2025.0, "mon": 6.0, "day": 1.0, "hr": 9.0, "lat": 30.3, "lon": 120.2,
        "co2": CITY[9], "bkg": LEVEL[9], "bkg_sd": 0.1, "bkg_time": float(SECONDS), **changes,
    }  # fmt: skip
    ds = xr.Dataset({k: ("info", np.atleast_1d(v).astype(kind)) for k, v in values.items()})
    for name in ("bkg_time", "jul"):
        if name in ds:
            ds[name].attrs["units"] = "seconds since 1970-01-01 00:00:00Z"
    ds.to_netcdf(path, encoding={name: {"_FillValue": -999.0} for name in ds})
    return path


def found(tmp_path, wanted=WANTED, **changes):
    path = write(tmp_path / "obs_1.nc", **changes)
    return check_receptors(read_receptors([path], wanted), network(), wanted)


def test_a_right_background_is_no_finding(tmp_path):
    findings, counts = found(tmp_path)
    assert findings == []
    assert counts == {"read": 1, "unreadable": 0, "with_background_record": 1}


def test_air_that_travelled_for_hours_is_right_too(tmp_path):
    later = {"day": 10.0, "hr": 0.0, "co2": CITY[216], "bkg": LEVEL[150]}
    assert found(tmp_path, bkg_time=SECONDS + 3600.0 * 141, **later)[0] == []


def test_a_background_of_another_time_is_named_with_its_origin(tmp_path):
    last = SECONDS + 3600.0 * (HOURS - 1 - 9)
    (finding,), counts = found(tmp_path, bkg=LEVEL[-1], bkg_time=last)
    assert (finding.kind, finding.station) == ("carried_background", "CIT")
    for part in (
        "Receptor of 2025-06-01T09:00Z at 30.300 N 120.200 E (obs_1.nc)",
        "carries the background 427.19",
        "stamped 2025-06-30T23:00Z, 710 h after the observation",
        "station BGD reads 420.09 ± 0.10",
        "+7.10",
        "It is what BGD reads at 2025-06-30T23:00Z, its last hour",
    ):
        assert part in finding.text
    assert "在观测之后 710 小时" in finding.text_local
    assert counts["carried_background"] == 1


def test_float32_moves_a_stamp_by_a_minute_and_that_is_no_finding(tmp_path):
    assert float(np.float32(SECONDS)) != SECONDS
    path = write(tmp_path / "obs.nc")
    (row,) = read_receptors([path], WANTED).rows
    assert row.stamp == np.datetime64("2025-06-01T09:00")
    assert row.rounding_seconds > 60


def test_another_value_at_the_right_time_is_found(tmp_path):
    (finding,), _ = found(tmp_path, bkg=LEVEL[9] + 1.0)
    assert "stamped" not in finding.text
    assert "+1.00, 7 standard deviations" in finding.text
    assert found(tmp_path, bkg=LEVEL[9] + 0.3)[0] == []


def test_a_background_without_a_stamp_is_compared_at_the_observation(tmp_path):
    silent = WANTED.model_copy(update={"background_time": None, "background_sd": None})
    (finding,), _ = found(tmp_path, silent, bkg=LEVEL[-1])
    assert finding.kind == "carried_background"
    assert found(tmp_path, silent)[0] == []


def test_no_record_at_that_hour_is_counted(tmp_path):
    findings, counts = found(tmp_path, yr=2024.0, bkg_time=float(SECONDS) - 365 * 86400)
    assert findings == []
    assert counts["without_background_record"] == 1


def test_seconds_taken_for_days_are_explained(tmp_path):
    (finding,), _ = found(tmp_path, jul=SECONDS * 86400.0)
    assert finding.kind == "receptor_clock"
    assert "variable jul" in finding.text
    assert "86,400 times the time of the observation" in finding.text
    (finding,), _ = found(tmp_path, jul=SECONDS + 5 * 3600.0)
    assert "times the time" not in finding.text
    assert found(tmp_path, jul=float(SECONDS))[0] == []


def test_an_observation_that_its_station_did_not_make(tmp_path):
    (finding,), _ = found(tmp_path, co2=CITY[9] + 20)
    assert (finding.kind, finding.station) == ("receptor_value", "CIT")
    assert found(tmp_path, co2=CITY[9] + 20, lat=31.0)[0] == []  # no tower there


def test_damaged_files_and_records_are_named(tmp_path):
    broken = tmp_path / "obs_0.nc"
    broken.write_bytes(b"CDF\x01")
    strange = write(tmp_path / "obs_2.nc", hr=25.0)
    other = tmp_path / "obs_3.nc"
    xr.Dataset({"a": ("info", [1.0])}).to_netcdf(other)
    got = read_receptors([broken, strange, other], WANTED)
    findings, counts = check_receptors(got, network(), WANTED)
    assert (counts["read"], counts["unreadable"]) == (0, 3)
    assert {finding.kind for finding in findings} == {"receptor_file"}
    assert "record 1 of obs_2.nc" in findings[1].text
    assert "stations.receptors" in findings[2].text


def test_many_of_a_kind_are_counted(tmp_path):
    path = write(tmp_path / "obs.nc", **{k: np.full(9, v) for k, v in (
        ("yr", 2025.0), ("mon", 6.0), ("day", 1.0), ("hr", 9.0), ("lat", 30.3), ("lon", 120.2),
        ("co2", CITY[9]), ("bkg", 430.0), ("bkg_sd", 0.1), ("bkg_time", float(SECONDS)))})  # fmt: skip
    findings, counts = check_receptors(read_receptors([path], WANTED), network(), WANTED)
    assert counts["carried_background"] == 9
    assert len(findings) == 6
    assert "4 more like the 5 above" in findings[-1].text


def test_the_status_holds_the_findings(tmp_path):
    path = write(tmp_path / "obs.nc", bkg=430.0)
    section = SECTION.model_copy(update={"receptors": WANTED})
    status = inspect_network(network(), section, read_receptors([path], WANTED))
    check_dataset(status, "network_status")
    assert status["finding_kind"].values.tolist() == ["carried_background"]
    assert json.loads(status.attrs["receptors"])["read"] == 1
    listed = json.loads(json.dumps(status_json(status), allow_nan=False))["findings"]
    assert listed[0]["kind"] == "carried_background"
    assert listed[0]["text_local"]


def test_a_receptor_south_and_west(tmp_path):
    (row,) = read_receptors([write(tmp_path / "o.nc", lat=-30.3, lon=-70.1)], WANTED).rows
    assert "30.300 S 70.100 W" in row.names[0]


def test_an_unknown_unit_is_refused(tmp_path):
    wrong = WANTED.model_copy(update={"unit": "furlong"})
    with pytest.raises(ValueError, match="furlong"):
        read_receptors([write(tmp_path / "o.nc")], wanted_ := wrong)
    assert wanted_.unit == "furlong"

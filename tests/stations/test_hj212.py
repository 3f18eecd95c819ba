"""Telemetry packets: length and CRC, intervals, factors, flags, mass per volume."""

import math
import os
import random
from pathlib import Path

import pytest
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from contracts.settings.gas import GasSettings
from stations.account import inspect_file
from stations.flags import FLAGS
from stations.readers import READERS, recognised
from stations.readers.hj212 import crc16
from stations.reading.look import Head

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
REFERENCE = {"reference_temperature_k": 298.15, "reference_pressure_pa": 101325.0}
SETTINGS = READERS["hj212"].Settings(**REFERENCE)
# A command of the standard's own examples, with the CRC printed there.
STANDARD = (
    b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;"
    b"Flag=5;CP=&&RtdInterval=30&&"
)


def shifted(body):
    """The CRC as the standard describes it, byte by byte and bit by bit."""
    register = 0xFFFF
    for byte in body:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def packet(data, cn=2061, mn="EXAMPLE0001"):
    body = f"QN=20250301090000000;ST=22;CN={cn};PW=0;MN={mn};Flag=4;CP=&&{data}&&"
    return f"##{len(body.encode()):04d}{body}{shifted(body.encode()):04X}"


def hour(h, value="776.04", rest="a05001-Flag=N"):
    return f"DataTime=20250301{h:02d}0000;a05001-Avg={value},{rest}"


def scan(tmp_path, *packets, gas=GAS, **changes):
    path = tmp_path / "f"
    path.write_text("\r\n".join(packets) + "\r\n", newline="")
    got = scan_one(path, READERS["hj212"].Settings(**{**REFERENCE, **changes}), gas)
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def test_crc_is_that_of_the_standard_and_of_its_description():
    assert crc16(STANDARD) == 0x1C80
    rng = random.Random(1)
    for size in range(70):
        body = rng.randbytes(size)
        assert crc16(body) == shifted(body)


def test_mass_per_volume_needs_its_reference(tmp_path):
    path = EXAMPLES / "hj212.txt"
    assert recognised(Head(lines=tuple(path.read_text().splitlines()))) == ["hj212"]
    got = inspect_file(path, None, SECTION, GAS)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "unit")
    assert "reference_temperature_k" in got["issues"][0]["hint"]
    assert scan_one(path, SETTINGS).rows[0].value == pytest.approx(431.41, abs=1e-5)
    cold = scan(tmp_path, packet(hour(8, "824.7")), reference_temperature_k=273.15)
    assert cold.rows[0].value == pytest.approx(420.0, abs=0.1)


def test_the_hour_begins_at_its_stamp_in_china(tmp_path):
    got = scan(tmp_path, packet(hour(8)))
    assert (got.rows[0].stamp, got.rows[0].seconds) == (1740787200, 3600)
    end = scan(tmp_path, packet(hour(9)), label="end", zone="+08:00")
    assert end.rows[0].stamp == 1740787200


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda p: p.replace("776.04", "776.05"), "checksum"),
        (lambda p: p.replace("776.04", "76.04"), "length"),
        (lambda p: p[:-1], "bad_packet"),
        (lambda p: p[2:], "bad_packet"),
        (lambda p: p + packet(hour(9)), "length"),
        (lambda p: packet(hour(8) + ";" + hour(9)), "bad_packet"),
        (lambda p: packet(hour(25)), "impossible_date"),
        (lambda p: packet(hour(8).replace("0000;", "00;")), "impossible_date"),
        (lambda p: packet(hour(8, "7x6")), "not_a_number"),
        (lambda p: packet(hour(8).replace("-Avg", "-Rtd")), "no_value"),
        (lambda p: packet(hour(8), mn="OTHER"), "other_station"),
        (lambda p: packet(hour(8), cn=2051), "other_average"),
        (lambda p: packet(hour(8, rest="a05001-Flag=Z")), "unknown_flag"),
    ],
)
def test_each_bad_packet_is_kept_out(damage, code, tmp_path):
    good = [packet(hour(h)) for h in (10, 11, 12)]
    got = scan(tmp_path, *good, damage(packet(hour(8))))
    assert [(i.line, i.code) for i in got.issues] == [(4, code)]
    assert len(got.rows) == (4 if code == "unknown_flag" else 3)


def test_flags_missing_and_factors(tmp_path):
    letters = "NFMSDCTB"
    got = scan(tmp_path, *(packet(hour(k, rest=f"a05001-Flag={f}")) for k, f in enumerate(letters)))
    instrument, tank = FLAGS["instrument"], FLAGS["calibration"]
    wanted = [0, *[instrument] * 4, tank, instrument, instrument]
    assert [row.flag for row in got.rows] == wanted
    empty = scan(tmp_path, packet(hour(8, "")), packet(hour(9).replace(",a05001-Flag=N", "")))
    assert math.isnan(empty.rows[0].value)
    assert (empty.rows[0].n, empty.rows[1].flag) == (0, 0)
    both = packet("DataTime=20250301080000;a05001-Avg=776;a05002-Avg=1.3,a05002-Flag=N")
    methane = scan(tmp_path, both, gas=GasSettings(name="CH4"))
    assert methane.rows[0].value == pytest.approx(1.3 / 16.0425 * 24.465, rel=1e-3)
    own = scan(tmp_path, both.replace("x", "x"), factor="a05001", unit="ppm")
    assert own.rows[0].value == 776


def test_one_interval_and_one_station_of_many(tmp_path):
    lines = [
        packet(hour(8), cn=2051),
        packet(hour(8)),
        packet(hour(9), mn="OTHER"),
        packet("DataTime=20250301090500;a05001-Rtd=777.1,a05001-Flag=N", cn=2011),
        packet("", cn=9014),
        packet("DataTime=20250301100000;a01001-Avg=9"),
    ]
    got = scan(tmp_path, *lines, cn=2061, device="EXAMPLE0001")
    assert (len(got.rows), got.quarantined, got.blank_or_comment, got.elsewhere) == (1, 0, 4, 1)
    now = scan(tmp_path, *lines, cn=2011, slot_seconds=60)
    assert (len(now.rows), now.rows[0].seconds) == (1, 60)
    nothing = scan(tmp_path, lines[-1])
    assert (nothing.refused, nothing.issues[0].code) == (True, "columns")
    assert scan(tmp_path, "a,b").issues[0].code == "header"


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")
def test_the_sample_of_the_specification():
    path = DATA / "more" / "hj212_synthetic_hourly.txt"
    raw = path.read_bytes()
    assert (len(raw), shifted(raw[6:-6])) == (234, 0xA281)
    got = scan_one(path, SETTINGS)
    assert (got.lines, len(got.rows), got.quarantined) == (1, 1, 0)
    assert got.rows[0].stamp == 1709247600  # 2024-03-01T07:00+08:00
    assert got.rows[0].value == pytest.approx(781.20 * 0.55591, abs=0.01)

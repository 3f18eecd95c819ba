"""Traps of a Picarro's own log, and the two real ones."""

import os
from pathlib import Path

import numpy as np
import pytest
from station_fakes import EXAMPLES, GAS, scan_one

from contracts.settings.gas import GasSettings
from stations.claims import Expected
from stations.flags import FLAGS
from stations.readers import READERS

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
REAL = DATA / "stations"
SYNC = REAL / "openghg_formats/CFKADS2112-20200101-003937Z-DataLog_User_Sync.dat"
HEAD = REAL / "more/picarro/CFADS2283-20150831-171845Z-DataLog_User.head.dat"
TEXT = (EXAMPLES / "picarro_raw.dat").read_text()
NAMES = TEXT.splitlines()[0].split()
FIRST = 1740787205  # 2025-03-01T00:00:05 UTC
CH4 = GasSettings(name="CH4")
DRY = {"CO2_dry": "431.41", "species": "3", "MPVPosition": "1"}
STATION = Expected(50.0, 30.25, 120.17, "WMO-CO2-X2019")


def line(k, names=NAMES, shift=0, **cells):
    """Line k of an invented log, 3 s after the one before; the PC's clock `shift` s ahead."""
    seconds = FIRST + 3 * k
    clock = str(np.datetime64(seconds + shift, "s"))
    base = {
        "DATE": clock[:10], "TIME": f"{clock[11:]}.000", "EPOCH_TIME": f"{seconds}.000",
        "ALARM_STATUS": "0", "INST_STATUS": "963", "CavityPressure": "140.01", "CO2": "420.2",
        "H2O": "1.65", "h2o_reported": "2.03", "FRAC_DAYS_SINCE_JAN1": "59.0", **DRY,
    }  # fmt: skip
    return "".join(f"{ {**base, **cells}[name]:<26}" for name in names)


def read(tmp_path, lines, gas=GAS, expected=None, names=NAMES, **changes):
    path = tmp_path / "f"
    header = "".join(f"{name:<26}" for name in names)
    path.write_text("".join(f"{text}\n" for text in (header, *lines)))
    got = scan_one(path, READERS["picarro_raw"].Settings(**changes), gas, expected)
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def flagged(got, name):
    return [bool(flag & FLAGS[name]) for flag in got.rows.flag]


def test_columns_are_found_by_name_in_any_order(tmp_path):
    names = ["DATE", "TIME", *reversed(NAMES[2:])]
    got = read(tmp_path, [line(k, names) for k in range(3)], names=names)
    assert got.rows.value.tolist() == [431.41] * 3
    assert got.rows.stamp.tolist() == [FIRST, FIRST + 3, FIRST + 6]
    assert (got.claims.slot_seconds, got.rows[0].seconds) == (3.0, 3.0)


def test_rows_of_other_species_stay_and_are_marked(tmp_path):
    lines = [line(k, species=str(1 + k % 3)) for k in range(9)]
    got = read(tmp_path, lines)
    assert flagged(got, "not_measured") == [True, True, False] * 3
    assert got.claims.slot_seconds == 9.0  # of CO2's own rows
    wet = read(tmp_path, lines, water="rella")
    assert flagged(wet, "not_measured") == [False, True, True] * 3


def test_two_clocks_must_agree_or_the_zone_be_declared(tmp_path):
    local = [line(k, shift=8 * 3600) for k in range(4)]
    (issue,) = read(tmp_path, local).issues
    assert "28800 s ahead" in issue.found
    assert "declare `zone`" in issue.hint
    for zone in ("+08:00", "Asia/Shanghai"):
        assert read(tmp_path, local, zone=zone).rows[0].stamp == FIRST
    assert read(tmp_path, local, zone="+09:00").refused
    assert read(tmp_path, [line(k, shift=2) for k in range(4)]).refused
    damaged = [*(line(k) for k in range(4)), line(4, shift=-7200)]
    got = read(tmp_path, damaged)
    assert [(issue.line, issue.code) for issue in got.issues] == [(6, "clock_differs")]


def test_without_epoch_the_zone_must_be_declared(tmp_path):
    names = [name for name in NAMES if name != "EPOCH_TIME"]
    lines = [line(k, names) for k in range(3)]
    assert read(tmp_path, lines, names=names).issues[0].code == "zone"
    assert read(tmp_path, lines, names=names, zone="UTC").rows[0].stamp == FIRST


def test_water_is_the_providers_or_rellas_and_never_the_wrong_column(tmp_path):
    got = read(tmp_path, [line(k, species="1") for k in range(2)], water="rella")
    assert got.rows[0].value == pytest.approx(420.2 / (1 - 0.012 * 2.03 - 2.674e-4 * 2.03**2))
    wet_only = [name for name in NAMES if name != "CO2_dry"]
    (issue,) = read(tmp_path, [line(0, wet_only)], names=wet_only).issues
    assert (issue.code, issue.expected) == ("header", "co2_dry once")
    no_water = [name for name in NAMES if name != "h2o_reported"]
    (issue,) = read(tmp_path, [line(0, no_water)], names=no_water, water="rella").issues
    assert issue.expected == "h2o_reported once"


def test_the_gas_of_the_run_picks_the_column(tmp_path):
    names = [*NAMES, "CH4", "CH4_dry"]
    cells = {"CH4": "1.95", "CH4_dry": "2.001"}
    got = read(tmp_path, [line(k, names, **cells) for k in range(2)], CH4, names=names)
    assert (got.claims.gas, got.rows[0].value) == ("CH4", 2.001)
    assert read(tmp_path, [line(0)], CH4).refused


def test_a_turned_valve_makes_rows_useless_for_a_while(tmp_path):
    places = ["1", "1", "1.4", "2", "2", "2", "2", "1"]
    lines = [line(k, MPVPosition=place) for k, place in enumerate(places)]
    got = read(tmp_path, lines, inlets={1: 50, 2: 20}, flush_s=6)
    assert flagged(got, "flush") == [False, False, True, True, True, False, False, True]
    assert got.rows.inlet.tolist()[:2] == [50.0, 50.0]
    mine = read(tmp_path, lines, expected=STATION, inlets={1: 50, 2: 20}, flush_s=6)
    assert (len(mine.rows), mine.elsewhere) == (4, 4)


def test_positions_that_nobody_declared(tmp_path):
    lines = [line(0), line(1), line(2, MPVPosition="4"), line(3, MPVPosition="5")]
    (issue,) = read(tmp_path, lines).issues
    assert (issue.code, issue.found) == ("undeclared", "valve positions 1 and 4")
    got = read(tmp_path, lines, flags={"1": "ok", "4": "calibration"})
    assert flagged(got, "calibration") == [False, False, True, False]
    assert flagged(got, "unknown_flag") == [False, False, False, True]
    assert [(issue.line, issue.code, issue.quarantined) for issue in got.issues] == [
        (5, "unknown_flag", False)
    ]


@pytest.mark.parametrize(
    "cells",
    [{"ALARM_STATUS": "2"}, {"INST_STATUS": "387"}, {"CavityPressure": "140.41"},
     {"CavityPressure": "nan"}],
)  # fmt: skip
def test_an_unwell_instrument_is_flagged(cells, tmp_path):
    got = read(tmp_path, [line(0), line(1, **cells)])
    assert flagged(got, "instrument") == [False, True]
    fine = {"CavityPressure": "139.61", "INST_STATUS": "963"}
    assert not any(flagged(read(tmp_path, [line(0), line(1, **fine)]), "instrument"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (line(1).rstrip()[:-1], "truncated_line"),
        (line(1)[: 26 * 9], "truncated_line"),
        (line(1) + "7", "long_line"),
        (line(1, CO2_dry="4#1"), "not_a_number"),
        (line(1, TIME="24:00:08.000"), "impossible_date"),
        (line(1, TIME="00:00:0x.000"), "bad_stamp"),
        (line(1, DATE="03/01/2025"), "bad_stamp"),
        (line(1, EPOCH_TIME="x"), "clock_differs"),
        (line(1, INST_STATUS="x"), "not_a_number"),
    ],
)
def test_a_damaged_line_is_kept_out(text, code, tmp_path):
    got = read(tmp_path, [line(0), text, line(2), line(3)])
    assert [(issue.line, issue.code) for issue in got.issues] == [(3, code)]
    assert len(got.rows) == 3


def test_another_set_of_columns_later_in_the_file_is_read_by_its_names(tmp_path):
    names = ["DATE", "TIME", *reversed(NAMES[2:])]
    header = "".join(f"{name:<26}" for name in names)
    got = read(tmp_path, [line(0), line(1), header, line(2, names)])
    assert [issue.code for issue in got.issues] == ["header_repeated"]
    assert got.rows.value.tolist() == [431.41] * 3


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA")
class TestReal:
    def test_synchronised_log(self):
        got = scan_one(SYNC, None, GAS)
        assert (got.lines, len(got.rows), got.quarantined, got.blank_or_comment) == (724, 723, 0, 1)
        texts = SYNC.read_text().splitlines()
        at = texts[0].split().index("CO2_dry_sync")
        assert got.rows.value.tolist() == [float(text.split()[at]) for text in texts[1:]]
        assert got.rows[0].stamp == np.datetime64("2020-01-01T00:39:25").astype(int)
        assert (got.rows.seconds == 5.0).all()
        assert not got.rows.flag.any()

    def test_interleaved_log_counts_each_measurement_once(self):
        got = scan_one(HEAD, None, GAS)
        assert (got.lines, len(got.rows), got.quarantined) == (12, 11, 0)
        species = [text.split()[8][0] for text in HEAD.read_text().splitlines()[1:]]
        assert flagged(got, "not_measured") == [number != "3" for number in species]
        new = got.rows.value[~np.array(flagged(got, "not_measured"))]
        assert new.tolist() == [495.92892213, 495.77852371, 495.74205815, 495.4494383]
        assert got.rows[0].stamp == 1441041520.948

    def test_rellas_water_correction_is_the_makers(self):
        """Within what water moves from one row to the next; column H2O would be 2.4 ppm off."""
        settings = READERS["picarro_raw"].Settings(water="rella")
        wet = scan_one(HEAD, settings, GAS)
        mine = wet.rows.value[~np.array(flagged(wet, "not_measured"))]
        makers = scan_one(HEAD, None, GAS)
        dry = makers.rows.value[~np.array(flagged(makers, "not_measured"))]
        assert 0 < np.abs(mine - dry).max() < 0.015

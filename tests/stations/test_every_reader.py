"""What must hold for every format: one example each in stations/readers/examples, read by one registry each.

Each example holds the same air: its first row is 431.41 umol mol-1 in the hour that starts
2025-03-01T00:00 UTC, exactly one row is missing, and there are at least five.
"""

import gzip
import io
import json
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from station_fakes import EXAMPLES, GAS, SECTION

from stations.account import inspect_file
from stations.claims import Expected
from stations.ingest import ingest_station
from stations.readers import READERS, recognised
from stations.reading.containers import members
from stations.reading.look import look
from stations.registry import load_registry
from stations.scan import scan_file

FIRST_HOUR = 1740787200  # 2025-03-01T00:00 UTC, s since 1970
ROOT = Path(__file__).parents[2]
ROWS = {
    row.reader.format: row
    for path in sorted(EXAMPLES.glob("*.yaml"))
    for row in load_registry(path).stations.values()
}
FILES = {name: next(EXAMPLES.glob(row.files[0])) for name, row in ROWS.items()}
NAMES = sorted(ROWS)
TEXTS = [name for name in NAMES if getattr(READERS[name], "SOURCE", "text") == "text"]
SNIFFED = [name for name in NAMES if hasattr(READERS[name], "sniff") and name != "netcdf_table"]

# What these formats do not say and nobody may guess: without a registry they are refused for it.
UNTOLD = {"hj212": "unit", "lgr_ugga": "zone", "toa5": "undeclared"}


def expected(name):
    row = ROWS[name]
    return Expected(row.inlet_height_m, row.latitude, row.longitude, row.calibration_scale)


def scan(name, content, tmp_path, suffix=""):
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)
    results = scan_file(path, ROWS[name].reader, GAS, expected(name))
    for got in results:
        assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
        assert min(len(got.rows), got.quarantined, got.blank_or_comment) >= 0
    return results


def known_rows(results):
    return {json.dumps(row) for got in results for row in got.rows}


def same(a, b):
    return json.dumps(list(a.rows)) == json.dumps(list(b.rows))


def test_every_reader_has_an_example_and_says_what_it_is():
    assert set(ROWS) == set(READERS)
    for module in READERS.values():
        assert module.Settings.model_fields["format"].default in READERS
        assert module.Settings.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_example_is_read_and_accounted_for(name, tmp_path):
    (got,) = scan(name, FILES[name].read_bytes(), tmp_path)
    assert not got.refused, got.issues
    assert got.quarantined == 0, got.issues
    assert len(got.rows) >= 5
    assert int(np.isnan(got.rows.value).sum()) == 1
    first = got.rows[0]
    assert math.isclose(first.value, 431.41, abs_tol=2e-5)
    assert 0 <= first.stamp - FIRST_HOUR < 3600
    inside = got.rows.value[np.isfinite(got.rows.value)]
    assert ((inside > GAS.lowest_umol_mol) & (inside < GAS.highest_umol_mol)).all()


@pytest.mark.parametrize("name", NAMES)
def test_example_becomes_an_hourly_record(name):
    got = ingest_station(ROWS[name], [FILES[name]], None, SECTION, GAS)
    assert got.dataset["mole_fraction"].notnull().any()
    assert got.files[0]["format"] == name


@pytest.mark.parametrize("name", SNIFFED)
def test_a_format_is_recognised_by_its_content_and_by_no_other_reader(name, tmp_path):
    path = tmp_path / "no_name_to_go_by"
    path.write_bytes(FILES[name].read_bytes())
    assert recognised(look(members(path)[0])) == [name]
    got = inspect_file(path, None, SECTION, None)
    if name in UNTOLD:
        assert got["issues"][0]["code"] == UNTOLD[name]
        return
    assert got["format"] == name
    assert got["rows"] >= 5


@pytest.mark.parametrize("name", NAMES)
def test_cut_at_every_byte_never_crashes_and_never_invents_a_row(name, tmp_path):
    whole = FILES[name].read_bytes()
    known = known_rows(scan(name, whole, tmp_path))
    # a netCDF file that lost its end is refused whole, wherever it was cut
    cuts = range(0, len(whole), 1 if name in TEXTS else 37)
    for cut in cuts:
        results = scan(name, whole[:cut], tmp_path)
        assert known_rows(results) <= known
        if name not in TEXTS:
            assert all(got.refused for got in results)


def zipped(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.dat", content)
    return file.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_packing_changes_nothing(name, tmp_path):
    plain = FILES[name].read_bytes()
    (whole,) = scan(name, plain, tmp_path)
    for variant in (gzip.compress(plain), zipped(plain)):
        (got,) = scan(name, variant, tmp_path)
        assert same(got, whole)


@pytest.mark.parametrize("name", TEXTS)
def test_line_ends_marks_and_encodings_change_nothing(name, tmp_path):
    plain = FILES[name].read_bytes()
    (whole,) = scan(name, plain, tmp_path)
    encoding = ROWS[name].reader.encoding
    text = plain.decode("utf-8" if encoding == "auto" else encoding)
    crlf = plain.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    half = len(plain) // 2
    variants = [
        crlf,
        plain.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + text.encode(),
        b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        text.encode("utf-16"),
        gzip.compress(plain[:half]) + gzip.compress(plain[half:]),
    ]
    if encoding == "auto":
        variants.append(text.encode("gb18030"))
    for variant in variants:
        (got,) = scan(name, variant, tmp_path)
        assert same(got, whole)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(TEXTS), st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=4))))
def test_damage_never_crashes_and_every_line_is_accounted_for(tmp_path_factory, name, edits):
    content = bytearray(FILES[name].read_bytes())
    for place, new in edits:
        content[place : place + len(new)] = new
    scan(name, bytes(content), tmp_path_factory.mktemp("damage"))


@pytest.mark.parametrize("name", TEXTS)
def test_a_line_twice_is_never_two_rows(name, tmp_path):
    lines = FILES[name].read_bytes().splitlines(keepends=True)
    path = tmp_path / "file"
    path.write_bytes(b"".join([*lines, lines[-1]]))
    got = ingest_station(ROWS[name], [path], None, SECTION, GAS)
    whole = ingest_station(ROWS[name], [FILES[name]], None, SECTION, GAS)
    np.testing.assert_array_equal(
        got.dataset["mole_fraction"].values, whole.dataset["mole_fraction"].values
    )


def test_two_processes_with_different_hash_seeds_say_the_same():
    program = (
        "import sys, hashlib, json\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_every_reader import FILES, ROWS, NAMES\n"
        "from stations.ingest import ingest_station\n"
        "from station_fakes import GAS, SECTION\n"
        "for name in NAMES:\n"
        "    got = ingest_station(ROWS[name], [FILES[name]], None, SECTION, GAS)\n"
        "    text = json.dumps([got.files, got.quarantine, got.dataset.to_dict()], default=str)\n"
        "    print(name, hashlib.sha256(text.encode()).hexdigest())\n"
    )
    outs = []
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        outs.append(done.stdout)
    assert outs[0] == outs[1]
    assert len(outs[0].splitlines()) == len(NAMES)

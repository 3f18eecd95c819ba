"""Every file under ../shared/data/stations: read, or refused with a reason; the table docs/station-files.md is that."""

import os
from pathlib import Path

import pytest

from stations.folder import folder_table, inspect_folder
from stations.registry import load_registry

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "station-files.md"
DECLARED = Path(__file__).with_name("real_files.yaml")
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
INTRO = """\
# What is in 145 real files

Every file of the collection of public data that the tests use where it is at hand, as
`python -m stations table FOLDER --registry tests/stations/real_files.yaml` prints it: the format
recognised by content (`-`: none), or, where a name stands in brackets, as that registry declares
it; lines = rows + quarantined + blank or comment; the verdict, and the commonest reason where it
is no clean one. A row without a value (*missing*) is a row. Refused files show `error` and all of
their lines as quarantined; lines of other stations in the same file are not counted.
Made by `tests/stations/test_real_files.py` (`CITYFLUX_WRITE_PAGES=1` writes it anew).

"""


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")
def test_every_file_is_read_or_refused_with_its_reason():
    found = inspect_folder(DATA, load_registry(DECLARED), None)
    accounts = [entry for entry in found if not entry["file"].endswith("PROVENANCE.md")]
    for entry in accounts:
        kept = entry["rows"] + entry["quarantined"] + entry["blank_or_comment"]
        assert kept == entry["lines"], entry["file"]
        if entry["verdict"] == "error":
            assert entry["issues"][0]["expected"]
            assert entry["issues"][0]["hint"]
    text = INTRO + folder_table(accounts)
    if os.environ.get("CITYFLUX_WRITE_PAGES"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text

"""Invented lines come in; good files, and the ways in which they are packed and broken, go out."""

import io
import tarfile
import zipfile

import numpy as np
from station_fakes import EXAMPLES

from stations.claims import Expected
from stations.readers import READERS

PLACE = Expected(50.0, 30.25, 120.17, "WMO-CO2-X2019")
ICOS_PLACE = Expected(100.0, 51.25, -0.54, "WMO-CO2-X2019")


def table_reader(**changes):
    """A table of hourly means, UTC+8, stamped at the start; all of it declared."""
    declared = {
        "label": "start",
        "slot_seconds": 3600,
        "zone": "+08:00",
        "missing": ("-999.99",),
        "columns": {"time": "time", "value": "co2", "stdev": "sd", "n": "n", "flag": "flag"},
        "time_format": "%Y-%m-%d %H:%M",
        "flags": {"V": "ok", "C": "calibration", "M": "provider_bad"},
    }
    return READERS["declared_csv"].Settings.model_validate({**declared, **changes})


HEADER = "time,co2,sd,n,flag"
VALUES = (431.41, 432.25, 431.96, 430.18, 429.77, 428.92, 429.35, 430.6)
GOOD = tuple(f"2025-03-01 {8 + k:02d}:00,{v:.2f},0.15,58,V" for k, v in enumerate(VALUES))


def text(*lines, end="\n", encoding="utf-8"):
    return "".join(line + end for line in lines).encode(encoding)


def table(*lines, head=HEADER):
    return text(head, *lines)


def with_line(line, at=4):
    """The good table with one line replaced; at 4 it is line 6 of the file."""
    return table(*GOOD[:at], line, *GOOD[at + 1 :])


def changed(old, new, at=4):
    assert old in GOOD[at]
    return with_line(GOOD[at].replace(old, new), at)


def zipped(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def tarred(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def locked(content):
    """A zip whose only member says that it is encrypted."""
    raw = bytearray(zipped({"a.csv": content}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


def split(content):
    """The first part of an archive that was split: its directory is in another part."""
    whole = b"PK\x07\x08" + zipped({"a.csv": content})
    return whole[: whole.index(b"PK\x01\x02")]


def broken(content, method):
    """A zip with one byte of its only member changed behind the middle."""
    raw = bytearray(zipped({"a.csv": content}, method))
    raw[(raw.index(b"a.csv") + raw.index(b"PK\x01\x02")) * 2 // 3] ^= 0x11
    return bytes(raw)


def hours(values, spread):
    """A long table: one value an hour."""
    stamps = np.datetime64("2025-01-01T00:00") + np.arange(len(values)) * np.timedelta64(1, "h")
    return [
        f"{str(t).replace('T', ' ')},{v:.2f},{s:.2f},58,V"
        for t, v, s in zip(stamps, values, spread, strict=True)
    ]


def weeks():
    """Three weeks of invented air."""
    rng = np.random.default_rng(7)
    return np.round(430 + 6 * np.sin(np.arange(504) / 3.8) + rng.normal(0, 1, 504), 2)


ICOS = (EXAMPLES / "icos_atc.CO2").read_text()
GCW_LINES = (EXAMPLES / "gcwerks.dat").read_text().splitlines()
GCW_LINE = "250301 061334       air    9   1995.89   1.083   261    432.21   0.125   261"


def icos(old="", new=""):
    assert old in ICOS
    return ICOS.replace(old, new).encode()


def gcwerks(*more):
    return text(*GCW_LINES, *more)

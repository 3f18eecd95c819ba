"""Packets of HJ 212-2017, China's telemetry of monitoring stations, come in; rows of one factor go out.

One line is one packet: ``##``, the length of the body in four digits, the body, its CRC in four
hexadecimal digits. ASSUME: ``DataTime`` is the start of its interval, on UTC+8, as senders in public
code write it (an hour's packet carries the hour before); a network that stamps the end must
declare it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import reduce
from itertools import chain, islice
from operator import xor
from typing import Literal

from pydantic import Field

from stations.quarantine import FileRefusedError, Issue
from stations.reading.clock_text import Clock
from stations.reading.fields import BadFieldError, number
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import refuse_header

FLAGS = {
    "N": "ok",
    "F": "instrument",  # stopped
    "M": "instrument",  # maintenance
    "S": "instrument",  # set by hand
    "D": "instrument",  # fault
    "C": "calibration",
    "T": "instrument",  # over its range
    "B": "instrument",  # communication
}
_FACTORS = {"CO2": "a05001", "CH4": "a05002"}
# Command -> seconds of its interval; 0 where the standard leaves it to the station.
_SECONDS = {"2011": 0.0, "2051": 0.0, "2061": 3600.0, "2031": 86400.0}
_PACKET = re.compile(r"##(\d{4})(.*)([0-9A-Fa-f]{4})", re.ASCII | re.DOTALL)
_LOOK = 10_000  # lines in which the first packet of data is looked for
_ZONE = "+08:00"


class Settings(ReaderSettings):
    """HJ 212-2017 packets, one a line, of one or more stations and averaging intervals."""

    format: Literal["hj212"] = Field(default="hj212", description="name of the reader")
    cn: Literal[2011, 2051, 2061, 2031] | None = Field(
        default=None,
        description="2011 real time, 2051 minutes, 2061 hours, 2031 days; others are set aside; "
        "none: the first packet's, and others are kept out",
    )
    factor: str | None = Field(
        default=None, description="code of the gas; none: a05001 for CO2, a05002 for CH4"
    )
    field: Literal["Avg", "Rtd"] | None = Field(
        default=None, description="which number is the value; none: Rtd of 2011, Avg of others"
    )
    device: str | None = Field(
        default=None,
        description="MN of the station; packets of others are left to other stations; none: the "
        "first packet's, and others are kept out",
    )


def sniff(head: Head) -> bool:
    """Return whether the first line is a packet.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("##0101QN=20160801085857223;ST=32;CN=1062;CP=&&x=1&&1C80",)))
    True
    """
    first = next((line for line in head.lines if line.strip()), "")
    return first.startswith("##") and first[2:6].isdecimal() and "CN=" in first and "CP=" in first


def _step(byte: int) -> int:
    """Return eight shifts of the register with one byte in it."""
    for _ in range(8):
        byte = (byte >> 1) ^ (0xA001 if byte & 1 else 0)
    return byte


_STEPS = tuple(_step(byte) for byte in range(256))


def crc16(body: bytes) -> int:
    """Return the CRC of a packet's body.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    int

    Notes
    -----
    HJ 212-2017, appendix A: from 0xFFFF on, each byte is added to the register's high byte, which
    is then shifted eight times. So only the high byte is carried on, and by a linear map whose
    eighth power is the identity: bytes eight places apart may be added first.

    Examples
    --------
    >>> hex(crc16(b"123456789"))
    '0x2f80'
    """
    if not body:
        return 0xFFFF
    filled = bytes(-len(body) % 8) + bytes([body[0] ^ 0xFF]) + body[1:]
    folded = reduce(xor, memoryview(filled).cast("Q"))
    register = 0
    for byte in folded.to_bytes(8, sys.byteorder):
        register = _STEPS[(register >> 8) ^ byte]
    return register


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every packet into rows, issues and packets of something else.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Commands, answers, other intervals than the declared one and packets without the factor
        count as comment.

    Raises
    ------
    FileRefusedError
        Where no packet is there or the factor is not known; once read, where no packet holds it.
    """
    gas = (settings.gas or "co2").upper()
    factor = settings.factor or _FACTORS.get(gas, "")
    ahead = []
    cn, device = str(settings.cn or ""), settings.device or ""
    for pair in islice(source, _LOOK):
        ahead.append(pair)
        said = dict(re.findall(r"(CN|MN)=([^;]*);", pair[1]))
        if said.get("CN") in ({cn} if cn else _SECONDS):
            cn, device = said["CN"], device or said.get("MN", "")
            break
    if not factor or not ahead or not any(text.startswith("##") for _, text in ahead):
        found = ahead[0][1] if ahead else "an empty file"
        hint = "Declare the right format in the registry, and `factor` for other gases."
        raise refuse_header(1, found, "packets that begin with ## and a length", hint)
    seconds = _SECONDS.get(cn, 0.0)
    claims = Claims(device, gas, "mg m-3", label="start", slot_seconds=seconds, zone=_ZONE)
    reading = Reading(claims, ())
    wanted = (cn, device, factor)
    reading.items = _rows(chain(ahead, source), source, wanted, settings, reading)
    return reading


def _rows(
    pairs: Iterator[tuple[int, str]],
    source: Lines,
    wanted: tuple[str, str, str],
    settings: Settings,
    reading: Reading,
) -> Iterator[Row | Issue]:
    """Give the rows of one command, station and factor."""
    cn, device, factor = wanted
    number_of = settings.field or ("Rtd" if cn == "2011" else "Avg")
    clock, missing = Clock("%Y%m%d%H%M%S"), ("", *settings.missing)
    other: Counter[str] = Counter()
    rows = 0
    for line, text in pairs:
        try:
            head, data = _parts(text, source.encoding)
            if head.get("CN") not in _SECONDS or (settings.cn and head["CN"] != cn):
                source.comment += 1
                continue
            if settings.device and head.get("MN") != device:
                reading.elsewhere += 1
                continue
            _demand_same(head, cn, device)
            items = dict(item.partition("=")[::2] for item in data.replace(",", ";").split(";"))
            if not any(name.startswith(f"{factor}-") for name in items):
                other.update(name.partition("-")[0] for name in items if "-" in name)
                source.comment += 1
                continue
            row = _row(line, items, (factor, number_of), clock, missing)
        except BadFieldError as bad:
            yield bad.issue(line, text)
        else:
            rows += 1
            yield row
    source.count -= reading.elsewhere  # they are no packets of this station
    if other and not rows:
        found = f"factors {', '.join(sorted(other)[:12])}"
        hint = "Declare `factor` in the registry as the station writes it."
        raise FileRefusedError(Issue(0, 0, "columns", found, f"factor {factor}", hint))


def _parts(text: str, encoding: str) -> tuple[dict[str, str], str]:
    """Return what stands before the data, by name, and the data of a packet that is whole."""
    match = _PACKET.fullmatch(text.rstrip())
    if match is None:
        hint = "Keep the packets as they came, one a line."
        raise BadFieldError(0, "bad_packet", text[:60], "##, length, body, CRC", hint)
    length, body, crc = match.groups()
    raw = body.encode("utf-8" if encoding.startswith("utf-8") else "gb18030", "surrogateescape")
    hint = "The packet was cut or changed on its way: ask the station to send it again."
    if int(length) != len(raw):
        raise BadFieldError(0, "length", f"{len(raw)} bytes", f"{length} bytes", hint)
    if int(crc, 16) != crc16(raw):
        raise BadFieldError(0, "checksum", f"CRC {crc16(raw):04X}", f"CRC {crc}", hint)
    head, _, rest = body.partition("CP=&&")
    if rest.count("DataTime=") > 1:
        hint = "One packet holds the data of one time; ask who joined them."
        raise BadFieldError(0, "bad_packet", "DataTime more than once", "one DataTime", hint)
    return dict(item.partition("=")[::2] for item in head.split(";")), rest.removesuffix("&&")


def _demand_same(head: dict[str, str], cn: str, device: str) -> None:
    """Keep out packets of another interval or station where nobody said which to take."""
    if head["CN"] != cn:
        hint = "Declare `cn` in the registry: one record has one averaging interval."
        raise BadFieldError(0, "other_average", f"CN={head['CN']}", f"CN={cn}", hint)
    if head.get("MN", "") != device:
        hint = "Declare `device` in the registry: one record has one station."
        raise BadFieldError(0, "other_station", f"MN={head.get('MN')}", f"MN={device}", hint)


def _row(
    line: int,
    items: dict[str, str],
    names: tuple[str, str],
    clock: Clock,
    missing: tuple[str, ...],
) -> Row:
    """Read one packet's data."""
    factor, number_of = names
    text = items.get("DataTime", "")
    try:
        if len(text) != 14:
            raise ValueError("not 14 digits")  # noqa: EM101 - one message for both
        stamp = clock(text)
    except ValueError as error:
        expected, hint = "DataTime=yyyymmddhhmmss", f"No such instant ({error})."
        raise BadFieldError(0, "impossible_date", text, expected, hint) from error
    name = f"{factor}-{number_of}"
    if name not in items:
        found = ", ".join(key for key in items if key.startswith(f"{factor}-"))
        hint = "Declare `field` in the registry."
        raise BadFieldError(0, "no_value", found, name, hint)
    value = number(items[name], 0, missing)
    n = 0 if value != value else 1  # noqa: PLR0124 - true for NaN only
    flag = items.get(f"{factor}-Flag")
    return Row(line, stamp, value, n=n, provider="" if flag is None else flag or "(empty)")

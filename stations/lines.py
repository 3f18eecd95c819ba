"""A path comes in; its decoded lines, each counted, go out."""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from stations.quarantine import FileRefusedError, Issue, printable

_LINE_END = re.compile("\r\n|\n|\r")  # not str.splitlines, which also cuts at U+2028 and at VT
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Lines:
    """The lines of one file.

    Attributes
    ----------
    text : tuple of str
        Lines without their ends; line k of the file is ``text[k - 1]``.
        Bytes that could not be decoded are lone surrogates (`damage` finds them).
    unfinished : bool
        True if the last line has no line end, so nobody knows whether it is whole.
    truncated : str
        Why the file ends early (a cut gzip stream), or empty.
    """

    text: tuple[str, ...]
    unfinished: bool
    truncated: str = ""


def read_lines(path: Path, encoding: str = "utf-8") -> Lines:
    """Read a file, unpack gzip, decode, split.

    Parameters
    ----------
    path : Path
    encoding : str
        Declared encoding; a byte order mark wins over it.

    Returns
    -------
    Lines
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise FileRefusedError(
            Issue(
                0,
                0,
                "unreadable",
                str(error),
                "a file that can be opened",
                "Check path and rights.",
            )
        ) from error
    return split_lines(raw, encoding)


def split_lines(raw: bytes, encoding: str = "utf-8") -> Lines:
    r"""Decode and split the bytes of a file.

    Parameters
    ----------
    raw : bytes
    encoding : str
        Declared encoding; a byte order mark wins over it.

    Returns
    -------
    Lines

    Examples
    --------
    >>> split_lines(b"\xef\xbb\xbfa\r\nb").text, split_lines(b"a\r\nb").unfinished
    (('a', 'b'), True)
    """
    raw, truncated = _unpack(raw)
    for mark, name in _MARKS:
        if raw.startswith(mark):
            raw, encoding = raw[len(mark) :], name
            break
    text = _decode(raw, encoding)
    pieces = _LINE_END.split(text)
    unfinished = pieces[-1] != ""
    return Lines(tuple(pieces if unfinished else pieces[:-1]), unfinished, truncated)


def _unpack(raw: bytes) -> tuple[bytes, str]:
    """Return the unpacked bytes and why they end early."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw, ""
    packed, unpacked = raw, b""
    while packed:
        stream = zlib.decompressobj(wbits=31)
        try:
            unpacked += stream.decompress(packed)
        except zlib.error as error:
            return unpacked, f"damaged gzip stream ({error})"
        if not stream.eof:
            return unpacked, "gzip stream without its end"
        packed = stream.unused_data
    return unpacked, ""


def _decode(raw: bytes, encoding: str) -> str:
    """Decode, marking what cannot be decoded so that only its line is lost."""
    if encoding.startswith("utf-16"):
        return raw.decode(encoding, errors="replace").replace("\ufffd", "\udcff")
    try:
        return raw.decode(encoding, errors="surrogateescape")
    except (UnicodeDecodeError, LookupError) as error:
        raise FileRefusedError(
            Issue(0, 0, "encoding", str(error), f"text in {encoding}", "Declare the encoding.")
        ) from error


def damage(line: str, number: int) -> Issue | None:
    r"""Return what makes a line unusable before it is parsed, or None.

    Parameters
    ----------
    line : str
    number : int
        Its line number, 1-based.

    Returns
    -------
    Issue or None

    Examples
    --------
    >>> damage("140630\x00", 4).code, damage("140630", 4)
    ('nul_bytes', None)
    """
    if "\x00" in line:
        column = line.index("\x00") + 1
        found = f"{line.count(chr(0))} NUL bytes, first at character {column}"
        hint = "The logger lost power while writing; fetch the file again if it can be."
        return Issue(number, 0, "nul_bytes", found, "text", hint, printable(line))
    if any("\udc80" <= c <= "\udcff" for c in line) if not line.isascii() else False:
        hint = "Declare the encoding of the file in the registry (utf-8, gb18030, ...)."
        return Issue(
            number, 0, "undecodable", printable(line, 40), "decodable text", hint, printable(line)
        )
    return None

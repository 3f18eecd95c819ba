"""A stream of bytes comes in; the encoding of its text goes out."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from stations.quarantine import FileRefusedError, Issue

AUTO = "auto"
_CHUNK = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(stream: BinaryIO, declared: str = AUTO) -> str:
    r"""Return the encoding to read a text with.

    Parameters
    ----------
    stream : binary file
        Read to its end where nothing is declared and it is not plain ASCII.
    declared : str
        An encoding, or ``auto``: UTF-8, or GB18030 where fewer lines fail with it.
        A byte order mark wins over either.

    Returns
    -------
    str
        A name that Python knows.

    Raises
    ------
    FileRefusedError
        Where Python does not know the declared encoding.

    Examples
    --------
    >>> import io
    >>> encoding_of(io.BytesIO("日期,CO2\n".encode("gbk"))), encoding_of(io.BytesIO(b"a\n\xff\n"))
    ('gb18030', 'utf-8')
    """
    head = stream.read(_CHUNK)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if declared != AUTO:
        return _known(declared)
    failed = {"utf-8": 0, "gb18030": 0}
    rest = b""
    while head:
        lines = rest + head
        cut = lines.rfind(b"\n") + 1
        block, rest = (lines[:cut], lines[cut:]) if cut else (b"", lines)
        if len(rest) > 1 << 20:  # a line that long is refused later, whatever it says
            block, rest = rest, b""
        _count_failures(block, failed)
        head = stream.read(_CHUNK)
    _count_failures(rest, failed)
    return "gb18030" if failed["gb18030"] < failed["utf-8"] else "utf-8"


def _count_failures(block: bytes, failed: dict[str, int]) -> None:
    """Add the lines of a block that cannot be decoded."""
    if block.isascii():
        return
    for line in block.split(b"\n"):
        if line.isascii():
            continue
        for name in failed:
            try:
                line.decode(name)
            except UnicodeDecodeError:
                failed[name] += 1


def _known(name: str) -> str:
    """Return the name of an encoding that exists."""
    try:
        codecs.lookup(name)
    except LookupError as error:
        hint = "Declare the encoding of the file in the registry (utf-8, gb18030, ...)."
        raise FileRefusedError(Issue(0, 0, "encoding", str(error), "a known one", hint)) from error
    return name

"""A file comes in; its decoded lines, numbered and each counted, go out one at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from stations.quarantine import Issue, printable
from stations.reading.containers import Member
from stations.reading.encoding import AUTO, encoding_of

_CHUNK = 1 << 16
LONGEST = 1 << 20  # characters of a line that are still looked at
_CUT = "The file was cut or is still growing; if it is whole, end its last line."


class Lines:
    """The lines of one text, read once from the start.

    Iterating gives ``(number, text)``, the number 1-based, of every line that can be read: blank
    lines are counted, damaged ones (NUL bytes, bytes that are no text, a last line without its
    end) become issues and are not given. Memory does not grow with the file.

    Attributes
    ----------
    count : int
        Lines seen so far.
    comment : int
        Blank lines, and those that a reader sets aside by adding to it: header and comments.
    issues : list of Issue
        Lines that were damaged.
    truncated : str
        Why the stream ends early (a cut gzip stream), or empty.
    """

    def __init__(self, member: Member, encoding: str = AUTO) -> None:
        with member.open() as stream:
            self.encoding = encoding_of(stream, encoding)
        self._member = member
        self._pairs = self._numbered(member.open())
        self.count = 0
        self.comment = 0
        self.issues: list[Issue] = []
        self.truncated = ""

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self._pairs

    def __next__(self) -> tuple[int, str]:
        return next(self._pairs)

    def _numbered(self, stream: BinaryIO) -> Iterator[tuple[int, str]]:
        """Give the lines; count and judge every one."""
        with stream:
            for number, text, suspect in self._whole_lines(stream):
                self.count = number
                if suspect:
                    issue = damage(text, number)
                    if issue is not None:
                        self.issues.append(issue)
                        continue
                if not text or text.isspace():
                    self.comment += 1
                    continue
                yield number, text

    def _whole_lines(self, stream: BinaryIO) -> Iterator[tuple[int, str, bool]]:
        """Give number, text and whether its bytes need a look; end with what has no line end."""
        text = io.TextIOWrapper(stream, self.encoding, errors=_errors(self.encoding), newline=None)
        number, carry, lost = 0, "", 0
        while True:
            chunk = self._read(text)
            if not chunk:
                break
            block = carry + chunk
            suspect = not block.isascii() or "\x00" in block
            pieces = block.split("\n")
            carry = pieces.pop()
            if lost and pieces:
                number += 1
                self._overlong(number, lost + len(pieces.pop(0)))
                lost = 0
            for piece in pieces:
                number += 1
                yield number, piece, suspect
            if len(carry) > LONGEST:
                lost, carry = lost + len(carry), ""
        self.truncated = getattr(getattr(stream, "raw", None), "truncated", "") or self.truncated
        if carry or lost:
            self._unfinished(number + 1, carry)

    def _read(self, text: io.TextIOWrapper) -> str:
        """Return the next chunk; a member that breaks off gives what there was."""
        try:
            return text.read(_CHUNK)
        except (OSError, EOFError, ValueError) as error:
            if isinstance(error, UnicodeError):
                raise
            self.truncated = f"damaged archive ({error})"
        except Exception as error:  # zipfile and zlib raise their own kinds where a member breaks
            self.truncated = f"damaged archive ({error})"
        return ""

    def _overlong(self, number: int, size: int) -> None:
        """Set aside a line that no logger writes."""
        self.count = number
        hint = "The writer lost its line ends; fetch the file again."
        found, expected = f"{size} characters", f"a line of at most {LONGEST}"
        self.issues.append(Issue(number, 0, "overlong_line", found, expected, hint))

    def _unfinished(self, number: int, text: str) -> None:
        """Set aside a last line without its end: a number cut short is still a number."""
        self.count = number
        if not text.strip(" \t"):
            self.comment += 1
            return
        found, expected = "no line end", "a line end"
        shown = printable(text)
        self.issues.append(Issue(number, 0, "unfinished_line", found, expected, _CUT, shown))


def _errors(encoding: str) -> str:
    """Return how bytes that are no text are marked: only their line is lost."""
    return "replace" if encoding.startswith("utf-16") else "surrogateescape"


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
    if not line.isascii() and any("\udc80" <= c <= "\udcff" or c == "\ufffd" for c in line):
        hint = "Declare the encoding of the file in the registry (utf-8, gb18030, ...)."
        shown = printable(line, 40)
        return Issue(number, 0, "undecodable", shown, "decodable text", hint, printable(line))
    return None


def text_of(raw: bytes, encoding: str = AUTO) -> Lines:
    r"""Return the lines of bytes in memory, for tests and small pieces.

    Parameters
    ----------
    raw : bytes
    encoding : str

    Returns
    -------
    Lines

    Examples
    --------
    >>> list(text_of(b"\xef\xbb\xbfa\r\n\r\nb"))
    [(1, 'a')]
    """
    from pathlib import Path

    return Lines(_in_memory(raw, Path("memory")), encoding)


def _in_memory(raw: bytes, path: Any) -> Member:
    """Return bytes as a file that stands alone."""
    return Member(path, "", lambda: io.BytesIO(raw))

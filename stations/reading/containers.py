"""A path comes in; the files inside it (one, or the members of an archive or workbook) go out."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn

from stations.quarantine import FileRefusedError, Issue, printable

_CHUNK = 1 << 16
_PIECE = 1 << 11  # what is lost where a member breaks
_GZIP = b"\x1f\x8b"
_ZIP, _EMPTY_ZIP, _SPANNED_ZIP = b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"
_TAR = (257, b"ustar")
_WORKBOOK = "xl/workbook.xml"
_NOT_DATA = ("__MACOSX/",)  # what an operating system adds to archives
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,  # a member's name that is no text
    KeyError,
)


@dataclass(frozen=True)
class Member:
    """One file to read.

    Attributes
    ----------
    path : Path
        The file on disk.
    name : str
        Name inside the archive or workbook; empty for a file that stands alone.
    open : callable
        Opens the unpacked bytes, from the start, as often as needed.
    plain : bool
        True if the bytes on disk are the unpacked ones.
    sheet : bool
        True for a sheet of a workbook, whose rows `stations.reading.sheets` turns into lines.
    """

    path: Path
    name: str
    open: Callable[[], BinaryIO] = field(repr=False)
    plain: bool = False
    sheet: bool = False

    @property
    def label(self) -> str:
        """Return ``file`` or ``file!member``, as messages name it."""
        return f"{self.path}!{self.name}" if self.name else str(self.path)


class Unpacked(io.RawIOBase):
    """A gzip stream, unpacked as far as it goes; `truncated` says why it ends early."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._stream = zlib.decompressobj(wbits=31)
        self._ready = b""
        self._fresh = False
        self.truncated = ""

    def readable(self) -> bool:
        """Return True: it is read only."""
        return True

    def close(self) -> None:
        """Close the packed file too."""
        self._packed.close()
        super().close()

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with unpacked bytes; 0 at the end."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._ready and not self.truncated and self._more():
            pass
        size = min(len(view), len(self._ready))
        view[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _more(self) -> bool:
        """Unpack one chunk; return whether there may be another."""
        if self._stream.eof:
            rest = self._stream.unused_data or self._packed.read(_CHUNK)
            if not rest:
                return False
            self._stream = zlib.decompressobj(wbits=31)
        else:
            rest = self._packed.read(_CHUNK)
            if not rest:
                self.truncated = "gzip stream without its end"
                return False
        try:
            self._ready = self._stream.decompress(rest)
        except zlib.error as error:
            self.truncated = f"damaged gzip stream ({error})"
        return True


class Guarded(io.RawIOBase):
    """A member of an archive, read as far as it goes; `truncated` says why it ends early."""

    def __init__(self, member: BinaryIO) -> None:
        self._member = member
        self.truncated = ""

    def readable(self) -> bool:
        """Return True: it is read only."""
        return True

    def close(self) -> None:
        """Close the member too."""
        self._member.close()
        super().close()

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with unpacked bytes; 0 at the end, or where the member is damaged."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self.truncated:
            return 0
        try:
            found = self._member.read(min(len(view), _PIECE))
        except _DAMAGE as error:
            self.truncated = f"damaged archive ({error})"
            return 0
        view[: len(found)] = found
        return len(found)


def members(path: Path) -> list[Member]:
    """Return what is to be read at a path, recognised by its first bytes.

    Parameters
    ----------
    path : Path
        A plain file, a gzip stream, a tar (packed or not), a zip or an Excel workbook.

    Returns
    -------
    list of Member
        In the order of their names; at least one.

    Raises
    ------
    FileRefusedError
        Where it cannot be opened, or the archive is empty, damaged, split or encrypted.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        _refuse("unreadable", str(error), "a file that can be opened", "Check path and rights.")
    if head.startswith(_GZIP):
        return _of_gzip(path)
    if head.startswith((_ZIP, _EMPTY_ZIP, _SPANNED_ZIP)):
        return _of_zip(path)
    if head[_TAR[0] :].startswith(_TAR[1]):
        return _of_tar(path)
    return [Member(path, "", lambda: path.open("rb"), plain=True)]


def _refuse(code: str, found: str, expected: str, hint: str) -> NoReturn:
    """Refuse a whole file."""
    raise FileRefusedError(Issue(0, 0, code, printable(found, 160), expected, hint))


def _of_gzip(path: Path) -> list[Member]:
    """Return the one file of a gzip stream, or the members of a packed tar."""

    def unpacked() -> BinaryIO:
        return io.BufferedReader(Unpacked(path.open("rb")), _CHUNK)  # type: ignore[return-value]

    with unpacked() as file:
        head = file.read(512)
        if not head[_TAR[0] :].startswith(_TAR[1]):
            return [Member(path, "", unpacked)]
        while file.read(_CHUNK):
            pass
        cut = getattr(file.raw, "truncated", "")  # type: ignore[attr-defined]
    if cut:
        hint = "The archive was cut or damaged: fetch it again."
        _refuse("archive", cut, "a whole tar archive", hint)
    return _of_tar(path)


def _of_zip(path: Path) -> list[Member]:
    """Return the members of a zip, or the sheets of a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
            names = [i.filename for i in infos if not i.filename.startswith(_NOT_DATA)]
    except _DAMAGE as error:
        hint = "Fetch the file again, all its parts, and unpack it once to see that it is whole."
        _refuse("archive", str(error), "a whole zip archive", hint)
    if _WORKBOOK in names:
        from stations.reading.sheets import sheet_names

        return [Member(path, n, lambda: path.open("rb"), sheet=True) for n in sheet_names(path)]
    locked = [i.filename for i in infos if i.flag_bits & 1]
    if locked:
        _refuse("archive", f"encrypted member {locked[0]}", "open members", "Unpack it by hand.")
    return _listed(path, names, lambda name: _zip_member(path, name))


def _zip_member(path: Path, name: str) -> BinaryIO:
    """Open one member of a zip."""
    archive = zipfile.ZipFile(path)
    try:
        member = Guarded(archive.open(name))  # type: ignore[arg-type]
        return io.BufferedReader(member, _CHUNK)  # type: ignore[return-value]
    except _DAMAGE as error:
        hint = "Fetch the archive again."
        _refuse("archive", f"{name}: {error}", "a readable member", hint)


def _of_tar(path: Path) -> list[Member]:
    """Return the members of a tar."""
    try:
        with tarfile.open(path) as archive:
            names = [m.name for m in archive.getmembers() if m.isfile()]
    except _DAMAGE as error:
        hint = "The archive was cut or damaged: fetch it again."
        _refuse("archive", str(error), "a whole tar archive", hint)
    return _listed(path, names, lambda name: _tar_member(path, name))


def _tar_member(path: Path, name: str) -> BinaryIO:
    """Open one member of a tar; it is read whole, for a packed tar cannot be entered midway."""
    with tarfile.open(path) as archive:
        file = archive.extractfile(name)
        return io.BytesIO(file.read() if file else b"")


def _listed(path: Path, names: list[str], opened: Callable[[str], BinaryIO]) -> list[Member]:
    """Return the members of an archive, which must be there once each."""
    if not names:
        _refuse("empty_archive", "no file inside", "at least one file", "Fetch the archive again.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        hint = "Repack it with names that differ."
        _refuse("archive", f"{twice[0]} more than once", "each member once", hint)

    def opener(name: str) -> Callable[[], BinaryIO]:
        return lambda: opened(name)

    return [Member(path, name, opener(name)) for name in sorted(names)]

"""A file comes in; its first lines and, of a netCDF file, its outline go out: what readers recognise a format by."""

from __future__ import annotations

from dataclasses import dataclass, field

from stations.quarantine import FileRefusedError
from stations.reading.containers import Member
from stations.reading.netcdf import NetcdfFile

_LOOK = 1 << 16
_NETCDF = (b"\x89HDF", b"CDF\x01", b"CDF\x02", b"CDF\x05")


@dataclass(frozen=True)
class Head:
    """The beginning of a file.

    Attributes
    ----------
    raw : bytes
        Its first 64 KiB, unpacked.
    lines : tuple of str
        The same as text, without line ends; empty for a netCDF file.
    netcdf : NetcdfFile or None
        The open file, where the bytes are netCDF and could be opened.
    """

    raw: bytes = b""
    lines: tuple[str, ...] = ()
    netcdf: NetcdfFile | None = field(default=None, compare=False)

    @property
    def is_netcdf(self) -> bool:
        """Whether the first bytes are those of a netCDF file."""
        return self.raw.startswith(_NETCDF)


def look(member: Member) -> Head:
    """Return the beginning of a file.

    Parameters
    ----------
    member : Member

    Returns
    -------
    Head
        A netCDF file that cannot be opened has no outline; its reader says why.
    """
    with member.open() as stream:
        raw = stream.read(_LOOK)
    if raw.startswith(_NETCDF):
        try:
            return Head(raw, (), NetcdfFile(member))
        except FileRefusedError:
            return Head(raw)
    return Head(raw, head_lines(raw))


def head_lines(raw: bytes) -> tuple[str, ...]:
    r"""Return bytes as lines of text, whatever they are.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> head_lines(b"\xef\xbb\xbfa\r\nb\rc")
    ('a', 'b', 'c')
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", errors="replace")
    else:
        text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))

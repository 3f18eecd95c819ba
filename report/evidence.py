"""Names of contract files come in; the lines that stand under a figure, file and hash, go out."""

from __future__ import annotations

from dataclasses import dataclass

from report.inputs import ReportProvenance
from report.wording import Pair

PREFIX = 16  # hexadecimal digits of a hash that are printed


@dataclass(frozen=True)
class Source:
    """Where a figure's numbers come from.

    Parameters
    ----------
    lines : tuple of (str, str)
        File relative to the run's folder, first digits of its sha256 or a dash.
    settings, code : str
        First digits of the hashes.
    """

    lines: tuple[tuple[str, str], ...]
    settings: str
    code: str


MISSING = Pair("hash not given", "未给出哈希")


def source_of(provenance: ReportProvenance, *files: str) -> Source:
    """Return the provenance of a figure drawn from some files.

    Examples
    --------
    >>> source_of(ReportProvenance({"a.nc": "0" * 64}), "a.nc", "b.nc").lines
    (('a.nc', '0000000000000000'), ('b.nc', ''))
    """
    lines = tuple((name, provenance.files.get(name, "")[:PREFIX]) for name in files)
    return Source(lines, provenance.settings[:PREFIX], provenance.code[:PREFIX])

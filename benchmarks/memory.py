"""The running process comes in; the largest memory it has held goes out."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_KIB = 2.0**20  # KiB in a GiB


def peak_gib() -> float:
    """Return the largest resident memory since the start, or since ``start_peak`` [GiB].

    Notes
    -----
    Where the system tells it, that of this program alone: ``ru_maxrss`` of a child begins with
    what its parent held.
    """
    if STATUS.exists():
        line = next(one for one in STATUS.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / _KIB
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (_KIB * 1024.0 if sys.platform == "darwin" else _KIB)


def start_peak() -> None:
    """Begin a new peak with what is held now, where the system can."""
    try:
        CLEAR.write_text("5")
    except OSError:
        return

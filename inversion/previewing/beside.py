"""What a run does beside its inversion comes in: light jobs, a certificate, footprints tried; its share of the cost goes out."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

JOB_S = 3.0


@dataclass(frozen=True)
class Beside:
    """What a run does beside its inversion.

    Attributes
    ----------
    footprint_seconds : float
        Processor time of all footprints; 0 where they are given.
    jobs : int
        Light jobs, each of which starts a program and reads a few files.
    certificate_sweeps : int
        Sweeps of the coverage certificate: 0 without one, 2 with planted faults.
    """

    footprint_seconds: float = 0.0
    jobs: int = 0
    certificate_sweeps: int = 0


def beside_of(
    benchmarks: Sequence[str | Path],
    footprints: Sequence[xr.Dataset],
    observations: xr.Dataset,
    *,
    jobs: int,
    certificate_sweeps: int,
) -> Beside:
    """Return what a run does beside its inversion, its footprints from those that were tried.

    Parameters
    ----------
    benchmarks : sequence of path
        As for `seconds_of_all`; none where footprints are given.
    footprints : sequence of Dataset ``footprints``
        Those that were made.
    observations : Dataset ``observations``
        All that will need one.
    jobs, certificate_sweeps : int
        As in `Beside`.
    """
    made = sum(one.sizes["obs"] for one in footprints)
    wanted = observations.sizes["obs"]
    seconds = seconds_of_all(benchmarks, made, wanted) if benchmarks else 0.0
    return Beside(seconds, jobs, certificate_sweeps)


def seconds_of_all(
    benchmarks: Sequence[str | Path], made: int, wanted: int, start: float = JOB_S
) -> float:
    """Return the processor time of all footprints from that of some.

    Parameters
    ----------
    benchmarks : sequence of path
        Tables that Snakemake wrote for the footprints that were made, one for each station, with
        the column ``cpu_time`` [s].
    made, wanted : int
        Footprints that were made and that the run will make, over all stations.
    start : float
        Processor time of starting one job [s], which does not grow.

    Raises
    ------
    ValueError
        Where a table has no such column.
    """
    total = 0.0
    for path in benchmarks:
        with Path(path).open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        if not rows or rows[-1].get("cpu_time") is None:
            msg = (
                f"a benchmark must hold a row with cpu_time; got {len(rows)} rows without in "
                f"{path}. Make the sampled footprints again."
            )
            raise ValueError(msg)
        total += max(float(rows[-1]["cpu_time"]) - start, 0.0)
    return start * len(benchmarks) + total * (wanted / made if made else 1.0)

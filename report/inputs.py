"""Datasets and dictionaries read by the workflow come in; one frozen bundle goes to the report.

The report computes no science: it shows, side by side, what the other rooms wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr


@dataclass(frozen=True)
class ReportProvenance:
    """Hashes that stand under every figure.

    Parameters
    ----------
    files : mapping of str to str
        Path of a contract file relative to the run's folder -> sha256.
    settings, code : str
        Hash of the settings in canonical form, hash of the code.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    code: str = ""


@dataclass(frozen=True)
class Batch:
    """All that is known of one batch (a month, or a named interval).

    Parameters
    ----------
    name : str
        The batch's name, as in the wildcard ``{period}``.
    posterior, prior, reconciliation, observations, background, mismatch : Dataset
        The contracts of the same names for this batch.
    inventory : Dataset or None
        The contract of that name; None where no inventory was given.
    diagnostics : mapping
        ``diagnostics/{period}.json`` as read.
    certificate : mapping or None
        ``certificate/{period}.json`` as read; None when no simulation with a known truth was made.
    truth : Dataset or None
        The known truth of a synthetic city.
    """

    name: str
    posterior: xr.Dataset
    prior: xr.Dataset
    inventory: xr.Dataset | None
    reconciliation: xr.Dataset
    observations: xr.Dataset
    background: xr.Dataset
    mismatch: xr.Dataset
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    certificate: Mapping[str, Any] | None = None
    truth: xr.Dataset | None = None


@dataclass(frozen=True)
class ReportInputs:
    """The whole run, as the page needs it.

    Parameters
    ----------
    run : str
        Name of the run.
    settings : Settings
        The validated settings; the page reads ``report``, ``time``, ``gas``, ``regions`` and, where
        they exist, ``assumptions``.
    batches : sequence of Batch
        In the order of time; none where only the network was looked at.
    network_status : Dataset or None
        The ``network_status`` contract; None where observations were given and not made of records.
    stations : mapping of str to Dataset
        Station name -> the ``station`` contract; empty where there are no records.
    regions : Regions or None
        District polygons in longitude and latitude; None when the region is the domain itself.
    headlines : mapping of str to sequence of str
        ``{"en": [...], "zh": [...]}``: the sentences that open the page, made by reconcile.
    run_json : mapping
        Counts of what was read, used and lost, with reasons; versions; input hashes.
    provenance : ReportProvenance
        Hashes of files, settings and code.
    cache_dir : Path or None
        Folder inside the run for matplotlib's cache (MPLCONFIGDIR); None leaves it alone.
    files : mapping of str to sequence of mapping
        Station name -> what was read of each of its files, as ``stations/{station}.files.json``.
    exchange : sequence of str
        Names of the files in the folder ``exchange/`` of the run.
    """

    run: str
    settings: Any
    batches: Sequence[Batch]
    network_status: xr.Dataset | None
    stations: Mapping[str, xr.Dataset]
    regions: Any | None
    headlines: Mapping[str, Sequence[str]]
    run_json: Mapping[str, Any] = field(default_factory=dict)
    provenance: ReportProvenance = field(default_factory=ReportProvenance)
    cache_dir: Path | None = None
    files: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    exchange: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse a bundle that cannot become a complete page."""
        if not self.batches and (self.network_status is None or not self.stations):
            msg = (
                "batches must hold at least one batch where no network is reported; got 0 batches "
                f"and {len(self.stations)} stations in ReportInputs. Run the inversion for one "
                "period before the report, or give network_status and stations."
            )
            raise ValueError(msg)
        english, chinese = (list(self.headlines.get(key, ())) for key in ("en", "zh"))
        if not english or len(english) != len(chinese):
            msg = (
                "headlines must hold as many sentences in en as in zh, and at least one; "
                f"got {len(english)} and {len(chinese)} in ReportInputs. "
                "Let reconcile write both languages from the same rows."
            )
            raise ValueError(msg)

    @property
    def synthetic(self) -> bool:
        """Tell whether any dataset of the run was made up."""
        shown = [
            data
            for batch in self.batches
            for data in (batch.posterior, batch.prior, batch.observations)
        ]
        shown += self.stations.values()
        return any(str(data.attrs.get("synthetic", "no")) == "yes" for data in shown)


@dataclass(frozen=True)
class Rendered:
    """The finished page.

    Parameters
    ----------
    html : str
        The whole of ``index.html``.
    pictures : mapping of str to bytes
        File name under ``maps/`` -> PNG bytes, the same that the page embeds; empty without maps.
    """

    html: str
    pictures: Mapping[str, bytes]

"""Station records and receptor files come in; the state of the network, and what a person should look at, goes out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from contracts.settings.stations import MonitorSettings, StationSettings
from stations.clock import clock_evidence
from stations.clock_words import clock_findings
from stations.evidence import Evidence
from stations.findings import Finding, with_findings
from stations.inlet_findings import inlet_findings
from stations.monitor import network_status
from stations.receptor_checks import check_receptors
from stations.receptors import Receptors
from stations.registry import NO_SCALE
from stations.step_findings import step_findings


def inspect_network(
    stations: Mapping[str, xr.Dataset],
    section: StationSettings,
    receptors: Receptors | None = None,
) -> xr.Dataset:
    """Judge each station, the clocks and what receptor files carry.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.
    section : StationSettings
    receptors : Receptors, optional
        What `section.receptors` describes.

    Returns
    -------
    Dataset
        Contract `network_status`, with the clocks' evidence and, where there are any, findings:
        receptor files first, then clocks, levels, steps behind gaps, swapped inlets, scales, records
        that found no station.
        Attribute receptors (JSON): how many receptors were read and compared.
    """
    status = network_status(stations, section)
    findings: list[Finding] = []
    if receptors is not None and section.receptors is not None:
        found, counts = check_receptors(receptors, stations, section.receptors)
        findings += found
        status = status.assign_attrs(receptors=json.dumps(counts, sort_keys=True))
    evidence = clock_evidence(stations, section.clock)
    findings += clock_findings(evidence)
    findings += _levels(status, section.monitor)
    findings += step_findings(stations, status, section.detectors)
    findings += inlet_findings(stations, section.detectors)
    findings += [*_scales(stations), *_unclaimed(stations)]
    return with_findings(with_evidence(status, evidence), findings)


def with_evidence(status: xr.Dataset, evidence: Sequence[Evidence]) -> xr.Dataset:
    """Add the clocks' evidence to a status.

    Parameters
    ----------
    status : Dataset
    evidence : sequence of Evidence

    Returns
    -------
    Dataset
        `clock_*` along `clock_evidence`.
    """

    def column(name: str, attrs: dict | None = None) -> tuple:
        return "clock_evidence", np.array([getattr(item, name) for item in evidence]), attrs or {}

    late = {"units": "h", "comment": "positive where stamps are late"}
    unseen = np.array([" ".join(f"{hour:+d}" for hour in item.unseen) for item in evidence])
    what = {"comment": "offsets in whole hours that would not have been called suspected"}
    return status.assign(
        clock_evidence=column("kind"),
        clock_station=column("station"),
        clock_verdict=column("verdict"),
        clock_offset=column("offset", late),
        clock_offset_low=column("low", late),
        clock_offset_high=column("high", late),
        clock_fit=column("fit", {"units": "1"}),
        clock_unseen=("clock_evidence", unseen.astype(np.str_), what),
    )


def _levels(status: xr.Dataset, settings: MonitorSettings) -> list[Finding]:
    """Return a finding if towers stand far from the others."""
    offset = {}
    for name in status["station"].values.tolist():
        daily = status["offset"].sel(station=name).values
        if np.isfinite(daily).any():
            offset[name] = float(np.nanmedian(daily))
    far = {name: value for name, value in offset.items() if abs(value) >= settings.offset_umol_mol}
    if not far:
        return []
    shown = ", ".join(f"{name} {value:+.1f}" for name, value in far.items())
    text = (
        f"Level: {len(far)} of {len(offset)} towers stand {settings.offset_umol_mol:g} umol mol-1 or "
        f"more from the median of the others in the well-mixed hours ({shown}). City air rarely does "
        "that for a whole record: compare the sensors with a reference before comparing places; "
        "changes in time at one place are not touched by it."
    )
    text_local = (
        f"水平：{len(offset)} 个站中有 {len(far)} 个在混合充分的时段与其余各站中位数相差 "
        f"{settings.offset_umol_mol:g} umol mol-1 以上（{shown}）。城市空气极少长期如此：比较地点之前，"
        "请先将传感器与标准比对；同一地点随时间的变化不受影响。"
    )
    return [Finding("level", "", text, text_local)]


def _scales(stations: Mapping[str, xr.Dataset]) -> list[Finding]:
    """Return a finding if records are on no calibration scale."""
    bare = [n for n in sorted(stations) if stations[n].attrs["calibration_scale"] == NO_SCALE]
    if not bare:
        return []
    names = ", ".join(bare)
    text = (
        f"Scale: {len(bare)} of {len(stations)} records are not traceable to a calibration scale "
        f"({names}). They are watched here and never enter an inversion; the registry says why."
    )
    text_local = (
        f"标度：{len(stations)} 个记录中有 {len(bare)} 个无法溯源至校准标度（{names}）。"
        "它们只在此受监测，绝不进入反演；原因见登记表。"
    )
    return [Finding("scale", "", text, text_local)]


def _unclaimed(stations: Mapping[str, xr.Dataset]) -> list[Finding]:
    """Return a finding for each file some of whose records belong to no station."""
    total: dict[tuple[str, str], int] = {}
    claimed: dict[tuple[str, str], int] = defaultdict(int)
    for name in sorted(stations):
        shared = json.loads(stations[name].attrs.get("counts", "{}")).get("shared_files", {})
        for digest, entry in shared.items():
            key = (entry["file"], digest)
            total[key] = entry["lines"] + entry["elsewhere"]
            claimed[key] += entry["lines"]
    found = []
    for key in sorted(total):
        left = total[key] - claimed[key]
        if left == 0:
            continue
        what = f"{left} of {total[key]}" if left > 0 else f"{-left}"
        text, text_local = (
            (f"{what} records belong to no station of the registry", f"{what} 条记录不属于任何站点")
            if left > 0
            else (f"{what} records belong to more than one station", f"{what} 条记录属于多个站点")
        )
        found.append(
            Finding(
                "unclaimed_records",
                "",
                f"Records of {key[0]}: {text}. Add the station, or correct `select`.",
                f"文件 {key[0]}：{text_local}。请补充站点，或更正 `select`。",
            )
        )
    return found

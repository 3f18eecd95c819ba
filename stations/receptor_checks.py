"""Receptors and station records come in; what contradicts the records, and how many were compared, goes out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import xarray as xr

from contracts.settings.stations import ReceptorSettings
from stations.carried import SAME, background_at, carried_background, reading_at
from stations.findings import Finding
from stations.quarantine import Issue
from stations.receptors import Receptor, Receptors

_NEAR = 2e-3  # degrees: a receptor this close to a tower is that tower
_SHOWN = 5  # findings of one kind written out; the others are counted
_FACTORS = (60.0, 3600.0, 86400.0, 1e3, 1e6, 1e9)  # how units of time are mistaken for each other


def check_receptors(
    receptors: Receptors, stations: Mapping[str, xr.Dataset], settings: ReceptorSettings
) -> tuple[list[Finding], dict[str, int]]:
    """Compare what receptors carry with the records at the same hour.

    Parameters
    ----------
    receptors : Receptors
    stations : mapping of str to Dataset
        Contract `station`.
    settings : ReceptorSettings

    Returns
    -------
    list of Finding
        Kinds carried_background, receptor_clock, receptor_value, receptor_file; at most five of
        each, and one that counts the rest.
    dict of str to int
        Receptors read, unreadable, with and without a background record at their hour, and the
        number of findings of each kind.
    """
    found: list[Finding] = []
    counts: Counter = Counter(read=len(receptors.rows), unreadable=len(receptors.issues))
    for row in receptors.rows:
        known = background_at(row.time, stations) is not None
        counts["with_background_record" if known else "without_background_record"] += 1
        station = tower_at(row, stations)
        found += carried_background(row, station, stations, settings)
        found += _other_clocks(row, station)
        found += _other_value(row, station, stations, settings.standard_errors)
    found += [_unreadable(file, issue) for file, issue in receptors.issues]
    counts.update(finding.kind for finding in found)
    return _shortened(found), dict(sorted(counts.items()))


def tower_at(row: Receptor, stations: Mapping[str, xr.Dataset]) -> str:
    """Return the name of the tower at a receptor's place.

    Parameters
    ----------
    row : Receptor
    stations : mapping of str to Dataset
        Contract `station`.

    Returns
    -------
    str
        Empty where there is none.
    """
    for name in sorted(stations):
        facts = stations[name].attrs
        away = max(abs(facts["latitude"] - row.latitude), abs(facts["longitude"] - row.longitude))
        if facts["role"] == "tower" and away <= _NEAR:
            return name
    return ""


def _other_clocks(row: Receptor, station: str) -> list[Finding]:
    """Return a finding for each further stamp that is not the time of the observation."""
    found = []
    for variable, value in row.clocks:
        rounding = abs(value) * float(np.finfo(np.float32).eps)
        if not math.isfinite(value) or abs(value - row.seconds) <= 3600.0 + rounding:
            continue
        factor = next((f for f in _FACTORS if abs(value / row.seconds / f - 1.0) < 1e-5), None)
        why = why_local = ""
        if factor is not None:
            why = f", {factor:,.0f} times the time of the observation: its unit was mistaken"
            why_local = f"，是观测时间的 {factor:,.0f} 倍：时间单位被误认"
        name, name_local = row.names
        text = (
            f"{name}: variable {variable} says {value:.5g} s since 1970{why}. What was looked up by "
            "it is of another time; use the date that the file spells out."
        )
        text_local = (
            f"{name_local}：变量 {variable} 为 1970 年以来 {value:.5g} 秒{why_local}。"
            "按它查取的数据属于别的时间，应使用文件中写明的日期。"
        )
        found.append(Finding("receptor_clock", station, text, text_local))
    return found


def _other_value(
    row: Receptor, station: str, stations: Mapping[str, xr.Dataset], ratio: float
) -> list[Finding]:
    """Return a finding if the tower at the place reads something else at that hour."""
    reading = reading_at(station, stations[station], row.time) if station else None
    if reading is None or not math.isfinite(row.mole_fraction):
        return []
    if abs(row.mole_fraction - reading.value) <= max(ratio * reading.sd, SAME * reading.value):
        return []
    name, name_local = row.names
    facts = f"{reading.value:.2f} ± {reading.sd:.2f}"
    text = (
        f"{name} holds {row.mole_fraction:.2f} umol mol-1, where station {station} at the same place "
        f"and hour reads {facts}. One of them has another clock, unit or version: compare sources."
    )
    text_local = (
        f"{name_local}的观测值为 {row.mole_fraction:.2f} umol mol-1，而同一地点同一小时的站点 {station} 为 "
        f"{facts}。两者的时钟、单位或版本不一致，请核对来源。"
    )
    return [Finding("receptor_value", station, text, text_local)]


def _unreadable(file: str, issue: Issue) -> Finding:
    """Return the finding of a receptor that could not be read."""
    where = f"record {issue.line} of {file}" if issue.line else file
    where_local = f"{file} 的第 {issue.line} 条记录" if issue.line else file
    return Finding(
        "receptor_file",
        "",
        f"Receptors in {where} could not be read ({issue.code}): got {issue.found}, expected "
        f"{issue.expected}. {issue.hint}",
        f"受体文件 {where_local}无法读取（{issue.code}）：实际为 {issue.found}。",
    )


def _shortened(found: list[Finding]) -> list[Finding]:
    """Keep the first few of each kind and count the rest."""
    seen: Counter = Counter()
    shown = []
    for finding in found:
        seen[finding.kind] += 1
        if seen[finding.kind] <= _SHOWN:
            shown.append(finding)
    for kind, number in sorted(seen.items()):
        if number > _SHOWN:
            left = number - _SHOWN
            text = f"{left} more like the {_SHOWN} above, of kind {kind}."
            shown.append(Finding(kind, "", text, f"另有 {left} 条同类问题（{kind}）。"))
    return shown

"""The network's status and its records come in; sentences and rows about every station go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from report.counts import WORDS
from report.findings import Finding, list_findings
from report.flags import hours_by_flag, usable_hours
from report.numbers import show
from report.units import Units
from report.wording import Pair, listed, same

_COLUMNS = ("lines", "rows", "quarantined")


def network_headline(
    status: xr.Dataset, stations: Mapping[str, xr.Dataset]
) -> dict[str, list[str]]:
    """Return the sentences that open the page of a run that looked at records only.

    Parameters
    ----------
    status : Dataset
        Contract ``network_status``.
    stations : mapping of str to Dataset
        Station name -> contract ``station``.

    Returns
    -------
    dict
        ``{"en": [...], "zh": [...]}``: stations, and what the findings are about; hours; stations
        that are excluded. The findings' own sentences stand in the section of the network.
    """
    out = excluded_stations(status)
    hours = {name: usable_hours(data) for name, data in sorted(stations.items())}
    usable = sum(bool(mask.any()) for mask in hours.values())
    sentences = [_opening(len(hours), usable, list_findings(status))]
    sentences.append(_hours_sentence(list(hours.values())))
    if out:
        names = listed(sorted(out))
        sentences.append(
            Pair(
                f"Not fit for an inversion, with reasons below: {names.en}.",
                f"不能用于反演（理由见下）：{names.zh}。",
            )
        )
    return {key: [getattr(sentence, key) for sentence in sentences] for key in ("en", "zh")}


def _opening(number: int, usable: int, found: Sequence[Finding]):
    noun = "station" if number == 1 else "stations"
    kinds = list(dict.fromkeys(finding.name for finding in found))
    english, chinese = (listed([kind[k] for kind in kinds])[k] for k in range(2))
    told = {
        0: Pair("no finding needs a person", "没有需要人工处理的发现"),
        1: Pair(f"1 finding needs a person: {english}", f"1 项发现需人工处理：{chinese}"),
    }.get(
        len(found),
        Pair(
            f"{len(found)} findings need a person: {english}",
            f"{len(found)} 项发现需人工处理：{chinese}",
        ),
    )
    return Pair(
        f"{number} {noun}, {usable} with usable hours; {told.en}.",
        f"共 {number} 个站点，{usable} 个有可用小时；{told.zh}。",
    )


def _hours_sentence(masks: Sequence[np.ndarray]):
    whole, good = sum(mask.size for mask in masks), sum(int(mask.sum()) for mask in masks)
    share = show(100.0 * good / max(whole, 1), 0)
    return Pair(
        f"Of {whole} hours in all records, {good} ({share} %) hold a usable value.",
        f"全部记录共 {whole} 小时，其中 {good} 小时（{share}%）有可用数值。",
    )


def excluded_stations(status: xr.Dataset) -> dict[str, str]:
    """Return the stations that are left out, with the reason."""
    columns = (status[name].values for name in ("station", "excluded", "reason"))
    return {str(name): str(why) for name, out, why in zip(*columns, strict=True) if out}


def status_rows(
    status: xr.Dataset, stations: Mapping[str, xr.Dataset], units: Units
) -> list[dict[str, Any]]:
    """Return one row of the table of stations each; excluded ones first, then by name.

    Parameters
    ----------
    status : Dataset
        Contract ``network_status``.
    stations : mapping of str to Dataset
        Station name -> contract ``station``.
    units : Units
        In which offsets and drifts are given.
    """
    out, rows = excluded_stations(status), []
    for k, name in enumerate(status["station"].values.astype(str).tolist()):
        one = status.isel(station=k)
        offsets = one["offset"].values
        known = offsets[~np.isnan(offsets)] * units.per_canonical
        attrs = stations[name].attrs if name in stations else {}
        rows.append(
            {
                "name": name,
                "role": str(attrs.get("role", "–")),
                "scale": str(attrs.get("calibration_scale", "–")),
                "excluded": name in out,
                "reason": str(one["reason"].values),
                "complete": f"{show(100 * float(one['completeness'].mean()), 0)} %",
                "offset": show(float(np.median(known)), 2) if known.size else "–",
                "offset_days": int(known.size),
                "drift": _drift_text(one, units.per_canonical),
            }
        )
    rows.sort(key=lambda row: (not row["excluded"], row["name"]))
    return rows


def _drift_text(one: xr.Dataset, factor: float):
    drift, error = (float(one[name]) * factor for name in ("drift", "drift_standard_error"))
    if np.isnan(drift):
        return "–"
    return show(drift, 2) if np.isnan(error) else f"{show(drift, 2)} ± {show(error, 2)}"


def record_rows(stations: Mapping[str, xr.Dataset]) -> list[dict[str, Any]]:
    """Return hours, usable hours and hours by flag of every station, as text, by name."""
    rows = []
    for name, data in sorted(stations.items()):
        time, mask = data["time"].values, usable_hours(data)
        rows.append(
            {
                "name": name,
                "span": f"{str(time[0])[:10]} – {str(time[-1])[:10]}" if time.size else "–",
                "hours": str(mask.size),
                "usable": str(int(mask.sum())),
                "flags": _said([(flag, hours) for flag, hours in hours_by_flag(data)]),
            }
        )
    return rows


def file_rows(files: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return what was read of every file: lines, rows, quarantined lines, other counts with names.

    Parameters
    ----------
    files : mapping of str to sequence of mapping
        As ``stations/{station}.files.json``.
    """
    return [
        {
            "station": name,
            "file": str(record["file"]).rsplit("/", maxsplit=1)[-1],
            "format": str(record.get("format", "–")),
            "lines": str(record.get("lines", "–")),
            "rows": str(record.get("rows", "–")),
            "quarantined": str(record.get("quarantined", "–")),
            "verdict": str(record.get("verdict", "–")),
            "others": _said(_other_counts(record)),
        }
        for name, records in sorted(files.items())
        for record in records
    ]


def _other_counts(record: Mapping[str, Any]):
    """Return every further count of a file that is not zero."""
    return [
        (key, value)
        for key, value in record.items()
        if key not in _COLUMNS and isinstance(value, int) and value
    ]


def _said(counted: Sequence[tuple[str, int]]):
    """Return counts as words, a dash where there is none."""
    if not counted:
        return same("–")
    parts = [(WORDS.get(name, same(name.replace("_", " "))), number) for name, number in counted]
    return Pair(
        ", ".join(f"{word.en} {number}" for word, number in parts),
        "、".join(f"{word.zh} {number}" for word, number in parts),
    )

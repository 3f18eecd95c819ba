"""Nested counts of what was read, used and lost come in; flat rows for a table go out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import xarray as xr

from report.wording import Pair

WORDS = {
    "read": Pair("read", "读入"),
    "used": Pair("used", "使用"),
    "lost": Pair("lost", "未使用"),
    "kept": Pair("kept", "保留"),
    "dropped": Pair("dropped", "剔除"),
    "lines": Pair("lines", "行"),
    "rows": Pair("rows", "记录"),
    "hours": Pair("hours", "小时"),
    "night": Pair("night", "夜间"),
    "quarantined": Pair("quarantined", "隔离"),
    "flagged": Pair("flagged", "被标记"),
    "excluded_stations": Pair("excluded stations", "被剔除的站点"),
    "excluded station": Pair("excluded station", "被剔除的站点"),
    "candidate": Pair("candidate hours", "候选小时"),
    "excluded": Pair("excluded", "剔除站点"),
    "station_excluded": Pair("station excluded", "站点被剔除"),
    "missing": Pair("missing", "缺测"),
    "repeated": Pair("repeated", "重复"),
    "conflict": Pair("conflict", "冲突"),
    "low_count": Pair("low count", "样本不足"),
    "manual_bad": Pair("manual bad", "人工标坏"),
    "manual_ok": Pair("manual ok", "人工认可"),
    "out_of_gate": Pair("out of gate", "超出范围"),
    "preliminary": Pair("preliminary", "初步数据"),
    "provider_bad": Pair("provider bad", "提供方标坏"),
    "spread_unknown": Pair("spread unknown", "离散度未知"),
    "straddles": Pair("straddles", "跨小时"),
    "straddling_slots": Pair("straddling slots", "跨小时时段"),
    "kept_straddling": Pair("kept straddling", "保留的跨小时时段"),
    "stuck": Pair("stuck", "数值卡滞"),
    "unknown_flag": Pair("unknown flag", "未知标记"),
    "hours_by_flag": Pair("hours by flag", "按标记的小时"),
    "hours_usable": Pair("hours usable", "可用小时"),
    "kept_by_receptor": Pair("kept by receptor", "各站保留"),
    "blank_or_comment": Pair("blank or comment", "空行或注释"),
    "versions": Pair("versions", "版本"),
}


def flatten(counts: Mapping[str, Any], above: tuple[str, ...] = ()) -> list[tuple[Pair, str]]:
    """Return one row for each number or word inside nested counts.

    Parameters
    ----------
    counts : mapping
        Values are numbers, words, lists or further mappings.
    above : tuple of str
        Keys that lead here.

    Returns
    -------
    list of (Pair, str)
        Keys joined by an arrow, sorted within each level as they were written; the value as text.

    Examples
    --------
    >>> flatten({"lost": {"night": 3}})[0][0].en, flatten({"lost": {"night": 3}})[0][1]
    ('lost › night', '3')
    """
    found = []
    for key, value in counts.items():
        path = (*above, str(key))
        if isinstance(value, Mapping):
            found += flatten(value, path)
        else:
            found.append((_path_text(path), _value_text(value)))
    return found


def attribute_counts(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the counts that a dataset carries as JSON, an empty dictionary when it has none."""
    return json.loads(str(dataset.attrs.get("counts", "{}")))


def _path_text(path: tuple[str, ...]):
    words = [WORDS.get(key, Pair(*[key.replace("_", " ")] * 2)) for key in path]
    return Pair(" › ".join(word.en for word in words), " › ".join(word.zh for word in words))


def _value_text(value: Any):
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value) or "–"
    return str(value)

"""The sections that a page has come in; the links of its contents go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from report.wording import Pair


def contents(shown: Mapping[str, Any]) -> list[tuple[str, Pair]]:
    """Return anchor and words of each section that exists, in the order of the page.

    Parameters
    ----------
    shown : mapping
        The page's values: ``batches``, ``network``, ``exchange``.
    """
    batches, network = shown["batches"], shown["network"]
    first = batches[0] if batches else None
    found: list[tuple[str, Pair]] = []
    if first:
        found += [
            ("maps-1", Pair("Where", "空间分布")),
            ("districts-1", Pair("How much", "总量与一致性")),
        ]
        if first["totals"]:
            found.append(("totals-1", Pair("Intervals", "时段与分组")))
        found += [
            ("sectors-1", Pair("Sectors", "行业")),
            ("time-1", Pair("Through time", "随时间")),
            ("fit-1", Pair("Stations", "站点")),
            ("diagnostics-1", Pair("Trust", "可信度")),
        ]
    found.append(("network", Pair("Network", "监测网络")))
    if network and network["charts"]:
        found.append(("records", Pair("Records", "记录")))
    found += [
        ("counts", Pair("Counts", "计数")),
        ("assumptions", Pair("Limits", "局限")),
        ("method", Pair("Method", "方法")),
        ("provenance", Pair("Provenance", "来源")),
    ]
    if shown["exchange"]:
        found.append(("exchange", Pair("Files", "文件")))
    return found

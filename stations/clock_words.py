"""Evidence on the clocks of a network comes in; what a person should read of it goes out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stations.evidence import NONE_SEEN, SUSPECTED, Evidence
from stations.findings import Finding

_VERDICT_LOCAL = {SUSPECTED: "有疑点", NONE_SEEN: "未见异常", "cannot be told": "无法判断"}


def clock_findings(evidence: Sequence[Evidence]) -> list[Finding]:
    """Say what is suspected of the clocks, and what speaks against it.

    Parameters
    ----------
    evidence : sequence of Evidence

    Returns
    -------
    list of Finding
        Of kind clock: one for the network where any evidence on it suspects an offset, with all
        of that evidence; one for each tower that its neighbours contradict. Empty where nothing
        is suspected.
    """
    network = [item for item in evidence if item.kind != "neighbours"]
    found = [_network(network)] if any(item.verdict == SUSPECTED for item in network) else []
    return found + [
        _tower(item) for item in evidence if item.kind == "neighbours" and item.verdict == SUSPECTED
    ]


def _network(network: Sequence[Evidence]) -> Finding:
    """Return the finding on the network's common clock."""
    said = [_sentence(item) for item in network]
    end, end_local = _conclusion(network)
    text = " ".join([*(english for english, _ in said), end])
    return Finding("clock", "", text, "".join([*(chinese for _, chinese in said), end_local]))


def _conclusion(network: Sequence[Evidence]) -> tuple[str, str]:
    """Weigh the evidence: air counts more than the edges of a window."""
    air = [item for item in network if item.kind != "window"]
    bad = [item for item in air if item.verdict == SUSPECTED]
    if bad:
        offsets = "; ".join(f"{item.offset:+g} h ({item.low:+g} to {item.high:+g})" for item in bad)
        return (
            f"Together: the air itself contradicts the stamps, {offsets}. Trust no hour of the day "
            "before the provider has said which clock was used.",
            f"综合：空气本身与时间标记矛盾（{offsets}）。在数据提供方说明所用时钟之前，不应信任任何时刻。",
        )
    window = next(item for item in network if item.kind == "window")
    missed = round(window.offset)
    against = [item for item in air if item.verdict == NONE_SEEN and missed not in item.unseen]
    if against:
        return (
            f"Together: an offset of {missed:+d} h would have been seen in the air and was not; most "
            "likely the window was cut by another clock and the stamps are right. Ask the provider "
            "which hours were asked for.",
            f"综合：{missed:+d} 小时的偏移本应在空气中显现，但没有；很可能只是时段按另一时钟截取，时间标记无误。"
            "请向数据提供方确认所请求的时段。",
        )
    return (
        f"Together: the records cannot tell whether the stamps are {missed:+d} h late. Ask the provider.",
        f"综合：记录本身无法判断时间标记是否偏移 {missed:+d} 小时，请询问数据提供方。",
    )


def _sentence(item: Evidence) -> tuple[str, str]:
    """Return one evidence as a sentence in both languages."""
    if item.kind == "window":
        return _window(item)
    days = item.note or "0"
    what, what_local = {
        "daily_cycle": (
            f"Daily cycle of the towers against the sun ({days} d)",
            f"各站日变化与太阳时对照（{days} 天）",
        ),
        "background": (
            f"Clean air of the towers against {item.station} ({days} d)",
            f"各站清洁空气与 {item.station} 对照（{days} 天）",
        ),
    }[item.kind]
    verdict_local = _VERDICT_LOCAL[item.verdict]
    if not np.isfinite(item.offset):
        return f"{what}: {item.verdict}.", f"{what_local}：{verdict_local}。"
    numbers = f"{item.offset:+g} h ({item.low:+.1f} to {item.high:+.1f})"
    numbers_local = f"{item.offset:+g} 小时（{item.low:+.1f} 至 {item.high:+.1f}）"
    unseen, unseen_local = spans(item.unseen), spans(item.unseen, "至")
    return (
        f"{what}: {item.verdict}, best offset {numbers}; would have missed {unseen} h.",
        f"{what_local}：{verdict_local}，最佳偏移 {numbers_local}；{unseen_local} 小时的偏移看不出来。",
    )


def _window(item: Evidence) -> tuple[str, str]:
    """Return what the edges of the records say."""
    if item.verdict != SUSPECTED:
        return "Edges of the records: " + item.verdict + ".", (
            f"记录起止时刻：{_VERDICT_LOCAL[item.verdict]}。"
        )
    count, towers, start, end, zone, sun = item.note.split("|")
    return (
        f"{count} of {towers} towers run from {start} to {end}: whole calendar months at "
        f"UTC{float(zone):+g}, while the sun keeps UTC{int(sun):+d} here; an offset of "
        f"{item.offset:+g} h is suspected from the window alone.",
        f"{towers} 个站中 {count} 个的记录为 {start} 至 {end}：恰为 UTC{float(zone):+g} 的整月，"
        f"而当地太阳时为 UTC{int(sun):+d}；仅凭时段怀疑有 {item.offset:+g} 小时偏移。",
    )


def _tower(item: Evidence) -> Finding:
    """Return the finding on one tower's clock."""
    return Finding(
        "clock",
        item.station,
        f"Clock of {item.station}: its changes follow the other towers' best with an offset of "
        f"{item.offset:+g} h ({item.low:+g} to {item.high:+g}; positive: stamps late), correlation "
        f"{item.fit:.2f} over {item.note} d. Check its logger's clock and the zone in the registry.",
        f"{item.station} 的时钟：其变化与其他站在偏移 {item.offset:+g} 小时"
        f"（{item.low:+g} 至 {item.high:+g}；正值表示时间标记偏晚）时最相符，相关系数 {item.fit:.2f}，"
        f"{item.note} 天。请检查采集器时钟和登记表中的时区。",
    )


def spans(hours: Sequence[int], to: str = "to") -> str:
    """Return whole hours as runs, round the clock.

    Parameters
    ----------
    hours : sequence of int
        From -11 to 12.
    to : str
        Word between the ends of a run.

    Returns
    -------
    str

    Examples
    --------
    >>> spans([-11, -10, -2, -1, 0, 1, 12]), spans([])
    ('-2 to +1, +12 to -10', 'no')
    """
    if not hours:
        return "no"
    if len(hours) == 24:
        return f"-11 {to} +12"
    known = set(hours)
    runs = []
    for first in sorted(known):
        before = 12 if first == -11 else first - 1
        if before in known:
            continue
        last = first
        while (after := -11 if last == 12 else last + 1) in known:
            last = after
        runs.append(f"{first:+d}" if first == last else f"{first:+d} {to} {last:+d}")
    return ", ".join(runs)

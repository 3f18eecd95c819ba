"""All rows of the verdict table come in; the three sentences that open the page go out."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconcile.rounding import decimals_for, format_interval, format_number
from reconcile.sentences import (
    detectable_text,
    difference_text,
    tonnes_per_unit,
    unit_text,
)
from reconcile.verdict import (
    AGREES,
    DIFFERS,
    DISAGREES,
    NOT_ASSESSED,
    NOT_DETERMINED,
    SCORE,
    STATES,
    TENSION,
)
from reconcile.wording import STATE_NAMES, place, reason_text, subject

NONE_GIVEN = "none_given"

_COUNTED = {
    AGREES: {"en": "agree within what could be detected", "zh": "在可检出范围内一致"},
    TENSION: {"en": "in tension, not established", "zh": "存在偏差，尚不能确认"},
    DIFFERS: {
        "en": "differ, within the declared uncertainty",
        "zh": "有差异，但在自报不确定度之内",
    },
    DISAGREES: {"en": "disagree", "zh": "不一致"},
    NOT_DETERMINED: {
        "en": "not determined (this is not agreement)",
        "zh": "无法判定（这不表示一致）",
    },
    NOT_ASSESSED: {"en": "not assessed", "zh": "未评估"},
}

_CLAUSES = {
    AGREES: {
        "en": " (a real difference of {D} would have been flagged with 80 % probability)",
        "zh": "（若真实差异达到 {D}，有 80% 把握被标出）",
    },
    NOT_DETERMINED: {"en": " (this is not agreement)", "zh": "（这不表示一致）"},
}

_TEXT = {
    "en": {
        "total": (
            "{subject}: {total} {unit} (95 % interval {interval}{coverage}), scope 1 only, "
            "imported electricity excluded, vegetation apart; {inventory}."
        ),
        "alone": "{subject}: {total} {unit} (95 % interval {interval}{coverage}), all fluxes of the "
        "state together; no inventory was given to compare it with.",
        "inventory": "the inventory says {total} {unit}: {state}",
        "not assessed": "the inventory was not assessed: {reason}",
        "unchecked": ", its coverage not checked",
        "widened": ", widened by a factor {factor} after the coverage check",
        "districts": "Of {n} districts: {counts}.",
        "count": "{n} {state}",
        "pause": "; ",
        "list": ", ",
        DISAGREES: "Largest disagreement: {place}, the inventory is {direction} by {delta}{left}.",
        DIFFERS: "Largest difference within the declared uncertainty: {place}, the atmosphere is "
        "{side} the inventory by {delta}{left}.",
        TENSION: "Largest tension, not established: {place}, the atmosphere is {side} the "
        "inventory by {delta}{left}.",
        NOT_DETERMINED: "What limits this result: the observations cannot determine {n} of the "
        "totals ({places}){left}.",
        "all not assessed": "What limits this result: {reason}{left}.",
        "quiet": "No total was found to differ from the inventory{left}.",
        "left": "; left out of this result: {stations}",
        "too low": "too low",
        "too high": "too high",
        "above": "above",
        "below": "below",
    },
    "zh": {
        "total": (
            "{subject}：{total} {unit}（95% 区间 {interval}{coverage}），仅范围 1，"
            "不含外购电力，植被另计；{inventory}。"
        ),
        "alone": "{subject}：{total} {unit}（95% 区间 {interval}{coverage}），为全部通量之和；"
        "没有提供可供比较的清单。",
        "inventory": "清单为 {total} {unit}：{state}",
        "not assessed": "清单未评估：{reason}",
        "unchecked": "，覆盖率未经检验",
        "widened": "，经覆盖率检验放宽为 {factor} 倍",
        "districts": "{n} 个区县市：{counts}。",
        "count": "{n} 个{state}",
        "pause": "；",
        "list": "、",
        DISAGREES: "最大的不一致：{place}，清单{direction} {delta}{left}。",
        DIFFERS: "自报不确定度之内的最大差异：{place}，大气观测{side}清单 {delta}{left}。",
        TENSION: "最大的偏差（尚不能确认）：{place}，大气观测{side}清单 {delta}{left}。",
        NOT_DETERMINED: "本结果的局限：观测无法判定 {n} 个总量（{places}）{left}。",
        "all not assessed": "本结果的局限：{reason}{left}。",
        "quiet": "没有发现与清单有差异的总量{left}。",
        "left": "；未使用的站点：{stations}",
        "too low": "偏低",
        "too high": "偏高",
        "above": "高于",
        "below": "低于",
    },
}


def headline(rows: Sequence[Mapping[str, Any]], language: str) -> tuple[str, ...]:
    """Return the sentences that open the page, from the table's rows alone.

    Parameters
    ----------
    rows : sequence of mapping
        All rows of `verdict_rows` of one batch, the city's among them.
    language : {"en", "zh"}
        Language.

    Returns
    -------
    tuple of str
        The city's posterior total with its interval and verdict; where there are districts, these
        counted by state, no two states folded into one; the largest difference, or what limits the
        result where the first has not said it.
    """
    cities = [row for row in rows if row["family"] == "city"]
    if len(cities) != 1:
        msg = (
            f"the verdict table must hold one row of the city; got {len(cities)} in a headline. "
            "Give the rows of one batch."
        )
        raise ValueError(msg)
    city = cities[0]
    said = [_say_total(city, language)]
    if city["reason_code"] == NONE_GIVEN:
        return tuple(said)
    districts = [row for row in rows if row["family"] == "districts"]
    if [row["region"] for row in districts] not in ([], ["domain"]):  # none, or the whole again
        said.append(_say_districts(districts, language))
    limit = _say_limit(rows, city, language)
    if limit != _TEXT[language]["all not assessed"].format(
        reason=reason_text(city, language) if city["verdict"] == NOT_ASSESSED else "", left=""
    ):
        said.append(limit)
    return tuple(said)


def _say_total(city: Mapping[str, Any], language: str):
    text = _TEXT[language]
    factor = city["inflation"]
    total = city["posterior"] / tonnes_per_unit(city)
    half = SCORE * city["posterior_sd"] * (factor or 1.0) / tonnes_per_unit(city)
    decimals = decimals_for(half)
    coverage = ""
    if factor is None:
        coverage = text["unchecked"]
    elif factor > 1:
        coverage = text["widened"].format(factor=format_number(factor, 2))
    return text["alone" if city["reason_code"] == NONE_GIVEN else "total"].format(
        subject=subject(city, language),
        total=format_number(total, decimals),
        unit=unit_text(city),
        interval=format_interval(total - half, total + half, decimals, language),
        coverage=coverage,
        inventory=_say_inventory(city, decimals, language),
    )


def _say_inventory(city: Mapping[str, Any], decimals: int, language: str):
    text = _TEXT[language]
    if city["verdict"] == NOT_ASSESSED:
        return text["not assessed"].format(reason=reason_text(city, language))
    return text["inventory"].format(
        total=format_number(city["inventory_total"] / tonnes_per_unit(city), decimals),
        unit=unit_text(city),
        state=STATE_NAMES[city["verdict"]][language] + _say_clause(city, language),
    )


def _say_clause(city: Mapping[str, Any], language: str):
    """Return what must not be missing beside *agrees* and *not determined*."""
    clause = _CLAUSES.get(city["verdict"], {}).get(language, "")
    return clause.format(D=detectable_text(city, language)) if "{D}" in clause else clause


def _say_districts(districts: list[Mapping[str, Any]], language: str):
    text = _TEXT[language]
    found = Counter(row["verdict"] for row in districts)
    counts = [
        text["count"].format(n=found[state], state=_COUNTED[state][language]) for state in STATES
    ]
    return text["districts"].format(n=len(districts), counts=text["pause"].join(counts))


def _say_limit(rows: Sequence[Mapping[str, Any]], city: Mapping[str, Any], language: str):
    text = _TEXT[language]
    names = sorted(json.loads(city.get("excluded_stations") or "{}"))
    left = text["left"].format(stations=text["list"].join(names)) if names else ""
    for state in (DISAGREES, DIFFERS, TENSION):
        found = [row for row in rows if row["verdict"] == state]
        if found:
            return _say_largest(found, language, left)
    if city["verdict"] == NOT_ASSESSED:
        return text["all not assessed"].format(reason=reason_text(city, language), left=left)
    unseen = [row for row in rows if row["verdict"] == NOT_DETERMINED]
    if unseen:
        places = text["list"].join(place(row, language) for row in unseen)
        return text[NOT_DETERMINED].format(n=len(unseen), places=places, left=left)
    return text["quiet"].format(left=left)


def _say_largest(found: list[Mapping[str, Any]], language: str, left: str):
    text = _TEXT[language]
    row = max(found, key=lambda row: abs(row["atmosphere_only"] - row["inventory_total"]))
    above = row["atmosphere_only"] >= row["inventory_total"]
    return text[row["verdict"]].format(
        place=place(row, language),
        direction=text["too low" if above else "too high"],
        side=text["above" if above else "below"],
        delta=difference_text(row, language),
        left=left,
    )

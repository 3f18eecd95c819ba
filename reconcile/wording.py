"""Codes and names come in; the words for them in English and Chinese go out."""

import math
from collections.abc import Mapping
from typing import Any

from reconcile.verdict import (
    AGREES,
    DETECTABLE_SHARE,
    DIFFERS,
    DISAGREES,
    INFORMATION_LIMIT,
    NOT_ASSESSED,
    NOT_DETERMINED,
    NULL_LIMIT,
    TENSION,
)

LANGUAGES = ("en", "zh")

BANNED = {
    "en": ("prove", "true", "accurate", "misreport", "compliant"),
    "zh": ("证明", "准确", "真实排放", "虚报", "瞒报", "达标"),
}

STATE_NAMES = {
    AGREES: {"en": "agrees", "zh": "一致"},
    TENSION: {"en": "tension, not established", "zh": "存在偏差，尚不能确认"},
    DIFFERS: {
        "en": "differs, within the inventory's declared uncertainty",
        "zh": "有差异，但在清单自报不确定度之内",
    },
    DISAGREES: {"en": "disagrees", "zh": "不一致"},
    NOT_DETERMINED: {"en": "not determined", "zh": "无法判定"},
    NOT_ASSESSED: {"en": "not assessed", "zh": "未评估"},
}

SECTOR_NAMES = {
    "all": {"en": "all sectors", "zh": "全部行业"},
    "net": {"en": "net flux", "zh": "净通量"},
    "power": {"en": "power", "zh": "电力"},
    "industry": {"en": "industry", "zh": "工业"},
    "buildings": {"en": "buildings", "zh": "建筑"},
    "transport": {"en": "transport", "zh": "交通"},
    "waste": {"en": "waste", "zh": "废弃物"},
    "gpp": {"en": "photosynthesis", "zh": "光合作用"},
    "respiration": {"en": "respiration of vegetation and soil", "zh": "植被和土壤呼吸"},
    "human_respiration": {"en": "human respiration", "zh": "人体呼吸"},
}

REASONS = {
    "none_given": {
        "en": "no inventory was given",
        "zh": "没有提供清单",
    },
    "no_inventory": {
        "en": "the inventory has no number for this total",
        "zh": "清单没有这一总量的数值",
    },
    "unlike_scope": {
        "en": "the inventory covers scope {detail}, the air shows scope 1 only",
        "zh": "清单为范围 {detail}，大气只反映范围 1",
    },
    "unlike_gas": {
        "en": "the inventory counts {detail}, another gas",
        "zh": "清单统计的是另一种气体（{detail}）",
    },
    "unlike_boundaries": {
        "en": "the inventory uses other boundaries ({detail})",
        "zh": "清单采用另一版边界（{detail}）",
    },
    "unlike_period": {
        "en": "the inventory does not describe this period",
        "zh": "清单不对应这一时段",
    },
    "station_silent": {
        "en": "a required station gave no usable data: {detail}",
        "zh": "必需站点没有可用数据：{detail}",
    },
    "no_certificate": {
        "en": "the coverage of this network's intervals has not been checked",
        "zh": "本网络的区间覆盖率尚未检验",
    },
    "failed_certificate": {
        "en": "the coverage check of this network failed",
        "zh": "本网络的覆盖率检验未通过",
    },
    "diagonal_mismatch": {
        "en": "the errors of the model were taken as uncorrelated",
        "zh": "模式误差被当作互不相关",
    },
}

_NUMERIC_REASONS = {
    "low_information": "information {information:.3g} is below {information_limit}",
    "null_directions": "null fraction {null_fraction:.3g} is above {null_limit}",
    "weak_test": "detectable difference over inventory is {ratio}, its limit {share}",
    "beyond_declared": "beyond the declared uncertainty; {members}",
    "undeclared": "the inventory declares no uncertainty; {members}",
    "within_declared": "within the declared uncertainty; {members}",
    "tension": "z_number reaches 1.96 but not all conditions of a disagreement hold; {members}",
    "no_detectable_difference": "no detectable difference; {members}",
}


def reason_text(row: Mapping[str, Any], language: str) -> str:
    """Return the reason of a verdict as a short phrase.

    Parameters
    ----------
    row : mapping
        `reason_code`, `reason_detail` and the numbers of a verdict row, in any one unit.
    language : {"en", "zh"}
        Chinese exists for *not assessed*; the other states speak through their sentence.

    Returns
    -------
    str
    """
    code = row["reason_code"]
    if code in REASONS:
        return REASONS[code][language].format(detail=row["reason_detail"])
    return _NUMERIC_REASONS[code].format(
        information=row["information"],
        information_limit=INFORMATION_LIMIT,
        null_fraction=row["null_fraction"],
        null_limit=NULL_LIMIT,
        ratio=_ratio_text(row),
        share=DETECTABLE_SHARE,
        members=_members_text(row),
    )


def _ratio_text(row: Mapping[str, Any]):
    """D/|T_I|, in words where one of them does not exist."""
    parts = row["detectable"], row["inventory_total"]
    if any(part is None or not math.isfinite(part) for part in parts) or parts[1] == 0:
        return "without measure"
    return f"{parts[0] / abs(parts[1]):.3g}"


def _members_text(row: Mapping[str, Any]):
    if row["members"] == 1:
        return "one setting only, its share waived"
    return f"{row['members_agreeing']} of {row['members']} settings beyond 1.96 on this side"


def subject(row: Mapping[str, Any], language: str) -> str:
    """Return region, sector and period of a row as the reader names them.

    Parameters
    ----------
    row : mapping
        `region`, `sector`, `period_start`, `period_end`; `region_name`, `region_name_local` and
        `period` where known.
    language : {"en", "zh"}
        Language.

    Returns
    -------
    str
        Such as "Xihu District, transport, 2026-06".
    """
    parts = [place(row, language), row.get("period") or _period_text(row)]
    return {"en": ", ", "zh": "，"}[language].join(parts)


def place(row: Mapping[str, Any], language: str) -> str:
    """Return region and sector of a row without its period."""
    key = {"en": "region_name", "zh": "region_name_local"}[language]
    region = row.get(key) or row["region"]
    if row["sector"] == "all":
        return region
    sector = SECTOR_NAMES.get(row["sector"], {}).get(language, row["sector"])
    return {"en": ", ", "zh": "，"}[language].join([region, sector])


def _period_text(row: Mapping[str, Any]):
    """Both bounds in UTC, as digits alone so that all languages share them."""
    return f"{row['period_start']}/{row['period_end']}"


def page_notes(language: str) -> tuple[str, ...]:
    """Return what a page says once for all its sentences: level, scope, living nature."""
    return {
        "en": (
            "Intervals hold 95 %.",
            "Scope 1 only (direct emissions inside the city), imported electricity excluded; "
            "vegetation, soil and human respiration are estimated apart.",
            "Totals are of the period, not annualised.",
        ),
        "zh": (
            "区间均为 95% 区间。",
            "仅范围 1（本地直接排放），不含外购电力；植被、土壤和人体呼吸另行估算。",
            "总量为本时段总量，未折合年。",
        ),
    }[language]

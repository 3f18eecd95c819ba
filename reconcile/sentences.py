"""One row of the verdict table comes in; one sentence in English or Chinese goes out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.rounding import (
    decimals_for,
    format_interval,
    format_number,
    format_percent,
)
from reconcile.verdict import (
    AGREES,
    DIFFERS,
    DISAGREES,
    INFORMATION_LIMIT,
    NOT_ASSESSED,
    NOT_DETERMINED,
    NULL_LIMIT,
    SCORE,
    TENSION,
)
from reconcile.wording import LANGUAGES, reason_text, subject

# A city emits megatonnes of CO2 and kilotonnes of any other gas.
_TONNES = {"CO2": (1e6, "Mt")}
_OTHER_GAS = (1e3, "kt")

_TEMPLATES = {
    (NOT_ASSESSED, "en"): "Not assessed: {reason}.",
    (NOT_ASSESSED, "zh"): "未评估：{reason}。",
    ("unseen", "en"): (
        "{subject}: the observations cannot determine whether the inventory is right "
        "({share}). This is not agreement."
    ),
    ("unseen", "zh"): "{subject}：观测信息不足，无法判定清单是否正确（{share}）。这不表示一致。",
    (NOT_DETERMINED, "en"): (
        "Not determined: a difference below {D} could not have been seen. This is not agreement."
    ),
    (NOT_DETERMINED, "zh"): "无法判定：小于 {D}的差异本网络看不出来。这不表示一致。",
    (DISAGREES, "en"): (
        "Disagrees: the atmosphere supports {T_d} (95 % interval {interval}); the inventory says "
        "{T_I}, {direction} by {delta}, {declared}; {settings}."
    ),
    (DISAGREES, "zh"): (
        "不一致：大气观测支持 {T_d}（95% 区间 {interval}），清单为 {T_I}，"
        "清单{direction} {delta}，{declared}；{settings}。"
    ),
    (DIFFERS, "en"): (
        "Differs, within the inventory's declared uncertainty: the atmosphere is {side} it "
        "by {delta}."
    ),
    (DIFFERS, "zh"): "有差异，但在清单自报不确定度之内：大气观测{side}清单 {delta}。",
    (TENSION, "en"): (
        "Tension, not established: the atmosphere is {side} the inventory by {delta}."
    ),
    (TENSION, "zh"): "存在偏差，尚不能确认：大气观测{side}清单 {delta}。",
    (AGREES, "en"): (
        "Agrees: atmosphere {T_d} ({interval}) and inventory {T_I} do not differ detectably; "
        "a real difference of {D} would have been flagged with 80 % probability."
    ),
    (AGREES, "zh"): (
        "一致：大气观测 {T_d}（{interval}）与清单 {T_I} 无可检出差异；"
        "若真实差异达到 {D}，有 80% 把握被标出。"
    ),
}

_WORDS = {
    "en": {
        "too low": "too low",
        "too high": "too high",
        "above": "above",
        "below": "below",
        "beyond": "beyond its declared uncertainty",
        "undeclared": "the inventory declares no uncertainty",
        "settings": "{m} of {n} settings give the same",
        "one setting": "one setting only",
        "informs": "they contribute {percent}",
        "invisible": "{percent} of this total is invisible to the network",
        "bracket": " ({})",
        "preliminary": "Preliminary: ",
    },
    "zh": {
        "too low": "偏低",
        "too high": "偏高",
        "above": "高于",
        "below": "低于",
        "beyond": "超出其自报不确定度",
        "undeclared": "清单未申报不确定度",
        "settings": "{n} 组设定中 {m} 组结论相同",
        "one setting": "仅一组设定",
        "informs": "观测仅占 {percent}",
        "invisible": "该总量有 {percent} 不可见",
        "bracket": "（{}）",
        "preliminary": "初步：",
    },
}


@dataclass(frozen=True)
class Amounts:
    """Numbers of a row in the unit people read and the decimals they are printed with."""

    atmosphere: float
    inventory: float
    half_width: float
    unit: str

    @property
    def decimals(self) -> int:
        """Return the decimals that the 95 % interval earns."""
        return decimals_for(self.half_width)

    def amount(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{format_number(value, self.decimals)} {self.unit}"

    def interval(self, centre: float, language: str) -> str:
        """Return the 95 % interval around a value."""
        ends = centre - self.half_width, centre + self.half_width
        return format_interval(*ends, self.decimals, language)


def sentence(row: Mapping[str, Any], language: str) -> str:
    """Return the sentence of one verdict row.

    Parameters
    ----------
    row : mapping
        A row of `verdict_rows`: totals in t over the period, None where a value does not exist.
    language : {"en", "zh"}
        Language.

    Returns
    -------
    str
        A pure function of the row; Mt or kt of the period, uncertainties to two significant digits.
    """
    if language not in LANGUAGES:
        msg = (
            f"a language must be one of {', '.join(LANGUAGES)}; got {language} in a sentence. "
            "Choose one of them."
        )
        raise ValueError(msg)
    if row["unit"] != "t":
        msg = (
            f"a verdict row must be in t; got {row['unit']} in {row['region']}/{row['sector']}. "
            "Use the rows of verdict_rows."
        )
        raise ValueError(msg)
    prefix = _WORDS[language]["preliminary"] if row.get("preliminary") == "yes" else ""
    return prefix + _fill(row, language)


def _fill(row: Mapping[str, Any], language: str):
    words, state = _WORDS[language], row["verdict"]
    if state == NOT_ASSESSED:
        reason = reason_text(row, language) if row.get("reason_code") else row["reason"]
        return _TEMPLATES[state, language].format(reason=reason)
    unseen = _unseen_share(row, language)
    if state == NOT_DETERMINED and unseen:
        template = _TEMPLATES["unseen", language]
        return template.format(subject=subject(row, language), share=unseen)
    numbers = read_amounts(row)
    fields = {"D": detectable_text(row, language)}
    if state != NOT_DETERMINED:
        above = numbers.atmosphere >= numbers.inventory
        fields |= {
            "T_d": numbers.amount(numbers.atmosphere),
            "T_I": numbers.amount(numbers.inventory),
            "interval": numbers.interval(numbers.atmosphere, language),
            "direction": words["too low" if above else "too high"],
            "side": words["above" if above else "below"],
            "delta": difference_text(row, language),
            "declared": words["undeclared" if _missing(row["z_declared"]) else "beyond"],
            "settings": _settings_text(row, words),
        }
    return _TEMPLATES[state, language].format(**fields)


def read_amounts(row: Mapping[str, Any]) -> Amounts:
    """Return atmosphere, inventory and half width of a row in the unit people read."""
    return Amounts(
        atmosphere=row["atmosphere_only"] / tonnes_per_unit(row),
        inventory=row["inventory_total"] / tonnes_per_unit(row),
        half_width=SCORE * row["atmosphere_only_sd"] / tonnes_per_unit(row),
        unit=unit_text(row),
    )


def tonnes_per_unit(row: Mapping[str, Any]) -> float:
    """Return the tonnes in one of the unit people read."""
    return _TONNES.get(row.get("gas") or "CO2", _OTHER_GAS)[0]


def unit_text(row: Mapping[str, Any]) -> str:
    """Return the unit people read, such as Mt CO₂."""
    gas = row.get("gas") or "CO2"
    return f"{_TONNES.get(gas, _OTHER_GAS)[1]} {gas.translate(str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉'))}"


def difference_text(row: Mapping[str, Any], language: str) -> str:
    """Return |T_d − T_I| with its interval, such as "0.90 Mt CO₂ (0.31–1.49)"."""
    numbers = read_amounts(row)
    difference = abs(numbers.atmosphere - numbers.inventory)
    bracket = _WORDS[language]["bracket"]
    return numbers.amount(difference) + bracket.format(numbers.interval(difference, language))


def detectable_text(row: Mapping[str, Any], language: str) -> str:
    """Return D with its share of the inventory, such as "0.63 Mt CO₂ (12 %)"."""
    size = row["detectable"] / tonnes_per_unit(row)
    amount = f"{format_number(size, decimals_for(size))} {unit_text(row)}"
    if row["inventory_total"] == 0:
        return amount
    share = format_percent(row["detectable"] / abs(row["inventory_total"]), language)
    return amount + _WORDS[language]["bracket"].format(share)


def _unseen_share(row: Mapping[str, Any], language: str):
    """Words of rule 2, or None where rule 5 spoke; rounded away from their limit."""
    words = _WORDS[language]
    if row["null_fraction"] > NULL_LIMIT:
        share = math.ceil(100 * min(row["null_fraction"], 1.0)) / 100
        return words["invisible"].format(percent=format_percent(share, language))
    if row["information"] < INFORMATION_LIMIT:
        share = math.floor(100 * max(row["information"], 0.0)) / 100
        return words["informs"].format(percent=format_percent(share, language))
    return None


def _settings_text(row: Mapping[str, Any], words: Mapping[str, str]):
    if row["members"] == 1:
        return words["one setting"]
    return words["settings"].format(m=row["members_agreeing"], n=row["members"])


def _missing(value: Any):
    return value is None or math.isnan(value)

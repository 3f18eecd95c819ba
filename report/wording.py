"""A key or a number comes in; the same words in English and in Chinese go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Pair(NamedTuple):
    """One text in the page's two languages."""

    en: str
    zh: str


def same(text: str) -> Pair:
    """Return a text that is the same in both languages (a name, a number).

    Examples
    --------
    >>> same("CO₂").zh
    'CO₂'
    """
    return Pair(text, text)


SECTORS = {
    "all": Pair("All inventory sectors", "清单全部行业"),
    "net": Pair("Net flux", "净通量"),
    "power": Pair("Power", "电力"),
    "industry": Pair("Industry", "工业"),
    "buildings": Pair("Buildings", "建筑"),
    "transport": Pair("Transport", "交通"),
    "waste": Pair("Waste", "废弃物"),
    "gpp": Pair("Uptake (GPP)", "光合吸收（GPP）"),
    "respiration": Pair("Respiration", "生态系统呼吸"),
    "human_respiration": Pair("Human respiration", "人体呼吸"),
}

LAYERS = {
    "posterior": Pair("Posterior", "后验通量"),
    "prior": Pair("Prior", "先验通量"),
    "adjustment": Pair("Adjustment", "调整量"),
    "uncertainty": Pair("Uncertainty (1 sd)", "不确定度（1 倍标准差）"),
    "information": Pair("Information", "观测信息量"),
}

VERDICTS = {
    "agrees": ("✓", Pair("Agrees", "一致")),
    "differs_within_declared": (
        "≈",
        Pair("Differs, within declared", "有差异，在自报不确定度之内"),
    ),
    "tension": ("!", Pair("Tension", "存在偏差，尚不能确认")),
    "disagrees": ("✗", Pair("Disagrees", "不一致")),
    "not_determined": ("?", Pair("Not determined", "无法判定")),
    "not_assessed": ("–", Pair("Not assessed", "未评估")),
}


def sector_name(sector: str) -> Pair:
    """Return a sector's name; an unknown one keeps the user's own word in both languages."""
    return SECTORS.get(sector, same(sector.replace("_", " ")))


def listed(names: Sequence[str]) -> Pair:
    """Return names in a row, parted as each language parts them.

    Examples
    --------
    >>> listed(["A", "B"])
    Pair(en='A, B', zh='A、B')
    """
    return Pair(", ".join(names), "、".join(names))


def verdict_key(verdict: str) -> str:
    """Return the key in ``VERDICTS`` of a verdict as reconcile wrote it.

    Parameters
    ----------
    verdict : str
        Such as ``agrees``, ``not determined`` or ``differs, within declared``.

    Returns
    -------
    str
        One of the six keys (SCIENCE 2.15 i).

    Examples
    --------
    >>> verdict_key("Not determined (weak test)")
    'not_determined'
    """
    word = verdict.strip().lower().replace("_", " ").replace("-", " ")
    for key in sorted(VERDICTS):
        stem = "differs" if key == "differs_within_declared" else key.replace("_", " ")
        if word.startswith(stem):
            return key
    msg = (
        f"verdict must be one of {', '.join(sorted(VERDICTS))}; got {verdict!r} in reconciliation. "
        "Write the reconciliation again with this version of reconcile."
    )
    raise ValueError(msg)

"""What a run had and did comes in; its method and its limits, in sentences of two languages, go out."""

from __future__ import annotations

from typing import Any

from report.inputs import ReportInputs
from report.names import names_of
from report.page.hours import hours_used
from report.units import Units
from report.wording import Pair


def method_sentences(inputs: ReportInputs, units: Units) -> list[Pair]:
    """Return eight sentences for an inversion, five for a network alone.

    Parameters
    ----------
    inputs : ReportInputs
        The run.
    units : Units
        For the name of the gas.
    """
    if not inputs.batches:
        return _network_method(units.gas)
    gas, settings = units.gas, inputs.settings
    return [
        _records(inputs, gas),
        _transport(settings),
        _prior(settings),
        _background(settings),
        Pair(
            "Bayes' rule for normal errors joins them: fluxes, background offsets and, where there is one, a transport scale at once, with their full covariance.",
            "以正态误差的贝叶斯法则同时估计通量、背景偏移及（如设定）输送比例及其完整协方差。",
        ),
        Pair(
            "For every total the prior is then removed exactly, which leaves what the atmosphere alone says.",
            "随后对每个总量精确移除先验，得到仅由大气给出的结果。",
        ),
        _comparison(inputs),
        Pair(
            "Many made-up truths test how often the 95 % intervals hold; without that certificate nothing is judged.",
            "用多组人造真值检验 95% 区间的覆盖率；没有证书则不作判断。",
        ),
    ]


def _records(inputs: ReportInputs, gas: str):
    hours = hours_used(inputs)
    if hours is None:
        return Pair(
            f"Mole fractions of {gas} were given as observations, chosen by those who gave them.",
            f"{gas} 摩尔分数以观测形式给出，时段由提供者选定。",
        )
    if hours.whole_day:
        return Pair(
            f"Towers measure the mole fraction of {gas} hour by hour; all hours of the day are used.",
            f"高塔逐时测量 {gas} 摩尔分数；使用全天各时段。",
        )
    return Pair(
        f"Towers measure the mole fraction of {gas} hour by hour; the afternoon hours with well-mixed air are used.",
        f"高塔逐时测量 {gas} 摩尔分数；使用混合充分的午后时段。",
    )


def _transport(settings: Any):
    if getattr(settings, "transport", True) is None:
        return Pair(
            "A Jacobian that was given says how much each place and time upwind contributes to each measured hour.",
            "给定的雅可比矩阵说明上风向各地各时对每个观测小时的贡献。",
        )
    return Pair(
        "A transport model says how much each place and hour upwind contributes to each measured hour.",
        "输送模式给出上风向各地各时对每个观测小时的贡献。",
    )


def _prior(settings: Any):
    if getattr(settings, "inventories", True) is None:
        return Pair(
            "The fluxes expected beforehand, with their uncertainty, were given.",
            "先验通量及其不确定度由外部给定。",
        )
    return Pair(
        "Inventories and a biosphere model give the fluxes expected beforehand, with their uncertainty.",
        "清单与生物圈模式给出先验通量及其不确定度。",
    )


def _background(settings: Any):
    if getattr(settings, "background", True) is None:
        return Pair(
            "The air that enters is a background that was given; where it has offsets of its own, these are estimated with the fluxes.",
            "流入的空气为给定背景；若其自身有偏移，则与通量一同估计。",
        )
    return Pair(
        "The air that enters the city is a background with its own error, estimated with the fluxes.",
        "进入城市的空气为背景，其误差与通量一同估计。",
    )


def _comparison(inputs: ReportInputs):
    if all(batch.inventory is None for batch in inputs.batches):
        return Pair(
            "No inventory was given, so nothing is compared: the page tells prior, atmosphere alone and posterior.",
            "未给出清单，因此不作比较：本页只给出先验、仅大气的结果与后验。",
        )
    return Pair(
        "That number, not the posterior, is compared with the inventory; six states are told apart, and totals the network cannot see are called not determined.",
        "与清单比较的是该结果而非后验；区分六种结论，网络看不到的总量称为无法判定。",
    )


def _network_method(gas: str):
    return [
        Pair(
            f"Every file is read line by line; each record of {gas} is kept, or put aside with a reason.",
            f"逐行读取每个文件；每条 {gas} 记录或保留，或附理由隔离。",
        ),
        Pair(
            "Records are averaged to hours in UTC; flags say why an hour is not used, and none is deleted.",
            "记录按世界时平均到小时；标记说明某小时为何不用，不删除任何小时。",
        ),
        Pair(
            "A baseline follows the clean air at each station.",
            "基线描述各站的清洁空气。",
        ),
        Pair(
            "Each station is compared with the others day by day: completeness, offset and drift.",
            "各站逐日互相比较：完整率、偏差与漂移。",
        ),
        Pair(
            "Checks that need no setting look for what a person must decide; they change no number.",
            "无需设定的检查找出需人工判断之处；它们不改变任何数值。",
        ),
    ]


def limit_sentences(inputs: ReportInputs, *, with_maps: bool) -> list[Pair]:
    """Return what must not be read into the numbers of a page.

    Parameters
    ----------
    inputs : ReportInputs
        The run.
    with_maps : bool
        True where the page has maps.
    """
    if not inputs.batches:
        return _network_limits()
    found = [_hours_limit(inputs)]
    if any(batch.inventory is not None for batch in inputs.batches):
        found += [
            Pair(
                "“Agrees” means that no difference could be detected, not that there is none. “Not determined” is not agreement.",
                "“一致”指未检出差异，而非没有差异；“无法判定”不表示一致。",
            ),
            Pair(
                "The verdict is about a number of the inventory, not about those who made it.",
                "结论针对清单的数值，而非编制者。",
            ),
        ]
    found.append(
        Pair(
            "Intervals hold for the errors assumed above; an error nobody listed is not in them.",
            "区间只包含上文列出的误差；未列出的误差不在其中。",
        )
    )
    if with_maps:
        found.append(
            Pair(
                "A posterior value in a hatched area is the prior's.", "斜线区内的后验值即先验值。"
            )
        )
    return found


def _hours_limit(inputs: ReportInputs):
    hours = hours_used(inputs)
    if hours is None:
        return Pair(
            "The hours of the day are those of the observations that were given.",
            "所用时段取决于给定的观测。",
        )
    if hours.whole_day:
        return Pair(
            "All hours of the day are inverted, nights included, whose shallow mixing transport models know poorly.",
            "反演全天各时段，含夜间；输送模式难以准确描述夜间浅薄的混合层。",
        )
    return Pair(
        "Only afternoon hours are inverted; a day's total rests on the assumed hourly profile of each sector.",
        "仅反演午后时段；日总量取决于各行业假定的逐时变化。",
    )


def _network_limits():
    return [
        Pair("No flux was estimated in this run.", "本次运行未估计任何通量。"),
        Pair(
            "A finding says what the data look like, not why; a person decides.",
            "“发现”说明数据的样子而非原因；由人来判断。",
        ),
        Pair(
            "No finding does not mean that nothing is wrong: a check sees only what it was made for.",
            "没有发现不等于没有问题：每项检查只看其针对之处。",
        ),
    ]


def synthetic_words(inputs: ReportInputs) -> Pair:
    """Return what is said of made-up data: a whole city, or observations on real transport."""
    if getattr(inputs.settings, "synthetic_records", None) is not None:
        return Pair(
            "Observations made up from a known truth. No number here was measured.",
            "观测由已知真值生成。本页任何数字都不是实测。",
        )
    return Pair(
        "An invented city with a known truth. No number here describes a real place.",
        "虚构城市，真值已知。本页任何数字都不描述真实地点。",
    )


def places_words(inputs: ReportInputs) -> Pair:
    """Return what the parts of the whole are called in a sentence."""
    if inputs.batches and names_of(inputs.batches[0]).of_regions:
        return Pair("regions", "区域")
    return Pair("districts", "区县")

"""A row of the table of errors comes in; its name, what it depends on and how it fades go out in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from report.wording import Pair, same

_KINDS = {
    "instrument": "仪器",
    "representation": "代表性",
    "transport": "传输",
    "background": "背景",
    "gradient": "背景梯度",
    "diurnal": "日变化幅度",
    "sensor": "传感器偏差",
    "prior fluxes": "先验通量",
}
_SPANS = {"by day": "逐日", "common to the batch": "全批共同"}
_SHARED = {
    "local_day": Pair("one error a local day", "每个当地日一个误差"),
    "local_day_and_wind_sector": Pair(
        "one error a local day and wind sector", "每个当地日与风向扇区一个误差"
    ),
    "group": Pair("independent from group to group", "各组之间独立"),
}


def component_name(component: Pair | str) -> Pair:
    """Return the name of a term; a name that is not known stays as it is.

    Examples
    --------
    >>> component_name("background, by day").zh
    '背景（逐日）'
    >>> component_name("my_own").zh
    'my own'
    """
    if isinstance(component, Pair):
        return component
    kind, _, span = component.partition(", ")
    plain = component.replace("_", " ")
    if kind not in _KINDS or (span and span not in _SPANS):
        return same(plain)
    return Pair(plain, _KINDS[kind] + (f"（{_SPANS[span]}）" if span else ""))


def depends_on(row: Mapping[str, Any]) -> Pair | None:
    """Return on what a term depends: hour, class, day, wind sector, distance; None where on none.

    Examples
    --------
    >>> depends_on({"by_local_hour": [[19, 7, 2.0]], "by_class": {"midcost": 3.0}}).en
    '× 2 from 19 to 7 h local time, × 3 for class midcost'
    """
    said = [_SHARED[row["shared_by"]]] if row.get("shared_by") in _SHARED else []
    for start, stop, factor in row.get("by_local_hour", ()):
        english = f"× {factor:g} from {start} to {stop} h local time"
        said.append(Pair(english, f"当地时间 {start} 至 {stop} 时 × {factor:g}"))
    for name, factor in sorted(row.get("by_class", {}).items()):
        said.append(Pair(f"× {factor:g} for class {name}", f"{name} 级仪器 × {factor:g}"))
    if row.get("across_sites_efolding_km") is not None:
        distance = f"{row['across_sites_efolding_km']:g} km"
        said.append(
            Pair(f"between sites fading over {distance}", f"站间相关随距离衰减（{distance}）")
        )
    return _joined(said, ", ", "，") if said else None


def fades(row: Mapping[str, Any]) -> Pair | None:
    """Return how a term's errors hang together in time and between sites; None where nobody said.

    Examples
    --------
    >>> fades({"correlation_time_hours": 7.0, "across_sites": 0.25}).en
    'correlation time 7 h · between sites 0.25'
    >>> fades({"correlation_time_hours": 0.0, "across_sites": 0.0}).zh
    '逐时独立 · 站间独立'
    """
    said, tau = [], row.get("correlation_time_hours")
    if row.get("shared_by") in _SHARED:
        said.append(_SHARED[row["shared_by"]])
    elif tau == 0.0:
        said.append(Pair("independent from hour to hour", "逐时独立"))
    if tau:
        said.append(Pair(f"correlation time {tau:.3g} h", f"相关时间 {tau:.3g} h"))
    elif tau is None and row.get("across_days") is not None and not said:
        value = _signed(row["across_days"])
        said.append(Pair(f"with the next day {value}", f"与次日 {value}"))
    sites = row.get("across_sites")
    if sites == 0.0:
        said.append(Pair("independent between sites", "站间独立"))
    elif sites is not None:
        said.append(Pair(f"between sites {_signed(sites)}", f"站间 {_signed(sites)}"))
    return _joined(said, " · ", " · ") if said else None


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _joined(parts: list[Pair], english: str, chinese: str) -> Pair:
    return Pair(english.join(part.en for part in parts), chinese.join(part.zh for part in parts))

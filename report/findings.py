"""The network's status comes in; what a person must look at, in two languages, goes out."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from report.wording import Pair, same

VARIABLES = ("finding_kind", "finding_station", "finding_text", "finding_text_local")
KINDS = {
    "clock": Pair("clock", "时钟"),
    "level": Pair("level", "数值水平"),
    "scale": Pair("scale", "标尺"),
    "carried_background": Pair("background that records carry", "记录所带背景值"),
    "receptor_clock": Pair("time of receptor files", "受体文件时间"),
    "receptor_value": Pair("values of receptor files", "受体文件数值"),
    "step": Pair("step behind a gap", "间断后的台阶"),
    "inlet_swap": Pair("swapped inlets", "进气口互换"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that a check noticed by itself.

    Parameters
    ----------
    kind : str
        Which check, such as ``clock``.
    station : str
        Empty where it concerns the whole network.
    text : Pair
        The sentence.
    """

    kind: str
    station: str
    text: Pair

    @property
    def name(self) -> Pair:
        """Return the kind in words; an unknown one keeps its own word in both languages."""
        return KINDS.get(self.kind, same(self.kind.replace("_", " ")))

    @property
    def label(self) -> Pair:
        """Return station and kind in a few words."""
        return Pair(
            *(" · ".join(part for part in (self.station, word) if part) for word in self.name)
        )


def list_findings(status: xr.Dataset | None) -> list[Finding]:
    """Return the findings in the order in which the network's checks wrote them.

    Parameters
    ----------
    status : Dataset or None
        Contract ``network_status``; the variables ``finding_*`` are optional.
    """
    if status is None or any(name not in status for name in VARIABLES):
        return []
    columns = [status[name].values.astype(str).tolist() for name in VARIABLES]
    return [
        Finding(kind, station, Pair(english, local or english))
        for kind, station, english, local in zip(*columns, strict=True)
    ]

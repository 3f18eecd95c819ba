"""The settings of a run come in; which part of the local day its observations come from goes out."""

from __future__ import annotations

from dataclasses import dataclass

from report.inputs import ReportInputs
from report.wording import Pair

WHOLE = (0, 24)


@dataclass(frozen=True)
class Hours:
    """Which hours are used, and how a badge says it."""

    whole_day: bool
    badge: Pair


def hours_used(inputs: ReportInputs) -> Hours | None:
    """Return the hours that the settings choose; None where observations were given as such."""
    section = getattr(inputs.settings, "stations", None)
    if section is None and not inputs.stations:
        return None
    chosen = tuple(getattr(section, "local_hours", (12, 17)))
    if chosen == WHOLE:
        return Hours(whole_day=True, badge=Pair("all hours of the day", "全天各时段"))
    badge = Pair("afternoon-constrained", "由午后观测约束")
    return Hours(whole_day=False, badge=badge)

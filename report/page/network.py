"""The network's part of a run comes in; everything its section of the page shows goes out."""

from __future__ import annotations

from typing import Any

from report.charts.network import completeness_chart
from report.charts.records import record_chart
from report.counts import attribute_counts, flatten
from report.evidence import source_of
from report.findings import list_findings
from report.inputs import ReportInputs
from report.network import file_rows, record_rows, status_rows
from report.units import Units
from report.wording import Pair, listed


def network_section(inputs: ReportInputs, units: Units) -> dict[str, Any] | None:
    """Return rows, findings and charts of the network; None where there are no records.

    Parameters
    ----------
    inputs : ReportInputs
        Records themselves are drawn only where the page has no inversion to show.
    units : Units
        In which mole fractions are given.
    """
    status = inputs.network_status
    if status is None:
        return None
    offset = inputs.settings.time.utc_offset_hours
    alone = not inputs.batches
    return {
        "rows": status_rows(status, inputs.stations, units),
        "svg": completeness_chart(status, offset),
        "findings": list_findings(status),
        "source": source_of(inputs.provenance, "network_status.nc"),
        "charts": _charts(inputs, units) if alone else [],
        "records": record_rows(inputs.stations) if alone else [],
        "files": file_rows(inputs.files),
    }


def _charts(inputs: ReportInputs, units: Units):
    offset, found = inputs.settings.time.utc_offset_hours, []
    for name, data in sorted(inputs.stations.items()):
        drawn = record_chart(name, data, units, offset)
        found.append(
            {
                "name": name,
                "title": str(data.attrs.get("station_name", name)),
                "svg": drawn.svg if drawn else "",
                "notes": _notes(drawn.step_hours, drawn.flagged, drawn.beyond) if drawn else [],
                "source": source_of(inputs.provenance, f"stations/{name}.nc"),
            }
        )
    return found


def _notes(step_hours: int, flagged: int, beyond: int):
    found = []
    if step_hours > 1:
        days = step_hours // 24
        found.append(
            Pair(
                f"Steps of {days} d: the band reaches from the lowest to the highest usable hour.",
                f"每 {days} 日一步：色带为可用小时的最低值至最高值。",
            )
        )
    if flagged:
        found.append(
            Pair(
                f"{flagged} flagged hours have a value, {beyond} of them beyond the axis and drawn "
                "at its edge.",
                f"{flagged} 个被标记小时有数值，其中 {beyond} 个超出坐标范围，画在边缘。",
            )
        )
    return found


def station_counts(inputs: ReportInputs) -> dict[str, Any]:
    """Return one row for each count, one cell for each station; counts of 0 only as names."""
    table: dict[Pair, dict[str, str]] = {}
    for name, data in sorted(inputs.stations.items()):
        for label, value in flatten(attribute_counts(data)):
            table.setdefault(label, {})[name] = value
    names = sorted(inputs.stations)
    rows = [(label, [cells.get(name, "–") for name in names]) for label, cells in table.items()]
    zero = [label for label, cells in rows if all(cell == "0" for cell in cells)]
    shown = [(label, cells) for label, cells in rows if label not in zero]
    words = Pair(
        listed([label.en for label in zero]).en,
        listed([label.zh for label in zero]).zh,
    )
    return {"rows": shown, "zero": words}

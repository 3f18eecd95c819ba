"""Station records and their offsets come in; records that came back at another level go out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from contracts.settings.stations import DetectorSettings
from stations.findings import Finding
from stations.offsets import Table, make_table
from stations.steps import Step, clearest, find_gaps, steps_of_offset, steps_of_record

_SHOWN = 5  # steps of one station written out; the others are counted
_ELSEWHERE_DEG = 0.01  # about 1 km: nearer towers may share an instrument

_DOUBT = {
    True: (
        "Wherever they could be asked, the other towers did not move.",
        "凡可比较之处，其余各站均无此变化。",
    ),
    False: (
        "No two towers stand elsewhere to be asked, so that a change of weather is not ruled out.",
        "别处没有两个以上的站可供比较，不能排除天气变化。",
    ),
}


def step_findings(
    stations: Mapping[str, xr.Dataset], status: xr.Dataset, settings: DetectorSettings
) -> list[Finding]:
    """Return a finding for each station whose level is another one behind a gap.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.
    status : Dataset
        Contract `network_status`, for the daily offsets to the other towers.
    settings : DetectorSettings

    Returns
    -------
    list of Finding
        Kind step. Where two or more towers elsewhere went on measuring, the offset to the others
        decides; else the record alone raises the question as well.
    """
    table = make_table(stations)
    found = []
    for k, name in enumerate(table.names):
        if stations[name].attrs["instrument_class"] == "column":  # every night is a gap
            continue
        offset = status["offset"].sel(station=name).values
        independent = _independent(stations, name)
        steps = _steps(table, k, offset, independent, settings)
        if steps:
            found.append(_finding(name, steps, table.day[0], independent))
    return found


def _independent(stations: Mapping[str, xr.Dataset], name: str) -> bool:
    """Return whether at least two towers stand elsewhere."""

    def place(data: xr.Dataset) -> np.ndarray:
        return np.array([data.attrs["latitude"], data.attrs["longitude"]])

    here = place(stations[name])
    towers = [data for data in stations.values() if data.attrs["role"] == "tower"]
    return sum(bool(np.abs(place(data) - here).max() > _ELSEWHERE_DEG) for data in towers) >= 2


def _steps(
    table: Table, k: int, offset: np.ndarray, independent: bool, settings: DetectorSettings
) -> list[Step]:
    """Return the steps of one station, hours from the start of the table."""
    value = table.value[k].ravel()
    good = np.isfinite(value)
    against, told = steps_of_offset(offset, find_gaps(good, settings), settings)
    alone = steps_of_record(value, good, settings)
    if independent:
        alone = [step for step in alone if (step.before, step.after) not in told]
    both = sorted([*against, *alone], key=lambda step: (step.before, step.after))
    return clearest(both, 24 * settings.step_days[0])


def _finding(name: str, steps: list[Step], start: np.datetime64, independent: bool) -> Finding:
    """Return the sentences about one station."""

    def when(step: Step) -> str:
        return np.datetime_as_string(start + np.timedelta64(step.after, "h"), unit="h") + "Z"

    gaps = [(f"{step.size:+.1f}", when(step), step.after - step.before - 1) for step in steps]
    shown = "; ".join(f"{size} from {hour}, behind {gap} h" for size, hour, gap in gaps[:_SHOWN])
    local = "；".join(f"{hour} 起 {size}（间断 {gap} 小时）" for size, hour, gap in gaps[:_SHOWN])
    more = len(gaps) - _SHOWN
    doubt, doubt_local = _DOUBT[independent]
    text = (
        f"Step: the record of {name} came back from {len(gaps)} gap(s) at another level, umol mol-1: "
        f"{shown}{f'; and {more} more' if more > 0 else ''}. {doubt} Look in the log for a new "
        "instrument, tank or line; correct the record or mark its hours in the manual flags."
    )
    text_local = (
        f"台阶：{name} 的记录在 {len(gaps)} 次间断后水平改变（umol mol-1）：{local}"
        f"{f'；另有 {more} 次' if more > 0 else ''}。{doubt_local}请查日志中是否更换了仪器、标气或管路；"
        "请订正记录，或在人工标记文件中标出这些小时。"
    )
    return Finding("step", name, text, text_local)

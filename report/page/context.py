"""The whole run and its pictures come in; everything the template shows goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from report.charts.network import completeness_chart
from report.counts import attribute_counts, flatten
from report.evidence import source_of
from report.inputs import ReportInputs
from report.maps.budget import embedded
from report.maps.catalogue import MapPicture
from report.numbers import show
from report.page.batch import batch_context
from report.wording import VERDICTS, Pair


def page_context(inputs: ReportInputs, pictures: Sequence[MapPicture]) -> dict[str, Any]:
    """Return all values of the page.

    Parameters
    ----------
    inputs : ReportInputs
        The run.
    pictures : sequence of MapPicture
        Its maps.

    Returns
    -------
    dict
        Keys as the template reads them.
    """
    inside = embedded(pictures, inputs.settings.report.page_limit_megabytes)
    batches = [batch_context(inputs, batch, pictures, inside) for batch in inputs.batches]
    headlines = [Pair(*texts) for texts in zip(*_both(inputs.headlines), strict=True)]
    regions = inputs.settings.regions
    assumptions = getattr(inputs.settings, "assumptions", ())
    return {
        "city": Pair(regions.name, regions.name_local),
        "gas": str(inputs.settings.gas.name).replace("2", "₂").replace("4", "₄"),
        "run": inputs.run,
        "language": inputs.settings.report.language,
        "synthetic": inputs.synthetic,
        "period": _period(batches),
        "headlines": headlines,
        "batches": batches,
        "layers": _once(batches, "layer"),
        "sectors": _once(batches, "sector"),
        "overview": _overview(batches) if len(batches) > 1 else [],
        "verdicts": [(symbol, word) for symbol, word in VERDICTS.values()],
        "network": _network(inputs),
        "station_names": sorted(inputs.stations),
        "station_counts": _station_counts(inputs),
        "run_counts": flatten(_run_counts(inputs)),
        "versions": flatten(_mapping(inputs.run_json.get("versions"))),
        "assumptions": [_pair(text) for text in assumptions],
        "source_network": source_of(inputs.provenance, "network_status.nc"),
        "source_run": source_of(inputs.provenance, "run.json"),
        "files_hashed": sorted(inputs.provenance.files.items()),
        "settings_hash": inputs.provenance.settings,
        "code_hash": inputs.provenance.code,
        "map_note": map_note(inputs),
        **_hours_used(inputs.settings),
        "offset": _offset_text(inputs.settings.time.utc_offset_hours),
        "threshold": show(100.0 * inputs.settings.report.information_threshold, 0),
    }


def _hours_used(settings: Any) -> dict[str, Any]:
    """Return which part of the local day the observations come from, as the page says it."""
    hours = getattr(getattr(settings, "stations", None), "local_hours", (12, 17))
    whole = tuple(hours) == (0, 24)
    afternoon = Pair("afternoon-constrained", "由午后观测约束")
    return {
        "whole_day": whole,
        "hours_used": Pair("all hours of the day", "全天各时段") if whole else afternoon,
    }


def map_note(inputs: ReportInputs) -> Pair | None:
    """Return what must be said of administrative outlines, None where there are none."""
    if inputs.regions is None:
        return None
    number = inputs.settings.report.map_review_number
    if number:
        return Pair(f"Map review number {number}.", f"审图号：{number}。")
    return Pair(
        "District outlines are schematic; internal use, map not reviewed.",
        "区县界线仅为示意；内部使用，地图未送审。",
    )


def _both(headlines: Mapping[str, Sequence[str]]):
    return list(headlines["en"]), list(headlines["zh"])


def _station_counts(inputs: ReportInputs):
    """Return one row for each count, one cell for each station; counts of 0 only as names."""
    table: dict[Pair, dict[str, str]] = {}
    for name, data in sorted(inputs.stations.items()):
        for label, value in flatten(attribute_counts(data)):
            table.setdefault(label, {})[name] = value
    names = sorted(inputs.stations)
    rows = [(label, [cells.get(name, "–") for name in names]) for label, cells in table.items()]
    zero = [label for label, cells in rows if all(cell == "0" for cell in cells)]
    shown = [(label, cells) for label, cells in rows if label not in zero]
    return {
        "rows": shown,
        "zero": Pair(
            *(mark.join(label[k] for label in zero) for k, mark in ((0, ", "), (1, "、")))
        ),
    }


def _run_counts(inputs: ReportInputs):
    """Return the run's own summary, or else the counts of every dataset but the observations'."""
    if "counts" in inputs.run_json:
        return inputs.run_json["counts"]
    datasets = _mapping(inputs.run_json.get("datasets"))
    shown = {
        name: _mapping(entry.get("counts"))
        for name, entry in sorted(datasets.items())
        if not name.endswith("observations.nc")
    }
    excluded = _mapping(inputs.run_json.get("excluded_stations"))
    return {**({"excluded_stations": excluded} if excluded else {}), **shown}


def _mapping(value: Any):
    return value if isinstance(value, Mapping) else {}


def _pair(text: Any):
    if isinstance(text, Mapping):
        return Pair(str(text["en"]), str(text["zh"]))
    return Pair(str(text), str(text))


def _period(batches: Sequence[dict[str, Any]]):
    if len(batches) == 1:
        return batches[0]["name"]
    return f"{batches[0]['name']} … {batches[-1]['name']}"


def _once(batches: Sequence[dict[str, Any]], key: str):
    """Return (key, name) of the maps in the order in which they first appear."""
    found = {}
    for batch in batches:
        for picture in batch["maps"]:
            found.setdefault(picture[key], picture[f"{key}_name"])
    return list(found.items())


def _overview(batches: Sequence[dict[str, Any]]):
    """Return the scale posterior / prior of every sector, one row a sector, one cell a batch."""
    order = {}
    for batch in batches:
        for row in [*batch["sectors"], *batch["districts"]]:
            if row.region == "all":
                order.setdefault(row.sector, {})[batch["name"]] = row
    found = []
    for sector, cells in order.items():
        name = next(iter(cells.values()))
        label = Pair("All inventory sectors", "清单全部行业") if sector == "all" else name.name
        found.append((label, [cells.get(batch["name"]) for batch in batches]))
    return found


def _network(inputs: ReportInputs):
    status = inputs.network_status
    names = status["station"].values.astype(str)
    rows = []
    for k, name in enumerate(names):
        one = status.isel(station=k)
        offsets = one["offset"].values
        known = offsets[~np.isnan(offsets)]
        data = inputs.stations.get(str(name))
        rows.append(
            {
                "name": str(name),
                "role": str(data.attrs.get("role", "–")) if data is not None else "–",
                "scale": str(data.attrs.get("calibration_scale", "–")) if data is not None else "–",
                "excluded": bool(one["excluded"].values),
                "reason": str(one["reason"].values),
                "complete": f"{show(100 * float(one['completeness'].mean()), 0)} %",
                "offset": show(float(np.median(known)), 2) if known.size else "–",
                "offset_days": int(known.size),
                "drift": _drift_text(one),
            }
        )
    rows.sort(key=lambda row: (not row["excluded"], row["name"]))
    return {
        "rows": rows,
        "svg": completeness_chart(status, inputs.settings.time.utc_offset_hours),
        "days": status.sizes["day"],
    }


def _drift_text(one: xr.Dataset):
    drift, error = float(one["drift"].values), float(one["drift_standard_error"].values)
    if np.isnan(drift):
        return "–"
    return show(drift, 2) if np.isnan(error) else f"{show(drift, 2)} ± {show(error, 2)}"


def _offset_text(hours: float):
    return f"UTC{'+' if hours >= 0 else '−'}{abs(hours):g}"

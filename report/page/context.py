"""The whole run and its pictures come in; everything the template shows goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from report.counts import flatten
from report.evidence import source_of
from report.inputs import ReportInputs
from report.maps.budget import embedded
from report.maps.catalogue import MapPicture
from report.numbers import show
from report.page.batch import batch_context
from report.page.contents import contents
from report.page.hours import hours_used
from report.page.method import (
    limit_sentences,
    method_sentences,
    places_words,
    synthetic_words,
)
from report.page.network import network_section, station_counts
from report.units import Units, page_units
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
    units = page_units(inputs)
    batches = [
        batch_context(inputs, batch, [p for p in pictures if p.batch == batch.name], inside)
        for batch in inputs.batches
    ]
    headlines = [Pair(*texts) for texts in zip(*_both(inputs.headlines), strict=True)]
    found = {
        **_identity(inputs, units, batches),
        "headlines": headlines,
        "batches": batches,
        "layers": _once(batches, "layer"),
        "sectors": _once(batches, "sector"),
        "overview": _overview(batches) if len(batches) > 1 else [],
        "verdicts": [(symbol, word) for symbol, word in VERDICTS.values()],
        "network": network_section(inputs, units),
        "station_names": sorted(inputs.stations),
        "station_counts": station_counts(inputs),
        "run_counts": flatten(_run_counts(inputs)),
        "assumptions": [_pair(text) for text in getattr(inputs.settings, "assumptions", ())],
        "limits": limit_sentences(inputs, with_maps=bool(pictures)),
        "method": method_sentences(inputs, units),
        "exchange": list(inputs.exchange),
        "source_run": source_of(inputs.provenance, "run.json"),
        **_hashes(inputs),
        "map_note": map_note(inputs),
        "hours": hours_used(inputs),
        "threshold": show(100.0 * inputs.settings.report.information_threshold, 0),
    }
    return {**found, "contents": contents(found)}


def _identity(inputs: ReportInputs, units: Units, batches: Sequence[dict[str, Any]]):
    """Return what the page is of."""
    regions = inputs.settings.regions
    words = Pair("Emissions as the air tells them", "由大气观测得到的排放")
    if not batches:
        words = Pair("The network and its records", "监测网络及其记录")
    return {
        "city": Pair(regions.name, regions.name_local),
        "eyebrow": words,
        "units": units,
        "places": places_words(inputs),
        "run": inputs.run,
        "language": inputs.settings.report.language,
        "synthetic": synthetic_words(inputs) if inputs.synthetic else None,
        "period": _period(inputs, batches),
        "offset": _offset_text(inputs.settings.time.utc_offset_hours),
    }


def _hashes(inputs: ReportInputs):
    return {
        "versions": flatten(_mapping(inputs.run_json.get("versions"))),
        "files_hashed": sorted(inputs.provenance.files.items()),
        "settings_hash": inputs.provenance.settings,
        "code_hash": inputs.provenance.code,
    }


def map_note(inputs: ReportInputs) -> Pair | None:
    """Return what must be said of administrative outlines, None where there are none."""
    if inputs.regions is None or not inputs.batches:
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


def _period(inputs: ReportInputs, batches: Sequence[dict[str, Any]]):
    """Return the period of a page; of a network alone, its first and last local day."""
    if not batches:
        status = inputs.network_status
        if status is None or not status.sizes["day"]:
            return ""
        offset = np.timedelta64(round(3600 * inputs.settings.time.utc_offset_hours), "s")
        days = status["day"].values[[0, -1]] + offset
        return " – ".join(str(day)[:10] for day in days)
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
    all_sectors, found = batches[0]["all_sectors"], []
    for sector, cells in order.items():
        label = all_sectors if sector == "all" else next(iter(cells.values())).name
        found.append((label, [cells.get(batch["name"]) for batch in batches]))
    return found


def _offset_text(hours: float):
    return f"UTC{'+' if hours >= 0 else '−'}{abs(hours):g}"

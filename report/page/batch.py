"""One batch comes in; everything its part of the page shows goes out as plain values."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from report import diagnosis
from report.charts.daily import daily_chart
from report.charts.intervals import interval_chart
from report.charts.stations import station_chart
from report.correlations import strong_correlations
from report.counts import attribute_counts, flatten
from report.evidence import Source, source_of
from report.inputs import Batch, ReportInputs
from report.maps.budget import Key, key_of
from report.maps.catalogue import MapPicture
from report.misfit import station_fits
from report.numbers import megatonnes, show
from report.rows import Row, batch_seconds, read_rows
from report.wording import LAYERS, Pair, sector_name

MEGATONNES = Pair("Mt CO₂ in the period", "Mt CO₂（本时段总量）")


def batch_context(
    inputs: ReportInputs, batch: Batch, pictures: Sequence[MapPicture], inside: frozenset[Key]
) -> dict[str, Any]:
    """Return what the template needs for one batch.

    Parameters
    ----------
    inputs : ReportInputs
        The run.
    batch : Batch
        One of its batches.
    pictures : sequence of MapPicture
        Maps of the whole run.
    inside : frozenset
        Keys of the maps that the page embeds.

    Returns
    -------
    dict
        Keys as the template reads them; every number already a text.
    """
    rows = read_rows(batch)
    districts = [row for row in rows if row.family == "districts"]
    city = [row for row in rows if row.family == "city"]
    sectors = [row for row in rows if row.family in {"sectors", "biosphere"}]
    return {
        "name": batch.name,
        "dates": _dates(inputs, batch),
        "maps": _maps(inputs, batch, pictures, inside),
        "districts": [*city, *districts],
        "district_chart": _chart(districts or city, "districts"),
        "sectors": sectors,
        "sector_chart": _chart(sectors, "sectors"),
        "correlations": strong_correlations(batch),
        "truth": _truth_count(districts),
        "fixed": _fixed_part(batch),
        "days": [
            {"name": sector_name(sector), "svg": daily_chart(batch, sector, inputs.settings)}
            for sector in batch.posterior["daily_sector"].values.astype(str)
        ],
        "stations": _stations(inputs, batch),
        "diagnosis": diagnosis.summary(batch),
        "other_numbers": diagnosis.other_numbers(batch),
        "errors": diagnosis.error_terms(batch),
        "receptors": diagnosis.by_receptor(batch),
        "nuisance": diagnosis.nuisance_states(batch),
        "certificate": _certificate(batch),
        "counts": flatten(attribute_counts(batch.observations)),
        "inventory": _inventory(batch),
        "sources": _sources(inputs, batch),
    }


def _dates(inputs: ReportInputs, batch: Batch):
    offset = np.timedelta64(round(3600 * inputs.settings.time.utc_offset_hours), "s")
    used = batch.prior["period_in_batch"].values == 1
    bounds = batch.prior["period_bounds"].values[used]
    first, last = bounds[0, 0] + offset, bounds[-1, 1] + offset - np.timedelta64(1, "s")
    return f"{str(first)[:10]} – {str(last)[:10]}"


def _maps(
    inputs: ReportInputs, batch: Batch, pictures: Sequence[MapPicture], inside: frozenset[Key]
):
    found = []
    for picture in pictures:
        if picture.batch != batch.name:
            continue
        files = [f"posterior/{batch.name}.nc", f"problem/{batch.name}/prior.nc"]
        found.append(
            {
                "layer": picture.layer,
                "sector": picture.sector,
                "layer_name": LAYERS[picture.layer],
                "sector_name": sector_name(picture.sector),
                "alt": picture.alt,
                "undefined": picture.undefined,
                "embedded": key_of(picture) in inside,
                "data": [_data_address(image) for image in picture.images],
                "one_language": picture.names.en == picture.names.zh,
                "names": picture.names,
                "source": source_of(inputs.provenance, *files),
            }
        )
    return found


def _data_address(image: bytes):
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")


def _chart(rows: Sequence[Row], what: str):
    if not rows:
        return ""
    label = {
        "districts": Pair("Totals of the districts", "各区县总量"),
        "sectors": Pair("Totals of the sectors, whole city", "全市各行业总量"),
    }[what]
    return interval_chart(rows, MEGATONNES, label)


def _truth_count(districts: Sequence[Row]):
    known = [row for row in districts if row.covered is not None]
    if not known:
        return None
    return {"inside": sum(bool(row.covered) for row in known), "of": len(known)}


def _fixed_part(batch: Batch):
    data = batch.posterior
    if "fixed_total" not in data:
        return None
    regions = data["region"].values.astype(str).tolist()
    if "all" not in regions:
        return None
    place = regions.index("all")
    total, deviation = (
        float(data[f"fixed_{part}"].values[place]) for part in ("total", "standard_deviation")
    )
    return megatonnes(total, deviation, batch_seconds(batch))


def _stations(inputs: ReportInputs, batch: Batch):
    offset = inputs.settings.time.utc_offset_hours
    return [
        {
            "name": fit.station,
            "hours": len(fit.time),
            "bias": (show(fit.bias_before, 2), show(fit.bias_after, 2)),
            "rmse": (show(fit.rmse_before, 2), show(fit.rmse_after, 2)),
            "svg": station_chart(fit, offset),
        }
        for fit in station_fits(batch)
    ]


def _certificate(batch: Batch):
    if batch.certificate is None:
        return None
    names = {
        "city": Pair("City", "全市"),
        "districts": Pair("Districts", "区县"),
        "sectors": Pair("Sectors", "行业"),
        "biosphere": Pair("Biosphere", "生物圈"),
    }
    rows = [
        {
            "family": names.get(str(row["family"]), Pair(*[str(row["family"])] * 2)),
            "covered": f"{row['covered']} / {row['n']}",
            "coverage": f"{show(100 * row['coverage'], 1)} %",
            "interval": "–".join(show(100 * end, 1) for end in row["interval"]) + " %",
            "band": "–".join(show(100 * end, 0) for end in row["band"]) + " %",
            "rmse": show(row["rmse_ratio"], 2),
            "inflation": show(row["inflation"], 2),
            "inside": row["band"][0] <= row["coverage"] <= row["band"][1],
        }
        for row in batch.certificate["rows"]
    ]
    passed = bool(batch.certificate["passed"])
    note = str(batch.certificate.get("note", ""))
    return {"draws": batch.certificate["draws"], "passed": passed, "rows": rows, "note": note}


def _inventory(batch: Batch):
    attrs = {**batch.reconciliation.attrs, **batch.inventory.attrs}
    return {
        key: str(attrs.get(key, "–"))
        for key in ("inventory_name", "scope", "gas", "boundary_version", "period_like")
    }


def _sources(inputs: ReportInputs, batch: Batch) -> dict[str, Source]:
    name, problem = batch.name, f"problem/{batch.name}"
    files = {
        "rows": (f"reconciliation/{name}.nc", f"posterior/{name}.nc", f"{problem}/inventory.nc"),
        "days": (f"posterior/{name}.nc", f"{problem}/prior.nc"),
        "fit": (f"posterior/{name}.nc", f"{problem}/observations.nc"),
        "errors": (
            f"{problem}/mismatch.nc",
            f"{problem}/observations.nc",
            f"{problem}/background.nc",
            f"posterior/{name}.nc",
            f"diagnostics/{name}.json",
        ),
        "certificate": (f"certificate/{name}.json",),
    }
    if batch.truth is not None:
        files["rows"] = (*files["rows"], "synthetic/truth.nc")
        files["days"] = (*files["days"], "synthetic/truth.nc")
    return {key: source_of(inputs.provenance, *names) for key, names in files.items()}

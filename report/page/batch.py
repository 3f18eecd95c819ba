"""One batch comes in; everything its part of the page shows goes out as plain values."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from report import diagnosis
from report.charts.daily import daily_chart
from report.charts.errors import error_chart
from report.charts.intervals import interval_chart
from report.charts.stations import station_chart
from report.correlations import strong_correlations
from report.counts import attribute_counts, flatten
from report.evidence import Source, source_of
from report.inputs import Batch, ReportInputs
from report.intervals import batch_seconds, local_dates, longest_period_hours
from report.maps.budget import Key, key_of
from report.maps.catalogue import MapPicture
from report.maps.places import read_places
from report.misfit import station_fits
from report.names import Names, names_of
from report.numbers import Mass, show
from report.page.certificate import certificate_context
from report.rows import Row, read_rows
from report.totals import totals_table
from report.units import Units, page_units
from report.wording import LAYERS, Pair, listed, same, sector_name


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
        Maps of this batch.
    inside : frozenset
        Keys of the maps that the page embeds.

    Returns
    -------
    dict
        Keys as the template reads them; every number already a text.
    """
    units, names = page_units(inputs), names_of(batch)
    offset = inputs.settings.time.utc_offset_hours
    errors = diagnosis.error_terms(batch, units)
    bars = [term["bar"] for term in errors if term["bar"] is not None]
    return {
        "name": batch.name,
        "dates": _dates(batch, offset),
        "names": names,
        "all_sectors": names.sector("all"),
        "maps": _maps(inputs, batch, pictures, inside),
        "unmapped": _unmapped(inputs, batch),
        **_rows(batch, names, units),
        "totals": totals_table(batch, units.mass, offset),
        "correlations": strong_correlations(batch, units.mass),
        "one_sector": batch.posterior.sizes["sector"] == 1,
        "fixed": _fixed_part(batch, units.mass),
        "fixed_name": sector_name(str(batch.posterior.attrs.get("fixed_name", "fixed_part"))),
        "by_day": longest_period_hours(batch) <= 24.0,
        "days": _days(inputs, batch, names, units),
        "stations": _stations(batch, units, offset),
        "diagnosis": diagnosis.summary(batch),
        "diagonal": diagnosis.is_diagonal(batch),
        "other_numbers": diagnosis.other_numbers(batch),
        "errors": errors,
        "error_chart": error_chart(bars, same(units.amount)),
        "receptors": diagnosis.by_receptor(batch, units),
        "nuisance": diagnosis.nuisance_states(batch, units),
        "certificate": certificate_context(batch),
        "counts": flatten(attribute_counts(batch.observations)),
        "inventory": _inventory(batch),
        "sources": _sources(inputs, batch),
    }


def _dates(batch: Batch, utc_offset_hours: float):
    used = batch.prior["period_in_batch"].values == 1
    bounds = batch.prior["period_bounds"].values[used]
    return local_dates(np.array([bounds[0, 0], bounds[-1, 1]]), utc_offset_hours)


def _rows(batch: Batch, names: Names, units: Units):
    """Return the rows of both tables with their charts."""
    rows = read_rows(batch, units.mass)
    districts = [row for row in rows if row.family == "districts"]
    city = [row for row in rows if row.family == "city"]
    sectors = [row for row in rows if row.family in {"sectors", "biosphere"}]
    compared = batch.inventory is not None
    labels = {
        "district_chart": Pair("Totals of the districts", "各区县总量"),
        "sector_chart": names.sectors_heading,
    }
    if names.of_regions:
        labels["district_chart"] = Pair("Totals of the regions", "各区域总量")
    shown = {"district_chart": districts or city, "sector_chart": sectors}
    charts = {
        key: interval_chart(shown[key], units.mass_label, label, compared) if shown[key] else ""
        for key, label in labels.items()
    }
    truth = _truth_count(districts)
    return {"districts": [*city, *districts], "sectors": sectors, "truth": truth, **charts}


def _days(inputs: ReportInputs, batch: Batch, names: Names, units: Units):
    """Return the chart of each sector's series; of two that are the same, the first."""
    data, found, drawn = batch.posterior, [], []
    series = data["daily_total"].transpose("daily_sector", "period").values
    for sector, values in zip(data["daily_sector"].values.astype(str), series, strict=True):
        if any(np.allclose(values, other, rtol=1e-9, atol=0.0) for other in drawn):
            continue
        drawn.append(values)
        svg = daily_chart(batch, sector, inputs.settings, units)
        found.append({"name": names.sector(sector), "svg": svg})
    return found


def _unmapped(inputs: ReportInputs, batch: Batch):
    """Return the names of the regions without an outline; None where all, or no region, has one."""
    if not names_of(batch).of_regions:
        return None
    places = read_places(batch.prior, inputs.regions)
    if places is None or not places.missing:
        return None
    english, chinese = zip(*places.missing, strict=True)
    return Pair(listed(english).en, listed(chinese).zh)


def _maps(
    inputs: ReportInputs, batch: Batch, pictures: Sequence[MapPicture], inside: frozenset[Key]
):
    found = []
    names = names_of(batch)
    for picture in pictures:
        files = [f"posterior/{batch.name}.nc", f"problem/{batch.name}/prior.nc"]
        found.append(
            {
                "layer": picture.layer,
                "sector": picture.sector,
                "layer_name": LAYERS[picture.layer],
                "sector_name": names.sector(picture.sector),
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


def _truth_count(districts: Sequence[Row]):
    known = [row for row in districts if row.covered is not None]
    if not known:
        return None
    return {"inside": sum(bool(row.covered) for row in known), "of": len(known)}


def _fixed_part(batch: Batch, unit: Mass):
    data = batch.posterior
    if "fixed_total" not in data:
        return None
    regions = data["fixed_region"].values.astype(str).tolist()
    if "all" not in regions:
        return None
    place = regions.index("all")
    total, deviation = (
        float(data[f"fixed_{part}"].values[place]) for part in ("total", "standard_deviation")
    )
    if total == 0.0:
        return None
    return unit.of(total, deviation, batch_seconds(batch))


def _stations(batch: Batch, units: Units, utc_offset_hours: float):
    factor = units.per_canonical

    def text(value: float):
        return show(factor * value, 2)

    return [
        {
            "name": fit.station,
            "hours": len(fit.time),
            "bias": (text(fit.bias_before), text(fit.bias_after)),
            "rmse": (text(fit.rmse_before), text(fit.rmse_after)),
            "svg": station_chart(fit, units, utc_offset_hours),
        }
        for fit in station_fits(batch)
    ]


def _inventory(batch: Batch):
    if batch.inventory is None:
        return None
    attrs = {**batch.reconciliation.attrs, **batch.inventory.attrs}
    return {
        key: str(attrs.get(key, "–"))
        for key in ("inventory_name", "scope", "gas", "boundary_version", "period_like")
    }


def _sources(inputs: ReportInputs, batch: Batch) -> dict[str, Source]:
    name, problem = batch.name, f"problem/{batch.name}"
    files = {
        "rows": (f"reconciliation/{name}.nc", f"posterior/{name}.nc"),
        "totals": (f"posterior/{name}.nc", f"{problem}/prior.nc"),
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
    if batch.inventory is not None:
        files["rows"] = (*files["rows"], f"{problem}/inventory.nc")
    if batch.truth is not None:
        files["rows"] = (*files["rows"], "synthetic/truth.nc")
        files["days"] = (*files["days"], "synthetic/truth.nc")
    return {key: source_of(inputs.provenance, *names) for key, names in files.items()}

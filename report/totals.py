"""A posterior's totals of further intervals and groups come in; one table, regions by intervals, goes out."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from report.inputs import Batch
from report.intervals import SECOND, local_dates
from report.names import names_of
from report.numbers import Mass, MassOver, Quantity, show
from report.wording import Pair, same


@dataclass(frozen=True)
class Cell:
    """One total in one interval.

    Parameters
    ----------
    prior, posterior : Quantity
        In the unit of the page.
    information : str
        Share of the prior variance that the observations removed, per cent; a dash where the prior
        has none.
    """

    prior: Quantity
    posterior: Quantity
    information: str


@dataclass(frozen=True)
class Line:
    """One region or group: its name, whether it is part of the whole, a cell for each interval."""

    name: Pair
    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class TotalsTable:
    """Totals of all sectors: ``columns`` are (name, local dates), the whole batch first."""

    columns: tuple[tuple[Pair, str], ...]
    lines: tuple[Line, ...]


def totals_table(batch: Batch, unit: Mass, utc_offset_hours: float) -> TotalsTable | None:
    """Return the totals of every interval and group; None where the run names none.

    Parameters
    ----------
    batch : Batch
        Its posterior and prior are read.
    unit : Mass
        In which masses are given.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    TotalsTable or None
        The whole, then groups, the parts of the whole and the regions that are none.
    """
    data = batch.posterior
    intervals = data["total_interval"].values.astype(str)
    if not (intervals != "").any() and "group" not in batch.prior:
        return None
    kinds = _kinds(batch)
    places = {
        (str(region), str(interval)): k
        for k, (region, sector, interval) in enumerate(
            zip(data["total_region"].values, data["total_sector"].values, intervals, strict=True)
        )
        if str(sector) == "all"
    }
    names, wanted = names_of(batch), list(dict.fromkeys(intervals.tolist()))
    columns = []
    for interval in wanted:
        bounds = data["total_bounds"].values[places["all", interval]]
        label = same(interval) if interval else Pair("Whole period", "整个时段")
        columns.append((label, local_dates(bounds, utc_offset_hours)))
    lines = [
        Line(
            names.region(region),
            kind,
            tuple(_cell(batch, places[region, interval], unit) for interval in wanted),
        )
        for region, kind in kinds.items()
    ]
    return TotalsTable(tuple(columns), tuple(lines))


def _kinds(batch: Batch):
    """Return region -> whole, group, part or apart, in the order of the table."""
    regions = list(dict.fromkeys(batch.posterior["total_region"].values.astype(str).tolist()))
    apart = json.loads(batch.posterior.attrs["regions_apart"])
    groups = batch.prior["group"].values.astype(str).tolist() if "group" in batch.prior else []

    def kind(region: str):
        if region == "all":
            return "whole"
        return "group" if region in groups else "apart" if region in apart else "part"

    order = ("whole", "group", "part", "apart")
    found = {region: kind(region) for region in regions}
    return dict(sorted(found.items(), key=lambda item: order.index(item[1])))


def _cell(batch: Batch, place: int, unit: Mass):
    data = batch.posterior
    start, end = data["total_bounds"].values[place]
    mass = MassOver(unit, float((end - start) / SECOND))
    before = float(data["total_prior_covariance"].values[place, place])
    after = float(data["total_covariance"].values[place, place])
    information = f"{show(100.0 * (1.0 - after / before), 0)} %" if before > 0.0 else "–"
    return Cell(
        mass.of(float(data["total_prior"].values[place]), float(np.sqrt(before))),
        mass.of(float(data["total"].values[place]), float(np.sqrt(max(after, 0.0)))),
        information,
    )

"""In: settings. Out: whether the declared uncertainties of totals can hold together, before any job runs."""

from pathlib import Path

import numpy as np

from contracts.districts import load_regions
from contracts.periods import batch_period
from contracts.settings.model import Settings
from contracts.settings.problems import Problem
from inventories.declared import prior_covariance
from inversion.declared import Declaration, feasibility_problems

WHERE = "errors.prior.declared"


def check(settings: Settings) -> list[Problem]:
    """Return what is wrong with the declared totals, with the interval that would do."""
    if not settings.errors.prior.declared.enabled or settings.regions.source == "domain":
        return []
    table = settings.inventories.table
    if table is None and settings.synthetic is None:
        return []
    try:
        codes = load_regions(settings.regions).codes
        totals = _table_totals(settings) if table else _made_totals(settings)
        kinds = {name: sector.kind for name, sector in settings.inventories.sectors.items()}
        matrix = np.array([[totals.get((code, name), 0.0) for code in codes] for name in kinds])
        dataset = prior_covariance(matrix, kinds, codes, settings.errors.prior)
    except ValueError as error:
        return [Problem(WHERE, str(error), "settings that name what is there", "")]
    declared = [
        Declaration(str(region), str(sector), float(value))
        for region, sector, value in zip(
            dataset["declared_region"].values,
            dataset["declared_sector"].values,
            dataset["declared_standard_deviation"].values,
            strict=True,
        )
    ]
    counted = [name for name, kind in kinds.items() if kind == "inventory"]
    expected = "declared totals that can hold together"
    return [
        Problem(WHERE, sentence, expected, "")
        for sentence in feasibility_problems(declared, list(codes), counted)
    ]


def _made_totals(settings: Settings) -> dict[tuple[str, str], float]:
    """Return the totals of a made city, kg per batch (only their ratios matter)."""
    from synthetic.build import plan_city

    return plan_city(settings).totals


def _table_totals(settings: Settings) -> dict[tuple[str, str], float]:
    """Return mean rates of a district table over the first batch, kg s-1."""
    from inventories.readers.district_table import read_district_table

    batch = batch_period(settings.time, min(settings.time.batches))
    path = Path(settings.data_root) / str(settings.inventories.table)
    totals: dict[tuple[str, str], float] = {}
    for row in read_district_table(path, settings.time.utc_offset_hours):
        length = (row.end - row.start) / np.timedelta64(1, "s")
        overlap = min(row.end, batch.end) - max(row.start, batch.start)
        if row.scope == settings.inventories.scope and overlap > np.timedelta64(0, "s"):
            key = (row.region, row.sector)
            totals[key] = totals.get(key, 0.0) + row.total_kg / length
    return totals

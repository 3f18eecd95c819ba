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
    if settings.inventories is None:
        return []
    table = settings.inventories.table
    if table is None and settings.synthetic is None:
        return []
    try:
        codes = load_regions(settings.regions).codes
        totals = _table_totals(settings, codes) if table else _made_totals(settings)
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


def _table_totals(settings: Settings, codes: tuple[str, ...]) -> dict[tuple[str, str], float]:
    """Return mean rates of the district table over the first batch, kg s-1."""
    from inventories.rates import batch_rates, wanted_of
    from inventories.readers.district_table import read_district_table

    batch = batch_period(settings.time, min(settings.time.batches))
    wanted = wanted_of(settings.inventories, codes, settings.gas.name, batch)
    path = Path(settings.data_root) / str(settings.inventories.table)
    rates = batch_rates(read_district_table(path, settings.time.utc_offset_hours), wanted)
    return {
        (code, sector): float(rates.rate[i, j])
        for i, sector in enumerate(wanted.sectors)
        for j, code in enumerate(codes)
    }

"""The reconciliation of one batch comes in; the rows of its tables, masses over the batch, go out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from report.inputs import Batch
from report.intervals import batch_seconds
from report.names import Names, names_of
from report.numbers import Mass, MassOver, Quantity, show, significant
from report.wording import VERDICTS, Pair, verdict_key

COLOURS = {
    "agrees": "#0b5cad",
    "differs_within_declared": "#1f6f5c",
    "tension": "#9a5b00",
    "disagrees": "#b3261e",
    "not_determined": "#5a6068",
    "not_assessed": "#5a6068",
}
_NUMBERS = {
    "z_number": Pair("z of the number", "数值检验 z"),
    "z_declared": Pair("z with the declared uncertainty", "含自报不确定度的 z"),
    "z_prior": Pair("z of prior consistency", "先验一致性 z"),
    "q": Pair("false discovery rate q", "错误发现率 q"),
    "null_fraction": Pair("share invisible to the network", "网络不可见份额"),
    "inflation": Pair("inflation from the coverage check", "覆盖率检验给出的放大系数"),
}


@dataclass(frozen=True)
class Row:
    """One total and what is said of it.

    Parameters
    ----------
    identifier, family, region, sector : str
        Keys of the reconciliation's row.
    name : Pair
        District or sector, as the table's first cell says it.
    inventory : Quantity or None
        The inventory's total with its own declared sd; None where it has none. All masses are in
        the unit of the page.
    atmosphere : Quantity or None
        What the observations alone say, prior removed; None where not determined.
    prior, posterior : Quantity
        Totals of the inversion.
    information : float
        Share of the prior variance that the observations removed [1].
    verdict : str
        A key of ``VERDICTS``.
    reason : str
        Why, as reconcile wrote it.
    sentence : Pair
        The sentence of the row.
    evidence : tuple of (Pair, str)
        Further numbers, name and text.
    truth : Quantity or None
        The known truth of a synthetic city.
    """

    identifier: str
    family: str
    region: str
    sector: str
    name: Pair
    inventory: Quantity | None
    atmosphere: Quantity | None
    prior: Quantity
    posterior: Quantity
    information: float
    verdict: str
    reason: str
    sentence: Pair
    evidence: tuple[tuple[Pair, str], ...]
    truth: Quantity | None = None

    @property
    def symbol(self) -> str:
        """Return the verdict's glyph."""
        return VERDICTS[self.verdict][0]

    @property
    def word(self) -> Pair:
        """Return the verdict's word."""
        return VERDICTS[self.verdict][1]

    @property
    def verdict_text(self) -> Pair:
        """Return glyph and word."""
        return Pair(*(f"{self.symbol} {word}" for word in self.word))

    @property
    def colour(self) -> str:
        """Return the verdict's colour; never the only sign of it."""
        return COLOURS[self.verdict]

    @property
    def scale(self) -> Quantity | None:
        """Return posterior / prior with its sd, None where the prior is zero [1]."""
        if self.prior.value == 0.0:
            return None
        size = abs(self.prior.value)
        return Quantity(self.posterior.value / self.prior.value, (self.posterior.sd or 0.0) / size)

    @property
    def shown_information(self) -> str:
        """Return the information in per cent."""
        return f"{show(100.0 * self.information, 0)} %"

    @property
    def covered(self) -> bool | None:
        """Tell whether the truth lies in the posterior's 95 % interval, the one that is certified."""
        if self.truth is None:
            return None
        return self.posterior.low <= self.truth.value <= self.posterior.high


def read_rows(batch: Batch, unit: Mass) -> list[Row]:
    """Return the rows of a batch in the order in which reconcile wrote them.

    Parameters
    ----------
    batch : Batch
        Its reconciliation must hold ``sentence_en`` and ``sentence_zh``.
    unit : Mass
        In which the masses are given.

    Returns
    -------
    list of Row
    """
    data = batch.reconciliation
    missing = [name for name in ("sentence_en", "sentence_zh") if name not in data]
    if missing:
        msg = (
            f"reconciliation must hold {' and '.join(missing)}; got {sorted(map(str, data))} "
            f"in batch {batch.name}. Let the workflow add reconcile's sentence for each row."
        )
        raise ValueError(msg)
    size = data["row_id"].size
    columns = {str(name): data[name].values for name in data if data[name].shape == (size,)}
    names, mass = names_of(batch), MassOver(unit, batch_seconds(batch))
    truth = _truth_of(batch)
    rows = []
    for place in range(size):
        cells = {name: values[place] for name, values in columns.items()}
        rows.append(_row(cells, names, mass, truth))
    return rows


def _row(cells: dict[str, Any], names: Names, mass: MassOver, truth: dict[tuple[str, str], float]):
    def quantity(name: str, required: bool = False):
        value = float(cells[name])
        sd = float(cells[_sd_name(name)])
        if math.isnan(value) and not required:
            return None
        return mass.of(value, None if math.isnan(sd) else sd)

    verdict = verdict_key(str(cells["verdict"]))
    region, sector, family = (str(cells[key]) for key in ("region", "sector", "family"))
    atmosphere = quantity("atmosphere_only")
    if atmosphere is not None and atmosphere.sd is None:
        atmosphere = None
    rate = truth.get((region, sector))
    name = names.region(region) if family in {"city", "districts"} else names.sector(sector)
    return Row(
        str(cells["row_id"]),
        family,
        region,
        sector,
        name,
        quantity("inventory_total"),
        atmosphere,
        quantity("prior_total", required=True),
        quantity("posterior_total", required=True),
        float(cells["information"]),
        verdict,
        str(cells["reason"]),
        Pair(str(cells["sentence_en"]), str(cells["sentence_zh"])),
        _evidence(cells, mass),
        None if rate is None else mass.of(rate, None),
    )


def _sd_name(name: str):
    return name.removesuffix("_total") + "_standard_deviation"


def _evidence(cells: dict[str, Any], mass: MassOver):
    found = []
    detectable = float(cells["detectable"])
    if not math.isnan(detectable):
        label = Pair("smallest difference flagged with 80 %", "可检出差异（80% 把握）")
        text = significant(mass.of(detectable, None).value, 2)
        found.append((label, f"{text} {mass.unit.symbol}"))
    for name, label in _NUMBERS.items():
        value = float(cells[name])
        if not math.isnan(value):
            found.append((label, significant(value, 3)))
    if int(cells["members"]) > 1:
        text = f"{int(cells['members_agreeing'])} / {int(cells['members'])}"
        found.append((Pair("settings that say the same", "结论相同的设定"), text))
    return tuple(found)


def _truth_of(batch: Batch):
    if batch.truth is None:
        return {}
    table = batch.truth["true_total"].transpose("region", "total_sector")
    regions = [str(value) for value in table["region"].values]
    sectors = [str(value) for value in table["total_sector"].values]
    return {
        (region, sector): float(table.values[i, j])
        for i, region in enumerate(regions)
        for j, sector in enumerate(sectors)
    }

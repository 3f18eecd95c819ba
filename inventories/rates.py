"""Rows of a district table come in; mean rates of the batch by district and sector go out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inventories.places import OUTSIDE
from inventories.readers.district_table import TableRow

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rates:
    """Mean rates over the batch.

    Attributes
    ----------
    rate : ndarray (sector, region + 1), kg s-1
        Districts in their order, then `outside` (NaN where the table has no such rows).
    deviation : ndarray (sector, region + 1), kg s-1
        Declared 1-sigma, NaN where undeclared.
    covers_batch : bool
        False where a table of another period stands for the batch.
    rows_other_scope, rows_other_gas, rows_other_period : int
        Rows not used.
    """

    rate: np.ndarray
    deviation: np.ndarray
    covers_batch: bool
    rows_other_scope: int
    rows_other_gas: int
    rows_other_period: int


@dataclass(frozen=True)
class Wanted:
    """What is asked of a table: sectors, district codes, scope, gas, batch and repetition."""

    sectors: tuple[str, ...]
    codes: tuple[str, ...]
    scope: str
    gas: str
    start: np.datetime64
    end: np.datetime64
    repeat: str


def wanted_of(section: Any, codes: tuple[str, ...], gas_name: str, batch: Any) -> Wanted:
    """Return what settings ask of their district table for one batch.

    Parameters
    ----------
    section : InventorySettings
    codes : tuple of str
        Districts.
    gas_name : str
    batch : contracts.periods.Period

    Returns
    -------
    Wanted
        Its sectors are those that the table is spread for, maybe none.
    """
    return Wanted(
        sectors=tuple(name for name, sector in section.sectors.items() if sector.proxy),
        codes=codes,
        scope=section.scope,
        gas=gas_name,
        start=batch.start,
        end=batch.end,
        repeat=section.table_repeat,
    )


def batch_rates(rows: Sequence[TableRow], wanted: Wanted) -> Rates:
    """Return the batch's mean rate of every district and sector.

    Parameters
    ----------
    rows : sequence of TableRow
    wanted : Wanted

    Returns
    -------
    Rates

    Raises
    ------
    ValueError
        Where the table names unknown sectors or regions, lacks a district's total, or its periods
        do not cover the batch exactly once.

    Notes
    -----
    ASSUME: a total is spread evenly over its own period (day of week and hour come from profiles).
    """
    right_gas = [row for row in rows if row.gas == wanted.gas]
    right = [row for row in right_gas if row.scope == wanted.scope]
    _refuse_unknown(right, wanted)
    regions = (*wanted.codes, OUTSIDE)
    rate = np.full((len(wanted.sectors), len(regions)), np.nan)
    deviation = np.full(rate.shape, np.nan)
    used, covers = set(), True
    for place in np.ndindex(rate.shape):
        sector, region = wanted.sectors[place[0]], regions[place[1]]
        mine = [row for row in right if (row.sector, row.region) == (sector, region)]
        if not mine and region == OUTSIDE:
            continue
        shares, covered = _shares(mine, wanted, f"{region}, {sector}")
        covers &= covered
        used |= {row.line for row, share in zip(mine, shares, strict=True) if share > 0}
        per_row = [row.total_kg / _seconds(row.start, row.end) for row in mine]
        rate[place] = sum(r * s for r, s in zip(per_row, shares, strict=True))
        deviation[place] = sum(
            s * r * (np.nan if row.deviation_percent is None else row.deviation_percent / 100.0)
            for row, r, s in zip(mine, per_row, shares, strict=True)
            if s > 0
        )
    counts = (len(right_gas) - len(right), len(rows) - len(right_gas), len(right) - len(used))
    logger.info(
        "district table: %d rows, %d used, left out: %d of another scope, %d of another gas, "
        "%d of another period", len(rows), len(used), *counts,
    )  # fmt: skip
    return Rates(rate, deviation, covers, *counts)


def _refuse_unknown(rows: list[TableRow], wanted: Wanted) -> None:
    """Raise where rows name sectors or regions that would be lost, or totals are missing."""
    sectors = sorted({row.sector for row in rows} - set(wanted.sectors))
    regions = sorted({row.region for row in rows} - {*wanted.codes, OUTSIDE})
    if sectors or regions:
        msg = (
            f"sectors and regions of the table must be those of the run; got sectors {sectors} and "
            f"regions {regions} besides in the district table. Add them to the settings, or take "
            "their rows out (a row of the sum of districts counts twice)."
        )
        raise ValueError(msg)
    present = {(row.sector, row.region) for row in rows}
    missing = [
        f"{region}, {sector}"
        for sector in wanted.sectors
        for region in wanted.codes
        if (sector, region) not in present
    ]
    if missing:
        msg = (
            f"every district must have a total of every sector; got none for {len(missing)}: "
            f"{'; '.join(missing[:10])} in the district table. Write 0 where there is nothing."
        )
        raise ValueError(msg)


def _shares(rows: list[TableRow], wanted: Wanted, what: str) -> tuple[list[float], bool]:
    """Return the share of the batch that each row describes, and whether they cover it."""
    length = _seconds(wanted.start, wanted.end)
    overlaps = [
        max(_seconds(max(row.start, wanted.start), min(row.end, wanted.end)), 0.0) for row in rows
    ]
    total = sum(overlaps)
    if total == length:
        return [overlap / length for overlap in overlaps], True
    if total == 0.0 and wanted.repeat == "constant":
        whole = sum(_seconds(row.start, row.end) for row in rows)
        return [_seconds(row.start, row.end) / whole for row in rows], False
    msg = (
        f"the table's periods must cover the batch {wanted.start} to {wanted.end} once; got "
        f"{total / length:.3f} of it for {what} in the district table. Add the period, take one "
        "out, or declare table_repeat: constant for a table of another period."
    )
    raise ValueError(msg)


def _seconds(start: Any, end: Any) -> float:
    """Return the seconds from start to end."""
    return float((end - start) / np.timedelta64(1, "s"))

"""The settings' gas and a run's totals come in; the units that its page is written in go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from report.inputs import Batch, ReportInputs
from report.intervals import batch_seconds
from report.numbers import Mass, mass_unit
from report.wording import Pair, same

DAY = 86_400.0
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_AMOUNT = {"ppm": "µmol mol⁻¹", "ppb": "nmol mol⁻¹"}


@dataclass(frozen=True)
class Units:
    """What numbers of a page are written in.

    Parameters
    ----------
    gas : str
        Name with its numbers lowered.
    mole_fraction : str
        ``ppm`` or ``ppb``.
    per_canonical : float
        How many of it make one umol mol-1.
    mass, daily_mass : Mass
        Of the totals of a batch, and of a day.
    """

    gas: str
    mole_fraction: str
    per_canonical: float
    mass: Mass
    daily_mass: Mass

    @property
    def amount(self) -> str:
        """Return the unit of mole fractions in full."""
        return f"{_AMOUNT[self.mole_fraction]} ({self.mole_fraction})"

    @property
    def mole_fraction_label(self) -> Pair:
        """Return gas and unit, for an axis."""
        return same(f"{self.gas}, {self.amount}")

    @property
    def mass_label(self) -> Pair:
        """Return the unit of totals, for an axis."""
        unit = f"{self.mass.symbol} {self.gas}"
        return Pair(f"{unit} in the period", f"{unit}（本时段总量）")

    @property
    def daily_label(self) -> Pair:
        """Return the unit of daily totals, for an axis."""
        unit = f"{self.daily_mass.symbol} {self.gas}"
        return Pair(f"{unit} per day", f"{unit} / 日")


def gas_text(name: str) -> str:
    """Return a formula with its numbers lowered.

    Examples
    --------
    >>> gas_text("CH4"), gas_text("N2O")
    ('CH₄', 'N₂O')
    """
    return name.translate(_LOW)


def page_units(inputs: ReportInputs) -> Units:
    """Return the units of a page: those of the gas, and masses as large as its totals.

    Parameters
    ----------
    inputs : ReportInputs
        The run.

    Returns
    -------
    Units
        One mass unit for all totals of the page, so that batches and districts compare.
    """
    gas = inputs.settings.gas
    return Units(
        gas_text(str(gas.name)),
        str(gas.mole_fraction_unit),
        float(gas.per_canonical),
        mass_unit(max((_largest(batch) for batch in inputs.batches), default=0.0)),
        mass_unit(max((_largest_day(batch) for batch in inputs.batches), default=0.0)),
    )


def _largest(batch: Batch):
    """Return the largest total of the whole in one batch [kg]."""
    data = batch.posterior
    whole = data["total_region"].values.astype(str) == "all"
    whole &= data["total_interval"].values.astype(str) == ""
    rates = [np.abs(data[name].values[whole]).max() for name in ("total", "total_prior")]
    return float(max(rates)) * batch_seconds(batch)


def _largest_day(batch: Batch):
    """Return the largest daily total of the whole in one batch [kg]."""
    data = batch.posterior
    return DAY * max(
        float(np.abs(data[name].values).max()) for name in ("daily_total", "daily_total_prior")
    )

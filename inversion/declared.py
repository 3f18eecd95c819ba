"""Declared uncertainties of totals come in; what is wrong with them goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = "all"
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Declaration:
    """One declared total.

    Attributes
    ----------
    region : str
        A district's code or ``all``.
    sector : str
        A state sector, or ``all`` for the inventory's sectors summed.
    standard_deviation : float
        1 sigma of the batch's mean rate [kg s-1], > 0.
    """

    region: str
    sector: str
    standard_deviation: float


def feasibility_problems(
    declared: Sequence[Declaration], districts: Sequence[str], sectors: Sequence[str]
) -> list[str]:
    """Return what is wrong with declared totals, one sentence each; empty where they can hold.

    Parameters
    ----------
    declared : sequence of Declaration
        Absolute values [kg s-1].
    districts : sequence of str
        All districts of the city.
    sectors : sequence of str
        All inventory sectors.

    Returns
    -------
    list of str

    Notes
    -----
    For districts, and for sectors, max(0, 2 max s_i - sum s_i) <= s_city <= sum s_i (SCIENCE 2.2):
    what correlations between -1 and 1 can make of parts of given uncertainty. The same holds for
    one sector over all districts and for one district over all sectors.
    """
    problems = [
        f"a declared standard deviation must be finite and > 0; got {one.standard_deviation} kg s-1 "
        f"for region {one.region}, sector {one.sector}. Leave the total out or declare a value."
        for one in declared
        if not (np.isfinite(one.standard_deviation) and one.standard_deviation > 0.0)
    ]
    if len({(one.region, one.sector) for one in declared}) != len(declared):
        problems.append(
            f"a total must be declared once; got {len(declared)} declarations of "
            f"{len({(one.region, one.sector) for one in declared})} totals. Remove the repeated one."
        )
    if problems:
        return problems
    return [
        f"{row.sentence}; got {row.value:.6g} kg s-1 in errors.prior.declared. Change "
        f"{row.whole}'s or the {row.family}' values."
        for row in _intervals(declared, districts, sectors)
        if not row.low <= row.value <= row.high
    ]


def admissible(
    declared: Sequence[Declaration], districts: Sequence[str], sectors: Sequence[str]
) -> list[str]:
    """Return between what each declared total must lie, given the others; one sentence each."""
    return [
        f"{row.sentence}; got {row.value:.6g} kg s-1"
        for row in _intervals(declared, districts, sectors)
    ]


@dataclass(frozen=True)
class _Interval:
    """Between what one declared total must lie, given those it is the sum of [kg s-1]."""

    whole: str
    family: str
    low: float
    high: float
    value: float

    @property
    def sentence(self) -> str:
        return (
            f"{self.whole}'s declared standard deviation must lie between {self.low:.6g} and "
            f"{self.high:.6g} kg s-1 given those of its {self.family}"
        )


def _intervals(
    declared: Sequence[Declaration], districts: Sequence[str], sectors: Sequence[str]
) -> list[_Interval]:
    """Return the interval of every declared total all of whose parts are declared too."""
    by_name = {(one.region, one.sector): one.standard_deviation for one in declared}
    found = []
    for (region, sector), value in by_name.items():
        families = {
            "districts": [(code, sector) for code in districts] if region == ALL else [],
            "sectors": [(region, name) for name in sectors] if sector == ALL else [],
        }
        for family, members in families.items():
            if not members or any(key not in by_name for key in members):
                continue
            parts = np.array([by_name[key] for key in members])
            low, high = max(0.0, 2.0 * parts.max() - parts.sum()), parts.sum()
            found.append(_Interval(_name(region, sector), family, low, high, value))
    return found


def _name(region: str, sector: str) -> str:
    """Return what a total is called in a sentence."""
    if (region, sector) == (ALL, ALL):
        return "the city"
    return f"region {region}, sector {sector}"


def independent_columns(columns: np.ndarray) -> list[int]:
    """Return the columns, in order, that are not combinations of earlier ones.

    Parameters
    ----------
    columns : ndarray, (rows, j)

    Returns
    -------
    list of int

    Examples
    --------
    >>> import numpy as np
    >>> independent_columns(np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 1.0, 2.0]]))
    [0, 1]
    """
    kept: list[int] = []
    basis = np.zeros((columns.shape[0], 0))
    for index, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        length = np.linalg.norm(rest)
        if length > _ROUNDING * np.linalg.norm(column):
            kept.append(index)
            basis = np.column_stack([basis, rest / length])
    return kept

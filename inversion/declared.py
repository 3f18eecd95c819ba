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
    what correlations between -1 and 1 can make of parts of given uncertainty.
    """
    by_name = {(one.region, one.sector): one.standard_deviation for one in declared}
    problems = [
        f"a declared standard deviation must be finite and > 0; got {one.standard_deviation} kg s-1 "
        f"for region {one.region}, sector {one.sector}. Leave the total out or declare a value."
        for one in declared
        if not (np.isfinite(one.standard_deviation) and one.standard_deviation > 0.0)
    ]
    if len(by_name) != len(declared):
        problems.append(
            f"a total must be declared once; got {len(declared)} declarations of {len(by_name)} "
            "totals. Remove the repeated one."
        )
    city = by_name.get((ALL, ALL))
    families = {
        "districts": [(code, ALL) for code in districts],
        "sectors": [(ALL, name) for name in sectors],
    }
    for family, members in families.items():
        if city is None or problems or not members or any(key not in by_name for key in members):
            continue
        parts = np.array([by_name[key] for key in members])
        low, high = max(0.0, 2.0 * parts.max() - parts.sum()), parts.sum()
        if not low <= city <= high:
            problems.append(
                f"the city's declared standard deviation must lie between {low:.6g} and {high:.6g} "
                f"kg s-1 given those of its {family}; got {city:.6g} kg s-1 in errors.prior."
                f"declared. Change the city's or the {family}' values."
            )
    return problems


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

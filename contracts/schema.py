"""The words in which a dataset contract is written: variables with dims, dtype, unit, range and what NaN may mean."""

from collections.abc import Callable
from dataclasses import dataclass, field

import xarray as xr


@dataclass(frozen=True)
class Variable:
    """One variable of a contract.

    Attributes
    ----------
    dims : str
        Names in order, separated by blanks; `row` and `col` stand for the grid's two dims and
        `space` for either `row col` or `region`.
    unit : str
        Canonical unit, compared with the attribute `units`; "" for text, indices and times.
    kind : str
        "float", "int", "text" or "time".
    low, high : float
        Inclusive physical range.
    optional : bool
    missing : bool
        Whether NaN may stand for "does not exist".
    """

    dims: str
    unit: str = ""
    kind: str = "float"
    low: float = -float("inf")
    high: float = float("inf")
    optional: bool = False
    missing: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule between variables; `test` returns what was found where it is broken, else None."""

    variable: str
    expected: str
    test: Callable[[xr.Dataset], str | None]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """A dataset contract."""

    name: str
    variables: dict[str, Variable]
    attributes: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default=())


def text(dims: str, *, optional: bool = False) -> Variable:
    """Return a text variable."""
    return Variable(dims, kind="text", optional=optional)


def times(dims: str, *, optional: bool = False) -> Variable:
    """Return a time variable (datetime64[ns], UTC)."""
    return Variable(dims, kind="time", optional=optional)


def integers(dims: str, low: float = -float("inf"), *, optional: bool = False) -> Variable:
    """Return an integer variable."""
    return Variable(dims, kind="int", low=low, optional=optional)

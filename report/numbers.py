"""A float and its standard deviation come in; digits as people should read them go out.

The uncertainty has two significant digits and the value stops at the same place; minus is U+2212,
thousands are parted by a thin space, ranges by an en dash.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MINUS = "−"
THIN = "\u2009"
KILOGRAMS_PER_MEGATONNE = 1e9
NORMAL_95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


def decimals_for(uncertainty: float) -> int:
    """Return the decimal places that leave two significant digits of an uncertainty.

    Parameters
    ----------
    uncertainty : float
        Positive number, any unit.

    Returns
    -------
    int
        Places after the point; negative where whole tens are meant.

    Examples
    --------
    >>> decimals_for(0.0456), decimals_for(4.56), decimals_for(456.0)
    (3, 1, -1)
    """
    if not math.isfinite(uncertainty) or uncertainty <= 0.0:
        return 2
    places = 1 - math.floor(math.log10(uncertainty))
    rounded_up = round(uncertainty, places) >= 10.0 ** (2 - places)
    return places - 1 if rounded_up else places


def show(value: float, places: int = 2) -> str:
    r"""Return a number with a given number of decimal places.

    Examples
    --------
    >>> show(-12345.678, 1)
    '−12\u2009345.7'
    """
    rounded = round(value, places)
    text = f"{abs(rounded):.{max(places, 0)}f}"
    if abs(rounded) >= 1e4:
        text = f"{abs(rounded):,.{max(places, 0)}f}".replace(",", THIN)
    return (MINUS if rounded < 0.0 else "") + text


def significant(value: float, digits: int = 3) -> str:
    """Return a number with a given number of significant digits.

    Examples
    --------
    >>> significant(0.012345), significant(0.0)
    ('0.0123', '0')
    """
    if value == 0.0:
        return "0"
    if not math.isfinite(value):
        return "–"
    return show(value, digits - 1 - math.floor(math.log10(abs(value))))


@dataclass(frozen=True)
class Quantity:
    """A value with its 1-sd uncertainty in the unit people read.

    Parameters
    ----------
    value : float
        In the unit of display.
    sd : float or None
        Standard deviation in the same unit; None when none was declared.
    """

    value: float
    sd: float | None = None

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval (the value itself without an sd)."""
        return self.value - NORMAL_95 * (self.sd or 0.0)

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval."""
        return self.value + NORMAL_95 * (self.sd or 0.0)

    @property
    def text(self) -> str:
        """Return the value alone, as precise as its uncertainty allows."""
        return show(self.value, self._places) if self.sd else significant(self.value)

    @property
    def plus_minus(self) -> str:
        """Return ``value ± half width of the 95 % interval``."""
        if not self.sd:
            return self.text
        return f"{self.text} ± {show(NORMAL_95 * self.sd, self._places)}"

    @property
    def interval(self) -> str:
        """Return ``low–high`` of the 95 % interval; dots where an end is negative."""
        ends = show(self.low, self._places), show(self.high, self._places)
        return (" … " if MINUS in "".join(ends) else "–").join(ends)

    @property
    def _places(self) -> int:
        return decimals_for(NORMAL_95 * (self.sd or 0.0))


def megatonnes(rate: float, sd: float | None, seconds: float) -> Quantity:
    """Return a mean rate as the megatonnes of a whole batch.

    Parameters
    ----------
    rate, sd : float
        Mean rate and its standard deviation [kg s-1]; sd None where undeclared.
    seconds : float
        Length of the batch [s].

    Returns
    -------
    Quantity
        In Mt.

    Examples
    --------
    >>> megatonnes(1000.0, None, 1e6).value
    1.0
    """
    factor = seconds / KILOGRAMS_PER_MEGATONNE
    return Quantity(rate * factor, None if sd is None else sd * factor)

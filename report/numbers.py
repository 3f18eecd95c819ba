"""A float and its standard deviation come in; digits as people should read them go out.

The uncertainty has two significant digits and the value stops at the same place; minus is U+2212,
thousands are parted by a thin space, ranges by an en dash.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MINUS = "−"
THIN = "\u2009"
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
    def plus_minus_sd(self) -> str:
        """Return ``value ± 1 standard deviation``."""
        if not self.sd:
            return self.text
        places = decimals_for(self.sd)
        return f"{show(self.value, places)} ± {show(self.sd, places)}"

    @property
    def interval(self) -> str:
        """Return ``low–high`` of the 95 % interval; dots where an end is negative."""
        ends = show(self.low, self._places), show(self.high, self._places)
        return (" … " if MINUS in "".join(ends) else "–").join(ends)

    @property
    def _places(self) -> int:
        return decimals_for(NORMAL_95 * (self.sd or 0.0))


@dataclass(frozen=True)
class Mass:
    """A unit of mass.

    Parameters
    ----------
    symbol : str
        As it is written.
    kilograms : float
        What one of it holds [kg].
    """

    symbol: str
    kilograms: float

    def of(self, rate: float, sd: float | None, seconds: float) -> Quantity:
        """Return a mean rate as the mass of a whole interval.

        Parameters
        ----------
        rate, sd : float
            Mean rate and its standard deviation [kg s-1]; sd None where undeclared.
        seconds : float
            Length of the interval [s].

        Returns
        -------
        Quantity
            In this unit.

        Examples
        --------
        >>> MEGATONNE.of(1000.0, None, 1e6).value
        1.0
        """
        factor = seconds / self.kilograms
        return Quantity(rate * factor, None if sd is None else sd * factor)


@dataclass(frozen=True)
class MassOver:
    """A unit of mass and the interval over which rates are summed.

    Parameters
    ----------
    unit : Mass
        In which masses are given.
    seconds : float
        Length of the interval [s].
    """

    unit: Mass
    seconds: float

    def of(self, rate: float, sd: float | None) -> Quantity:
        """Return a mean rate and its sd [kg s-1] as the mass of the interval."""
        return self.unit.of(rate, sd, self.seconds)


MEGATONNE, KILOTONNE, TONNE = Mass("Mt", 1e9), Mass("kt", 1e6), Mass("t", 1e3)


def mass_unit(kilograms: float) -> Mass:
    """Return the largest unit of which a mass holds at least one; tonnes below that.

    Parameters
    ----------
    kilograms : float
        Size of the largest mass that will be written [kg]; the sign does not matter.

    Examples
    --------
    >>> mass_unit(3.9e9).symbol, mass_unit(-5e7).symbol, mass_unit(12.0).symbol
    ('Mt', 'kt', 't')
    """
    found = (unit for unit in (MEGATONNE, KILOTONNE) if abs(kilograms) >= unit.kilograms)
    return next(found, TONNE)

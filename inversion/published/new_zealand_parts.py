"""The calendar of 2011 to 2013 comes in; the quarters of months in which the fluxes of New Zealand are constant go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OFFSET = np.timedelta64(12, "h")  # New Zealand standard time minus UTC, all year
FIRST = np.datetime64("2011-01-01", "D")
_HOUR_OF_QUARTER_DAY = 6


@dataclass(frozen=True)
class Parts:
    """Quarters of calendar months, p = 144; a month of L days has four parts of L/4 days.

    Attributes
    ----------
    bounds : ndarray of datetime64[ns], (p, 2)
        UTC; the edges are quarters of a day in New Zealand standard time.
    end_day : ndarray, (p,)
        Days from the start of 2011 to the end of each part, E_w.
    year : ndarray of int, (p,)
    month : ndarray of int, (p,)
        Months since the start of 2011.
    year_days : ndarray, (p,)
        Length of the part's year, 365 or 366 days.
    year_share : ndarray, (p,)
        Share of the part in its year, f_w; sums to 1 in each year.
    """

    bounds: np.ndarray
    end_day: np.ndarray
    year: np.ndarray
    month: np.ndarray
    year_days: np.ndarray
    year_share: np.ndarray

    def of_day(self, day: np.ndarray) -> np.ndarray:
        """Return the part of each day, from 0: E_(w-1) < d <= E_w, days counted from 1."""
        return np.searchsorted(self.end_day, day, side="left")


def parts_of_months(years: tuple[int, ...] = (2011, 2012, 2013)) -> Parts:
    """Return four equal parts of each month.

    Examples
    --------
    >>> parts_of_months().end_day[:5].tolist()
    [7.75, 15.5, 23.25, 31.0, 38.0]
    """
    months = np.arange(f"{years[0]}-01", f"{years[-1] + 1}-01", dtype="datetime64[M]")
    days = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    length = np.repeat(days / 4.0, 4)
    end_day = np.cumsum(length)
    year = np.repeat(months.astype("datetime64[Y]").astype(int) + 1970, 4)
    year_days = np.array([days[year[::4] == one].sum() for one in year], dtype=np.float64)
    quarter_days = np.rint(np.concatenate([[0.0], end_day]) * 4).astype(int)
    hours = (quarter_days * _HOUR_OF_QUARTER_DAY).astype("timedelta64[h]")
    edges = (FIRST.astype("datetime64[ns]") + hours - OFFSET).astype("datetime64[ns]")
    return Parts(
        bounds=np.stack([edges[:-1], edges[1:]], axis=1),
        end_day=end_day,
        year=year,
        month=np.repeat(np.arange(len(months)), 4),
        year_days=year_days,
        year_share=length / year_days,
    )

"""The fit of one station comes in; its chart of observed and modelled hours goes out."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from report.charts.canvas import ATMOSPHERE, BACKGROUND, INK, PRIOR
from report.charts.series import Axes, Curve, series_chart
from report.misfit import StationFit
from report.units import Units
from report.wording import Pair

GAP_HOURS = 6.0  # lines are not drawn across the night


def station_chart(fit: StationFit, units: Units, utc_offset_hours: float) -> Markup:
    """Draw observed hours, background, and the model before and after.

    Parameters
    ----------
    fit : StationFit
        Hours of one station.
    units : Units
        In which mole fractions are given.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    Markup
        Inline SVG.
    """
    factor = units.per_canonical
    curves = [
        Curve(factor * fit.background, Pair("background", "背景"), BACKGROUND),
        Curve(factor * fit.before, Pair("model, prior", "模式（先验）"), PRIOR, style="dashed"),
        Curve(factor * fit.after, Pair("model, posterior", "模式（后验）"), ATMOSPHERE),
        Curve(factor * fit.observed, Pair("observed", "观测"), INK, style="dots"),
    ]
    local = fit.time + np.timedelta64(round(3600 * utc_offset_hours), "s")
    label = Pair(
        f"Hourly mole fractions at {fit.station}: observed, background, model before and after",
        f"{fit.station} 站逐时摩尔分数：观测、背景、反演前后模式",
    )
    gap = gap_hours(fit.time)
    axes = Axes(local, units.mole_fraction_label, label, height=150.0, gap_hours=gap)
    return series_chart(axes, curves)


def gap_hours(time: np.ndarray) -> float:
    """Return the longest step that a line bridges [h]: six, or more where hours lie far apart.

    Parameters
    ----------
    time : ndarray of datetime64[ns], (hour,)
        Ascending.

    Examples
    --------
    >>> gap_hours(np.arange(5) * np.timedelta64(24, "h") + np.datetime64("2026-01-01", "ns"))
    72.0
    """
    if time.size < 2:
        return GAP_HOURS
    return max(GAP_HOURS, 3.0 * float(np.median(np.diff(time) / np.timedelta64(1, "h"))))

"""The fit of one station comes in; its chart of observed and modelled hours goes out."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from report.charts.canvas import ATMOSPHERE, BACKGROUND, INK, PRIOR
from report.charts.series import Axes, Curve, series_chart
from report.misfit import StationFit
from report.wording import Pair

GAP_HOURS = 6.0  # lines are not drawn across the night
UNIT = Pair("CO₂, µmol mol⁻¹ (ppm)", "CO₂，µmol mol⁻¹（ppm）")


def station_chart(fit: StationFit, utc_offset_hours: float) -> Markup:
    """Draw observed hours, background, and the model before and after.

    Parameters
    ----------
    fit : StationFit
        Hours of one station.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    Markup
        Inline SVG.
    """
    curves = [
        Curve(fit.background, Pair("background", "背景"), BACKGROUND),
        Curve(fit.before, Pair("model, prior", "模式（先验）"), PRIOR, style="dashed"),
        Curve(fit.after, Pair("model, posterior", "模式（后验）"), ATMOSPHERE),
        Curve(fit.observed, Pair("observed", "观测"), INK, style="dots"),
    ]
    local = fit.time + np.timedelta64(round(3600 * utc_offset_hours), "s")
    label = Pair(
        f"Hourly mole fractions at {fit.station}: observed, background, model before and after",
        f"{fit.station} 站逐时摩尔分数：观测、背景、反演前后模式",
    )
    return series_chart(Axes(local, UNIT, label, height=150.0, gap_hours=GAP_HOURS), curves)

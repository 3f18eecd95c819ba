"""The daily city totals of a batch come in; their chart, in kt a day of local time, goes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from report.charts.canvas import POSTERIOR, PRIOR, TRUTH
from report.charts.series import Axes, Curve, series_chart
from report.inputs import Batch
from report.numbers import NORMAL_95
from report.wording import Pair, sector_name

KILOTONNES_PER_DAY = 86400.0 / 1e6  # per kg s-1
KILOGRAMS_PER_MICROMOLE = 1e-9  # times the molar mass in g mol-1


def daily_chart(batch: Batch, sector: str, settings: Any) -> Markup:
    """Draw prior, posterior and, where known, the truth of each day.

    Parameters
    ----------
    batch : Batch
        Days of the spin-up are left out.
    sector : str
        ``all`` or ``net``.
    settings : Settings
        For the local time and the molar mass.

    Returns
    -------
    Markup
        Inline SVG; bands are 95 % intervals of the single day.
    """
    used = batch.prior["period_in_batch"].values == 1
    data = batch.posterior.isel(period=np.flatnonzero(used))
    place = data["daily_sector"].values.astype(str).tolist().index(sector)

    def column(name: str):
        return data[name].transpose("daily_sector", "period").values[place] * KILOTONNES_PER_DAY

    curves = [
        Curve(
            column("daily_total_prior"),
            Pair("prior, 95 %", "先验，95%"),
            PRIOR,
            NORMAL_95 * column("daily_total_prior_standard_deviation"),
            "dashed",
        ),
        Curve(
            column("daily_total"),
            Pair("posterior, 95 %", "后验，95%"),
            POSTERIOR,
            NORMAL_95 * column("daily_total_standard_deviation"),
        ),
    ]
    truth = true_days(batch, sector, settings.gas.molar_mass_g_mol)
    if truth is not None:
        words = Pair("known truth (synthetic)", "已知真值（合成）")
        curves.append(Curve(truth[used] * KILOTONNES_PER_DAY, words, TRUTH, style="dots"))
    offset = np.timedelta64(round(3600 * settings.time.utc_offset_hours), "s")
    name = sector_name(sector)
    label = Pair(f"Daily totals of the city, {name.en}", f"全市逐日总量，{name.zh}")
    unit = Pair("kt CO₂ per day", "kt CO₂ / 日")
    start = data["period_bounds"].values[:, 0] + offset
    return series_chart(Axes(start, unit, label), curves)


def true_days(batch: Batch, sector: str, molar_mass: float) -> np.ndarray | None:
    """Return the true total of the city in each period.

    Parameters
    ----------
    batch : Batch
        With or without a truth.
    sector : str
        Only ``all`` can be summed from the truth's fluxes; other sums contain fixed parts.
    molar_mass : float
        [g mol-1].

    Returns
    -------
    ndarray, (period,), or None
        [kg s-1]; None without a truth in the same periods.
    """
    truth, prior = batch.truth, batch.prior
    if truth is None or sector != "all" or "region_fraction" not in prior:
        return None
    if truth.sizes["period"] != prior.sizes["period"]:
        return None
    kinds = dict(
        zip(
            prior["sector"].values.astype(str), prior["sector_kind"].values.astype(str), strict=True
        )
    )
    wanted = [k for k, name in enumerate(truth["sector"].values.astype(str)) if
              kinds.get(str(name)) == "inventory"]  # fmt: skip
    inside = np.array([code != "outside" for code in prior["region"].values.astype(str)])
    city = prior["region_fraction"].values[inside].sum(axis=0) * prior["cell_area"].values
    rate = np.einsum("sprc,rc->p", truth["flux"].values[wanted], city)
    return rate * molar_mass * KILOGRAMS_PER_MICROMOLE

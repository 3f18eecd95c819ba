"""The whole's totals in each period of the state come in; their chart, as mass a day, goes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from report.charts.canvas import POSTERIOR, PRIOR, TRUTH
from report.charts.series import Axes, Curve, series_chart
from report.inputs import Batch
from report.intervals import longest_period_hours
from report.names import names_of
from report.numbers import NORMAL_95
from report.units import DAY, Units
from report.wording import Pair

KILOGRAMS_PER_MICROMOLE = 1e-9  # times the molar mass in g mol-1


def daily_chart(batch: Batch, sector: str, settings: Any, units: Units) -> Markup:
    """Draw prior, posterior and, where known, the truth of each period, mostly a day.

    Parameters
    ----------
    batch : Batch
        Days of the spin-up are left out.
    sector : str
        ``all`` or ``net``.
    settings : Settings
        For the local time and the molar mass.
    units : Units
        In which masses are given.

    Returns
    -------
    Markup
        Inline SVG; bands are 95 % intervals of the single period.
    """
    used = batch.prior["period_in_batch"].values == 1
    data = batch.posterior.isel(period=np.flatnonzero(used))
    place = data["daily_sector"].values.astype(str).tolist().index(sector)

    per_day = DAY / units.daily_mass.kilograms

    def column(name: str):
        return data[name].transpose("daily_sector", "period").values[place] * per_day

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
        curves.append(Curve(truth[used] * per_day, words, TRUTH, style="dots"))
    offset = np.timedelta64(round(3600 * settings.time.utc_offset_hours), "s")
    names = names_of(batch)
    name, whole = names.sector(sector), names.whole
    label = Pair(f"Totals by period, {whole.en}, {name.en}", f"各时段总量，{whole.zh}，{name.zh}")
    start = data["period_bounds"].values[:, 0] + offset
    gap = 1.5 * longest_period_hours(batch)
    return series_chart(Axes(start, units.daily_label, label, gap_hours=gap), curves)


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

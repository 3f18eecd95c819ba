"""A posterior, its diagnostics and error terms come in; judged numbers for the page go out."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from report.charts.errors import ErrorBar
from report.error_rules import component_name, depends_on, fades
from report.inputs import Batch
from report.numbers import Quantity, decimals_for, show, significant
from report.units import Units
from report.wording import Pair, same

CANONICAL = "umol mol-1"
NOTHING_SEEN = Pair("no observations: the prior is shown", "没有观测：所示为先验")
GREEN, AMBER = (0.8, 1.2), (0.5, 2.0)  # SCIENCE: INV-2 and INV-4
_WORDS = {
    "✓": Pair("the stated errors explain what was seen", "所设误差能解释观测"),
    "!": Pair("look again at the stated errors", "需重新检查所设误差"),
    "✗": Pair("do not trust the intervals", "区间不可信"),
}
RULE = Pair(
    "✓ inside 0.8–1.2, ! inside 0.5–2, ✗ beyond; above 1 the intervals are too narrow",
    "✓ 在 0.8–1.2 内，! 在 0.5–2 内，✗ 更远；大于 1 表示区间过窄",
)


def judge_chi_square(value: float) -> tuple[str, Pair]:
    """Judge a reduced chi-square, whose expectation is 1 where the assumed errors are right.

    Parameters
    ----------
    value : float
        J(x̂) / n [1].

    Returns
    -------
    (symbol, word)

    Examples
    --------
    >>> judge_chi_square(1.1)[0], judge_chi_square(1.5)[0], judge_chi_square(2.5)[0]
    ('✓', '!', '✗')
    """
    inside = {"✓": GREEN, "!": AMBER}
    symbol = next((key for key, (low, high) in inside.items() if low <= value <= high), "✗")
    return symbol, _WORDS[symbol]


def summary(batch: Batch) -> dict[str, Any]:
    """Return χ², degrees of freedom, evidence and size of one inversion, judged and as text."""
    attrs = batch.posterior.attrs
    number = int(attrs["n_observations"])
    value = float(batch.diagnostics.get("reduced_chi_square", attrs["reduced_chi_square"]))
    symbol, word = judge_chi_square(value) if number else ("–", NOTHING_SEEN)
    dofs, evidence = float(attrs["dofs"]), float(attrs["log_evidence"])
    return {
        "chi": show(value, 2) if number else "–",
        "chi_exact": repr(value),
        "symbol": symbol,
        "word": word,
        "rule": RULE,
        "dofs": show(dofs, 1),
        "dofs_share": show(100.0 * dofs / max(number, 1), 0),
        "evidence": "–" if math.isnan(evidence) else show(evidence, 1),
        "observations": number,
        "states": show(float(attrs["n_state"]), 0),
        "solver": str(attrs["solver"]),
    }


def error_terms(batch: Batch, units: Units) -> list[dict[str, Any]]:
    """Return size and correlation of every error term.

    Parameters
    ----------
    batch : Batch
        The table of its diagnostics is shown; without one, the terms of its mismatch. A mismatch
        given as a whole matrix is one term.
    units : Units
        In which sizes are given.

    Returns
    -------
    list of dict
        ``name`` (Pair), ``where`` (Pair: in R or a state), ``size`` (root mean square), ``time``
        (correlation time), ``site`` and ``day`` (correlation between sites, and with the next
        day), all text; ``depends`` (Pair, or None: hour, class, day, wind sector, distance) and
        ``bar`` (for the chart, None where the row only repeats what another counts).
    """
    listed = batch.diagnostics.get("error_components") or _terms_of_mismatch(batch)
    given = []
    if "covariance" in batch.mismatch:
        whole = Pair("mismatch, matrix as given", "失配（给定矩阵）")
        variance = np.diagonal(batch.mismatch["covariance"].values)
        given = [{"component": whole, "stands_in": "R", "size": float(np.sqrt(variance.mean()))}]
    error = batch.observations["instrument_error"].values
    stated = {"component": Pair("instrument, as stated", "仪器（自报）"), "stands_in": "-"}
    stated["size"] = float(np.sqrt(np.mean(error**2)))
    counted = [row for row in listed if not (given and row["stands_in"] == "R")]
    rows = (*given, *listed, stated)
    return [_component(row, units.per_canonical, row in (*given, *counted)) for row in rows]


def _terms_of_mismatch(batch: Batch):
    data = batch.mismatch
    sizes = data["standard_deviation"].transpose("term", "obs").values
    shared, factors = (json.loads(data.attrs.get(key, "{}")) for key in ("shared_by", "factors"))
    return [
        {
            "component": str(name),
            "stands_in": "R",
            "size": float(np.sqrt(np.mean(sizes[k] ** 2))),
            "correlation_time_hours": _hours(float(data["correlation_time"].values[k])),
            "across_sites": float(data["cross_site_correlation"].values[k]),
            "shared_by": shared.get(str(name)),
            **factors.get(str(name), {}),
        }
        for k, name in enumerate(data["term"].values.astype(str))
    ]


def _hours(seconds: float):
    """Return a correlation time in hours; None where the error does not fade."""
    return None if np.isnan(seconds) else seconds / 3600.0


_PLACES = {
    "R": Pair("mismatch R", "失配 R"),
    "state": Pair("state", "状态量"),
    "-": Pair("in R", "计入 R"),
}


def _component(row: dict[str, Any], factor: float, counts: bool):
    def text(key: str, form: str):
        value = row.get(key)
        return "–" if value is None else form.format(value).replace("-", "−")

    name, size = component_name(row["component"]), factor * row["size"]
    place = row["stands_in"]
    return {
        "name": name,
        "where": _PLACES.get(place, same(str(place))),
        "size": significant(size, 2),
        "time": text("correlation_time_hours", "{:.3g} h"),
        "site": text("across_sites", "{:.2f}"),
        "day": text("across_days", "{:.2f}"),
        "depends": depends_on(row),
        "bar": ErrorBar(name, size, place == "state", fades(row)) if counts else None,
    }


def by_receptor(batch: Batch, units: Units) -> list[dict[str, str]]:
    """Return how each station fits, from the diagnostics: none where they do not say.

    Parameters
    ----------
    batch : Batch
        Its diagnostics hold ``chi_square_by_receptor``, ``whiteness``, ``leave_one_site_out``.
    units : Units
        In which errors of prediction are given.

    Returns
    -------
    list of dict
        ``name``, ``hours``, ``chi``, ``symbol``, ``lag`` (lag-1 correlation of the whitened
        innovations and its limit), ``predicted`` (share of hours inside the 95 % interval when
        the station is left out), ``rmse`` of that prediction, all text.
    """
    tables = ("chi_square_by_receptor", "whiteness", "leave_one_site_out")
    chi, white, left = (
        {row["receptor"]: row for row in batch.diagnostics.get(name, ())} for name in tables
    )
    found = []
    for name, row in sorted(chi.items()):
        lag = white.get(name, {}).get("lag_one")
        out = left.get(name)
        found.append(
            {
                "name": name,
                "hours": str(row["n"]),
                "chi": show(row["reduced_chi_square"], 2),
                "symbol": judge_chi_square(row["reduced_chi_square"])[0],
                "lag": "–"
                if lag is None
                else f"{show(lag, 2)} (± {show(white[name]['lag_one_limit'], 2)})",
                "predicted": f"{show(100 * out['coverage'], 0)} %" if out else "–",
                "rmse": show(units.per_canonical * out["rmse"], 2) if out else "–",
            }
        )
    return found


def nuisance_states(
    batch: Batch, units: Units, limit: int = 40
) -> tuple[list[dict[str, str]], int]:
    """Return the states that are not fluxes, before and after, and how many were left out.

    Parameters
    ----------
    batch : Batch
        Its posterior is read.
    units : Units
        In which states that are mole fractions are given.
    limit : int
        Largest number of rows shown.

    Returns
    -------
    (rows, left_out)
        Rows hold ``name``, ``prior`` (± 1 sd), ``posterior`` (± 1 sd), ``unit``.
    """
    data = batch.posterior
    names = data["nuisance"].values.astype(str)
    rows = []
    for k, name in enumerate(names[:limit]):
        mean, sd, before = (
            float(data[f"nuisance_{part}"].values[k])
            for part in ("mean", "standard_deviation", "prior_standard_deviation")
        )
        unit = str(data["nuisance_unit"].values[k])
        factor = units.per_canonical if unit == CANONICAL else 1.0
        shown = {CANONICAL: units.amount, "1": ""}.get(unit, unit)
        rows.append(
            {
                "name": str(name).replace("_", " "),
                "prior": f"± {show(factor * before, decimals_for(factor * before))}",
                "posterior": Quantity(factor * mean, factor * sd).plus_minus_sd,
                "unit": shown,
            }
        )
    return rows, max(0, len(names) - limit)


def is_diagonal(batch: Batch) -> bool:
    """Tell whether the mismatch was taken as free of correlation."""
    return batch.mismatch.attrs.get("diagonal") == "yes"


def other_numbers(batch: Batch) -> list[tuple[str, str]]:
    """Return every further scalar of the diagnostics file, as it stands there."""
    shown = ("reduced_chi_square", "dofs", "log_evidence", "n_observations", "n_state", "solver")
    return [
        (str(key).replace("_", " "), significant(float(value), 4))
        for key, value in sorted(batch.diagnostics.items())
        if key not in shown and isinstance(value, int | float) and not isinstance(value, bool)
    ]

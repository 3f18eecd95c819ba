"""A posterior, its diagnostics and error terms come in; judged numbers for the page go out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from report.inputs import Batch
from report.numbers import NORMAL_95, show, significant
from report.wording import Pair

GREEN, YELLOW, RED = (
    Pair("as expected", "符合预期"),
    Pair("look again", "需要留意"),
    Pair("do not trust the intervals", "区间不可信"),
)


def judge_chi_square(value: float, number: int) -> tuple[str, Pair, Pair]:
    """Judge a reduced chi-square.

    Parameters
    ----------
    value : float
        J(x̂) / n: 1 where the assumed errors are the right size.
    number : int
        Observations n.

    Returns
    -------
    (symbol, word, rule)
        ✓ inside 1 ± 1.96 √(2/n), the sampling range of independent normal errors; ! inside
        0.5–2; ✗ beyond. The middle range allows for errors that are not independent.
    """
    half = NORMAL_95 * math.sqrt(2.0 / max(number, 1))
    edges = f"{show(1.0 - half, 2)}–{show(1.0 + half, 2)}"
    rule = Pair(
        f"✓ inside {edges} (95 % for n = {number}), ! inside 0.5–2, ✗ beyond",
        f"✓ 在 {edges} 内（n = {number} 时的 95%），! 在 0.5–2 内，✗ 更远",
    )
    if abs(value - 1.0) <= half:
        return "✓", GREEN, rule
    if 0.5 <= value <= 2.0:
        return "!", YELLOW, rule
    return "✗", RED, rule


def summary(batch: Batch) -> dict[str, Any]:
    """Return χ², degrees of freedom, evidence and size of one inversion, judged and as text."""
    attrs = batch.posterior.attrs
    number = int(attrs["n_observations"])
    value = float(batch.diagnostics.get("reduced_chi_square", attrs["reduced_chi_square"]))
    symbol, word, rule = judge_chi_square(value, number)
    dofs = float(attrs["dofs"])
    return {
        "chi": show(value, 2),
        "chi_exact": repr(value),
        "symbol": symbol,
        "word": word,
        "rule": rule,
        "dofs": show(dofs, 1),
        "dofs_share": show(100.0 * dofs / max(number, 1), 0),
        "evidence": show(float(attrs["log_evidence"]), 1),
        "observations": number,
        "states": show(float(attrs["n_state"]), 0),
        "solver": str(attrs["solver"]),
    }


def error_terms(batch: Batch) -> list[dict[str, str]]:
    """Return size and correlation of every error term, the instrument's and the background's too.

    Parameters
    ----------
    batch : Batch
        Its mismatch, observations and background are read.

    Returns
    -------
    list of dict
        ``name``, ``median``, ``low``, ``high`` (5 and 95 % of the hours, umol mol-1), ``time``
        (correlation time), ``site`` (correlation between sites), all text.
    """
    data = batch.mismatch
    found = []
    for k, name in enumerate(data["term"].values.astype(str)):
        seconds = float(data["correlation_time"].values[k])
        site = float(data["cross_site_correlation"].values[k])
        sizes = data["standard_deviation"].transpose("term", "obs").values[k]
        hours = f"{seconds / 3600.0:g} h" if seconds > 0.0 else "0 h"
        found.append(_term(f"R: {name}", sizes, hours, show(site, 2)))
    error = batch.observations["instrument_error"].values
    found.append(_term("instrument (stated)", error, "–", "–"))
    error = batch.background["background_standard_deviation"].values
    found.append(_term("background (stated)", error, "–", "–"))
    return found


def _term(name, sizes, hours, site):
    low, middle, high = np.quantile(sizes, [0.05, 0.5, 0.95])
    return {
        "name": name.replace("_", " "),
        "median": significant(float(middle), 2),
        "low": significant(float(low), 2),
        "high": significant(float(high), 2),
        "time": hours,
        "site": site,
    }


def nuisance_states(batch: Batch, limit: int = 40) -> tuple[list[dict[str, str]], int]:
    """Return the states that are not fluxes, before and after, and how many were left out.

    Parameters
    ----------
    batch : Batch
        Its posterior is read.
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
        rows.append(
            {
                "name": str(name).replace("_", " "),
                "prior": f"± {significant(before, 2)}",
                "posterior": f"{show(mean, 2)} ± {significant(sd, 2)}",
                "unit": "" if unit == "1" else unit.replace("umol", "µmol").replace("-1", "⁻¹"),
            }
        )
    return rows, max(0, len(names) - limit)


def other_numbers(batch: Batch) -> list[tuple[str, str]]:
    """Return every further scalar of the diagnostics file, as it stands there."""
    shown = ("reduced_chi_square", "dofs", "log_evidence", "n_observations", "n_state", "solver")
    return [
        (str(key).replace("_", " "), significant(float(value), 4))
        for key, value in sorted(batch.diagnostics.items())
        if key not in shown and isinstance(value, int | float) and not isinstance(value, bool)
    ]

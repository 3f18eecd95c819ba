"""In come estimated and true totals of many draws; out goes how often intervals hold the truth.

A certificate is a JSON-ready dict: rows pooled per family of totals, and one row per total.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.stats

FAMILIES = ("city", "districts", "sectors", "biosphere")
BANDS = {
    "city": (0.90, 0.985),
    "districts": (0.93, 0.97),
    "sectors": (0.90, 0.985),
    "biosphere": (0.90, 0.985),
}
JUDGED = ("city", "districts")  # the others are reported
Z_95 = float(scipy.stats.norm.ppf(0.975))
CORRELATED = (
    "draws are independent of each other, but the totals of one draw are correlated: the binomial "
    "interval of a pooled row counts them as independent and is too narrow"
)


@dataclass(frozen=True)
class Totals:
    """Estimates of k totals in N draws.

    Attributes
    ----------
    family, region, sector : tuple of str, (k,)
        What each total is.
    truth, estimate : ndarray, (N, k)
        [kg s-1]
    prior : ndarray, (k,)
        The inversion's prior mean [kg s-1].
    standard_deviation, prior_standard_deviation : ndarray, (k,)
        Posterior and prior [kg s-1].
    """

    family: tuple[str, ...]
    region: tuple[str, ...]
    sector: tuple[str, ...]
    truth: np.ndarray
    estimate: np.ndarray
    prior: np.ndarray
    standard_deviation: np.ndarray
    prior_standard_deviation: np.ndarray

    def of(self, columns: np.ndarray) -> Totals:
        """Return the totals of some columns."""
        return replace(
            self,
            family=tuple(self.family[i] for i in columns),
            region=tuple(self.region[i] for i in columns),
            sector=tuple(self.sector[i] for i in columns),
            truth=self.truth[:, columns],
            estimate=self.estimate[:, columns],
            prior=self.prior[columns],
            standard_deviation=self.standard_deviation[columns],
            prior_standard_deviation=self.prior_standard_deviation[columns],
        )


def binomial_interval(covered: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a proportion.

    Parameters
    ----------
    covered, n : int
        Successes and trials.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    low, high : float

    Notes
    -----
    Clopper, C. J. and Pearson, E. S. (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> [round(edge, 4) for edge in binomial_interval(0, 10)]
    [0.0, 0.3085]
    """
    interval = scipy.stats.binomtest(covered, n).proportion_ci(confidence, method="exact")
    return float(interval.low), float(interval.high)


def certificate(totals: Totals, title: str) -> dict:
    """Return the certificate of one inversion.

    Parameters
    ----------
    totals : Totals
        Estimates and truths of every draw.
    title : str
        The family of truths they were drawn from.

    Returns
    -------
    dict
        ``draws``, ``family``, ``passed``, ``note``, ``rows`` (per family of totals: ``covered``,
        ``n``, ``coverage``, ``interval``, ``band``, ``within``, ``rmse_ratio``, ``bias``,
        ``inflation``) and ``per_total`` (the same per total).

    Raises
    ------
    ValueError
        Where a number is not finite or a standard deviation is not positive.

    Notes
    -----
    ``passed`` asks the pooled coverage of the 95 % intervals of city and districts to lie in their
    bands; sectors and biosphere are reported. ``rmse_ratio`` is posterior over prior, each error first divided by the prior standard
    deviation of its total; ``bias`` is the mean of (estimate - truth) / posterior standard
    deviation; ``inflation`` is max(1, q95 |z| / 1.96), the factor that would make the intervals
    of the family hold (SCIENCE 2.13 and 2.15 i).
    """
    _refuse(totals)
    rows = []
    for family in FAMILIES:
        columns = np.flatnonzero(np.array(totals.family) == family)
        if len(columns):
            rows.append({"family": family, **_row(totals.of(columns), BANDS[family])})
    within = {row["family"]: row["within"] for row in rows}
    per_total = []
    for column in range(len(totals.family)):
        one = totals.of(np.array([column]))
        names = {"family": one.family[0], "region": one.region[0], "sector": one.sector[0]}
        per_total.append({**names, **_row(one, BANDS[one.family[0]])})
    return {
        "draws": int(totals.truth.shape[0]),
        "family": title,
        "passed": all(within.get(family, False) for family in JUDGED),
        "note": CORRELATED,
        "rows": rows,
        "per_total": per_total,
    }


def _refuse(totals: Totals) -> None:
    """Raise where totals cannot be judged."""
    arrays = (totals.truth, totals.estimate, totals.prior)
    if not all(np.isfinite(array).all() for array in arrays):
        msg = (
            "estimated and true totals must be finite; got NaN or infinity in the draws. "
            "Look for the first draw that is not finite in truths.nc."
        )
        raise ValueError(msg)
    deviations = (totals.standard_deviation, totals.prior_standard_deviation)
    low = min(float(np.min(values)) for values in deviations)
    if not low > 0.0:
        msg = (
            f"the standard deviation of a total must be positive; got {low} in the posterior. "
            "Leave totals without flux out of the certificate."
        )
        raise ValueError(msg)


def _row(totals: Totals, band: tuple[float, float]) -> dict:
    """Return one row, pooled over the totals and the draws."""
    error = totals.estimate - totals.truth
    z = error / totals.standard_deviation
    covered, n = int((np.abs(z) <= Z_95).sum()), int(z.size)
    prior_error = (totals.prior - totals.truth) / totals.prior_standard_deviation
    scaled = error / totals.prior_standard_deviation
    quantile = float(np.quantile(np.abs(z), 0.95))
    share = covered / n
    return {
        "covered": covered,
        "n": n,
        "coverage": share,
        "interval": list(binomial_interval(covered, n)),
        "band": list(band),
        "within": bool(band[0] <= share <= band[1]),
        "rmse_ratio": float(np.sqrt(np.mean(scaled**2) / np.mean(prior_error**2))),
        "bias": float(z.mean()),
        "inflation": max(1.0, quantile / Z_95),
    }


def table(certificate_: dict) -> str:
    """Return a certificate as a table for the terminal.

    Parameters
    ----------
    certificate_ : dict
        As `certificate` returns it, with ``planted`` where faults were planted.

    Returns
    -------
    str
        Lines of text, without a last line break.
    """
    lines = [
        f"{certificate_['draws']} draws of {certificate_['family']}",
        f"{'totals':<28}{'covered':>16}{'share':>8}{'binomial 95 %':>18}{'band':>16}"
        f"{'rmse':>7}{'bias':>7}{'k':>6}  ",
        *(_line(row) for row in certificate_["rows"]),
        f"certificate: {'passed' if certificate_['passed'] else 'FAILED'}",
    ]
    for name, planted in certificate_.get("planted", {}).items():
        lines.append(f"planted fault: {name}")
        lines += [_line(row) for row in planted["rows"]]
        lines.append(f"  {'passed, so the check is blind' if planted['passed'] else 'caught'}")
    lines.append(f"note: {certificate_['note']}")
    return "\n".join(lines)


def _line(row: dict) -> str:
    """Return one row of the table."""
    low, high = row["interval"]
    band = f"{row['band'][0]:.3f}-{row['band'][1]:.3f}"
    mark = "" if row["within"] else "  out" if row["family"] in JUDGED else "  (reported)"
    covered = f"{row['covered']} of {row['n']}"
    return (
        f"{row['family']:<28}{covered:>16}{row['coverage']:>8.3f}{f'{low:.3f}-{high:.3f}':>18}{band:>16}"
        f"{row['rmse_ratio']:>7.2f}{row['bias']:>7.2f}{row['inflation']:>6.2f}{mark}"
    )

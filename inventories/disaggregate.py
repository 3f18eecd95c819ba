"""District totals and a proxy come in; a field whose district sums equal the totals goes out."""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-9  # relative, of each total (DESIGN 4)
STEPS = 100


def spread_totals(
    totals: np.ndarray, weight: np.ndarray, fraction: np.ndarray, what: str
) -> np.ndarray:
    """Return amounts per cell that follow the proxy and add up to every district's total.

    Parameters
    ----------
    totals : ndarray (region + 1,)
        Of the districts, then of `outside`; NaN there: outside has the districts' mean ratio of
        amount to weight. [kg s-1]
    weight : ndarray (row, col)
        The proxy's amount per cell, >= 0.
    fraction : ndarray (region + 1, row, col)
        Area fractions; they sum to 1 in each cell.
    what : str
        For the errors: sector and period.

    Returns
    -------
    ndarray (row, col), kg s-1
        a_c = w_c prod_r m_r^f_rc with sum_c f_rc a_c = T_r.

    Raises
    ------
    ValueError
        Where a district has a total but no proxy, or its total cannot be met by amounts >= 0.

    Notes
    -----
    Inside a district the ratio amount / weight is one number m_r. A cell on a border has the
    geometric mean of its districts' ratios, weighted by area: of all amounts >= 0 with these sums
    it is the one nearest the proxy in relative entropy (I-projection, Csiszár 1975). An arithmetic
    mean would break the sums as soon as a total is read back with the same area fractions. The
    ratios come from Newton's method on the convex dual problem.
    """
    weight, fraction = np.asarray(weight, float), np.asarray(fraction, float)
    share = fraction.reshape(len(fraction), -1)
    weight_flat = np.where((share[totals == 0] > 0).any(axis=0), 0.0, weight.ravel())
    free = np.flatnonzero(np.nan_to_num(totals, nan=0.0) > 0)
    reach = share @ weight_flat
    if (reach[free] <= 0).any():
        empty = free[reach[free] <= 0].tolist()
        msg = (
            f"every district with a total must have some of the proxy; got none in the regions "
            f"number {empty} for {what}. Choose another proxy, or correct the table."
        )
        raise ValueError(msg)
    if not len(free):
        return np.zeros(weight.shape)
    fixed = np.zeros(share.shape[1])
    if np.isnan(totals[-1]):
        city = free[free < len(totals) - 1]
        fixed = share[-1] * np.log(totals[city].sum() / reach[city].sum())
    amount = _project(totals[free], weight_flat * np.exp(fixed), share[free], what)
    return amount.reshape(weight.shape)


def _project(totals: np.ndarray, weight: np.ndarray, share: np.ndarray, what: str) -> np.ndarray:
    """Return the I-projection of weights on sums share @ amount = totals."""
    used = weight > 0
    base, part = weight[used], share[:, used]
    log_ratio = np.log(totals / (part @ base))
    amount = base * np.exp(part.T @ log_ratio)
    for _ in range(STEPS):
        gap = totals - part @ amount
        if np.abs(gap / totals).max() <= 1e-3 * TOLERANCE:
            break
        curvature = (part * amount) @ part.T
        step = np.linalg.lstsq(curvature, gap, rcond=None)[0]
        objective = amount.sum() - totals @ log_ratio
        size = min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        for _ in range(60):
            trial = log_ratio + size * step
            moved = base * np.exp(part.T @ trial)
            if moved.sum() - totals @ trial <= objective + 1e-12 * abs(objective):
                break
            size *= 0.5
        log_ratio, amount = trial, moved
    worst = int(np.argmax(np.abs(part @ amount / totals - 1.0)))
    error = float(abs((part[worst] @ amount) / totals[worst] - 1.0))
    if not error <= TOLERANCE:
        msg = (
            f"district totals must be met within {TOLERANCE} by amounts >= 0; got a difference of "
            f"{error:.2e} for {what}: the border cells' proxy belongs to neighbours whose totals "
            "do not allow it. Use a finer grid, or another proxy."
        )
        raise ValueError(msg)
    result = np.zeros(len(weight))
    result[used] = amount
    return result

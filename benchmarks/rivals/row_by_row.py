"""A made city and a product in space come in; rows of H sent through K, one after the other, go out.

The dual form as it is commonly coded (Michalak and others 2004; Miller and others 2020): each row
of H, which is sparse, is spread over all periods and sectors, correlated in space by a dense
product or an FFT, and met by the sparse H again.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.finish import Plain
from benchmarks.rivals.totals import apply_with, covariance_of_totals

ROWS = 8


def plain(city, correlate) -> Plain:
    """Return the products; only periods that a row sees enter its sums over time."""
    g, p, r = city.prior.shape
    n, c = len(city.observations), city.districts.shape[1]
    D, C = city.period_correlation, city.sector_correlation
    gram, reach = np.empty((n, n)), np.empty((n, g, c))
    for start in range(0, n, ROWS):
        rows = range(start, min(start + ROWS, n))
        block = np.empty((g * p * r, len(rows)))
        for position, row in enumerate(rows):
            seen = slice(city.first[row], city.last[row] + 1)
            sensitivity = (
                city.jacobian[row].toarray().reshape(g, p, r)[:, seen] * city.sigma[:, seen]
            )
            spread = np.matmul(D[:, seen], sensitivity)
            spread = np.tensordot(C, spread, axes=1)
            through = city.sigma * correlate(spread.reshape(g * p, r)).reshape(g, p, r)
            block[:, position] = through.ravel()
            reach[row] = through.mean(axis=1) @ city.districts
        gram[:, rows] = city.jacobian @ block
    return Plain(
        0.5 * (gram + gram.T),
        reach.reshape(n, -1),
        covariance_of_totals(city, correlate),
        apply_with(city, correlate),
    )

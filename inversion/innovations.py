"""In come innovations with their covariances S and R; out go the statistics that test them.

Everything is closed form in d, S and R: nothing is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg
import scipy.stats

Z_95 = float(scipy.stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Innovations:
    """Innovations of n observations and what the inversion says of them.

    Attributes
    ----------
    innovation : ndarray, (n,)
        d = y - b - H x_a [umol mol-1].
    covariance : ndarray, (n, n)
        S = H B H^T + R of the augmented problem [(umol mol-1)^2].
    mismatch : ndarray, (n, n)
        R [(umol mol-1)^2].
    receptor : ndarray of int, (n,)
        Receptor of each observation.
    time : ndarray of datetime64[ns], (n,)
        Starts of the observation hours.
    names : tuple of str, (receptor,)
        Receptors.
    """

    innovation: np.ndarray
    covariance: np.ndarray
    mismatch: np.ndarray
    receptor: np.ndarray
    time: np.ndarray
    names: tuple[str, ...]

    @property
    def n(self) -> int:
        """Return the number of observations."""
        return len(self.innovation)

    @cached_property
    def precision(self) -> np.ndarray:
        """Return S^-1, (n, n)."""
        factor = scipy.linalg.cho_factor(self.covariance, lower=True)
        inverse = scipy.linalg.cho_solve(factor, np.eye(self.n))
        return 0.5 * (inverse + inverse.T)

    @cached_property
    def weighted(self) -> np.ndarray:
        """Return S^-1 d, (n,)."""
        return self.precision @ self.innovation

    def groups(self) -> list[tuple[str, np.ndarray]]:
        """Return the receptors that have observations, with their rows in order of time."""
        order = np.lexsort((self.time, self.receptor))
        return [
            (self.names[number], order[self.receptor[order] == number])
            for number in np.unique(self.receptor)
        ]


def reduced_chi_square(fit: Innovations) -> float:
    """Return d^T S^-1 d / n, 1 on average where S is right (SCIENCE 2.1); 0 where n = 0."""
    return float(fit.innovation @ fit.weighted) / max(fit.n, 1)


def degrees_of_freedom(fit: Innovations) -> float:
    """Return the degrees of freedom for signal, n - tr(R S^-1) (SCIENCE 2.12).

    Notes
    -----
    Those of the augmented state: background and transport states count too.
    """
    return fit.n - float(np.sum(fit.mismatch * fit.precision))


def desroziers(fit: Innovations) -> dict[str, float | None]:
    """Return observed over assumed error variances, of R and of H B H^T.

    Notes
    -----
    E[(y - H x^) d^T] = R and E[(H x^ - H x_a) d^T] = H B H^T (Desroziers et al. 2005, eqs 1 and
    2), averaged over the diagonal. y - H x^ = R S^-1 d in a linear problem.
    """
    if not fit.n:
        return {"mismatch": None, "prior": None}
    residual = fit.mismatch @ fit.weighted
    increment = fit.innovation - residual
    assumed = np.diag(fit.covariance) - np.diag(fit.mismatch)
    return {
        "mismatch": float(np.mean(residual * fit.innovation) / np.mean(np.diag(fit.mismatch))),
        "prior": float(np.mean(increment * fit.innovation) / np.mean(assumed)),
    }


def whiteness(fit: Innovations) -> list[dict]:
    """Return mean and lag-1 correlation of the whitened innovations of each receptor.

    Returns
    -------
    list of dict
        ``receptor``, ``n``, ``mean`` (standard deviations), ``mean_p`` (two-sided, normal),
        ``lag_one`` (None below three observations) and ``lag_one_limit``, 1.96 / sqrt(n).

    Notes
    -----
    The Cholesky factor is taken in order of time, so an element is the error of a forecast from
    all earlier observations, over its standard deviation: white noise of variance 1.
    """
    order = np.lexsort((fit.receptor, fit.time))
    factor = np.linalg.cholesky(fit.covariance[np.ix_(order, order)])
    white = np.empty(fit.n)
    white[order] = scipy.linalg.solve_triangular(factor, fit.innovation[order], lower=True)
    rows = []
    for name, members in fit.groups():
        series, n = white[members], len(members)
        mean = float(series.mean())
        centred = series - mean
        enough = n >= 3 and bool(np.any(centred))
        lag = float(centred[1:] @ centred[:-1] / (centred @ centred)) if enough else None
        rows.append(
            {
                "receptor": name,
                "n": n,
                "mean": mean,
                "mean_p": float(2.0 * scipy.stats.norm.sf(abs(mean) * np.sqrt(n))),
                "lag_one": lag,
                "lag_one_limit": Z_95 / float(np.sqrt(n)),
            }
        )
    return rows


def chi_square_by_receptor(fit: Innovations) -> list[dict]:
    """Return d_o^T S_oo^-1 d_o / n_o of each receptor, 1 on average where S is right."""
    rows = []
    for name, members in fit.groups():
        part = fit.innovation[members]
        block = fit.covariance[np.ix_(members, members)]
        value = float(part @ scipy.linalg.solve(block, part, assume_a="pos"))
        p_value = float(scipy.stats.chi2.sf(value, len(members)))
        rows.append(
            {
                "receptor": name,
                "n": len(members),
                "reduced_chi_square": value / len(members),
                "p": p_value,
            }
        )
    return rows


def leave_one_site_out(fit: Innovations) -> list[dict]:
    """Return how well each receptor is predicted from all others.

    Returns
    -------
    list of dict
        ``receptor``, ``n``, ``covered`` (of the 95 % intervals), ``coverage``, ``rmse`` and
        ``mean_standard_deviation`` [umol mol-1], ``reduced_chi_square``.

    Notes
    -----
    For the held-out block o the error of prediction is [S^-1]_oo^-1 [S^-1 d]_o and its
    covariance [S^-1]_oo^-1 (SCIENCE 2.12): nothing is solved again.
    """
    rows = []
    for name, members in fit.groups():
        weighted = fit.weighted[members]
        covariance = np.linalg.inv(fit.precision[np.ix_(members, members)])
        error = covariance @ weighted
        deviation = np.sqrt(np.diag(covariance))
        covered = int((np.abs(error) <= Z_95 * deviation).sum())
        rows.append(
            {
                "receptor": name,
                "n": len(members),
                "covered": covered,
                "coverage": covered / len(members),
                "rmse": float(np.sqrt(np.mean(error**2))),
                "mean_standard_deviation": float(deviation.mean()),
                "reduced_chi_square": float(weighted @ error) / len(members),
            }
        )
    return rows

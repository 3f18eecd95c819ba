"""Contract `mismatch`: named terms of the difference between model and observation, with their correlation rules."""

import numpy as np
import xarray as xr

from contracts import rules
from contracts.schema import Rule, Schema, Variable, integers, text


def most_alike(matrix: np.ndarray, names: np.ndarray) -> str:
    """Return in words the smallest eigenvalue and the two observations that are most alike.

    Parameters
    ----------
    matrix : ndarray, (n, n)
        A covariance that is not positive definite [umol2 mol-2], symmetric.
    names : ndarray of str, (n,)
        Names of the observations: receptor and hour.

    Returns
    -------
    str
        "a smallest eigenvalue of ...", with the pair of largest absolute correlation, or with the
        observation whose variance is not positive.

    Examples
    --------
    >>> most_alike(np.array([[1.0, 2.0], [2.0, 4.0]]), np.array(["a@06", "b@06"]))
    "a smallest eigenvalue of 0: 'a@06' and 'b@06' are most alike, with a correlation of 1"
    """
    least = np.linalg.eigvalsh(matrix)[0]
    variance = np.diagonal(matrix)
    rounding = len(matrix) * np.finfo(float).eps * np.abs(matrix).max()
    told = f"a smallest eigenvalue of {0.0 if abs(least) <= rounding else least:.3g}"
    if not (variance > 0.0).all():
        worst = int(np.argmin(variance))
        return f"{told}: {str(names[worst])!r} has a variance of {variance[worst]:.3g}"
    deviation = np.sqrt(variance)
    alike = np.abs(matrix / np.outer(deviation, deviation))
    np.fill_diagonal(alike, -1.0)
    one, two = np.unravel_index(int(np.argmax(alike)), alike.shape)
    correlation = matrix[one, two] / (deviation[one] * deviation[two])
    pair = f"{str(names[one])!r} and {str(names[two])!r}"
    return f"{told}: {pair} are most alike, with a correlation of {correlation:.6g}"


def _covariance() -> Rule:
    """Return the rule of a whole R, which names the observations that break it."""
    plain = rules.symmetric("covariance")

    def test(ds: xr.Dataset) -> str | None:
        found = plain.test(ds)
        if found is None or not found.startswith("an eigenvalue"):
            return found
        return most_alike(ds["covariance"].values, ds["obs_id"].values)

    return Rule(plain.variable, plain.expected, test, ("covariance", "obs_id"))


SCHEMA = Schema(
    name="mismatch",
    variables={
        "obs_id": text("obs"),
        "term": text("term"),
        "covariance": Variable("obs obs_2", "umol2 mol-2", optional=True),
        "standard_deviation": Variable("term obs", "umol mol-1", low=0),
        # NaN: an error that does not fade in time
        "correlation_time": Variable("term", "s", low=0, missing=True),
        "cross_site_correlation": Variable("term", "1", low=0, high=1),
        # NaN, or no variable: the same correlation at every distance
        "cross_site_efolding": Variable("term", "m", low=1, missing=True, optional=True),
        # observations of different groups have independent errors in that term
        "error_group": integers("term obs", optional=True),
    },
    rules=(rules.unique("obs_id"), rules.unique("term"), _covariance()),
)

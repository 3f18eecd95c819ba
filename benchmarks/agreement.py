"""Two answers come in; their largest differences, relative, go out."""

from __future__ import annotations

import numpy as np


def differences(one: dict, other: dict) -> dict[str, float]:
    """Return the differences of means, covariances and standard deviations that both have.

    Examples
    --------
    >>> import numpy as np
    >>> exact = {"mean": np.array([1.0, 4.0]), "covariance": np.diag([1.0, 4.0])}
    >>> near = {"mean": np.array([1.0, 4.4]), "covariance": np.diag([1.21, 4.0])}
    >>> {key: round(value, 4) for key, value in differences(near, exact).items()}
    {'mean': 0.1, 'covariance': 0.0525, 'sd': 0.1}
    """
    found = {}
    for name in ("mean", "covariance"):
        if name in one and name in other:
            if one[name].shape != other[name].shape:
                msg = (
                    f"answers to compare must have one shape; got {one[name].shape} and "
                    f"{other[name].shape} in {name}. Compare methods on one problem."
                )
                raise ValueError(msg)
            found[name] = np.abs(one[name] - other[name]).max() / np.abs(other[name]).max()
    if "covariance" in found:
        ratio = np.diagonal(one["covariance"]) / np.diagonal(other["covariance"])
        found["sd"] = np.abs(np.sqrt(ratio) - 1.0).max()
    return {name: float(value) for name, value in found.items()}

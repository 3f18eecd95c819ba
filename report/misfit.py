"""Observed and modelled mole fractions come in; bias and root mean square by station go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from report.inputs import Batch


@dataclass(frozen=True)
class StationFit:
    """The hours of one station, with what the model made of them.

    Parameters
    ----------
    station : str
        Receptor.
    time : ndarray of datetime64[ns], (hour,)
        UTC, ascending.
    observed, background, before, after : ndarray, (hour,)
        Mole fractions [umol mol-1]; before and after are modelled with the prior and the posterior.
    """

    station: str
    time: np.ndarray
    observed: np.ndarray
    background: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def bias_before(self) -> float:
        """Return mean(observed - modelled with the prior) [umol mol-1]."""
        return float(np.mean(self.observed - self.before))

    @property
    def bias_after(self) -> float:
        """Return mean(observed - modelled with the posterior) [umol mol-1]."""
        return float(np.mean(self.observed - self.after))

    @property
    def rmse_before(self) -> float:
        """Return the root mean square of observed - modelled with the prior [umol mol-1]."""
        return float(np.sqrt(np.mean((self.observed - self.before) ** 2)))

    @property
    def rmse_after(self) -> float:
        """Return the root mean square of observed - modelled with the posterior [umol mol-1]."""
        return float(np.sqrt(np.mean((self.observed - self.after) ** 2)))


def station_fits(batch: Batch) -> list[StationFit]:
    """Return the fit of every station of a batch, sorted by name.

    Parameters
    ----------
    batch : Batch
        Observations and posterior must hold the same obs_id in the same order.

    Returns
    -------
    list of StationFit
    """
    posterior, observations = batch.posterior, batch.observations
    ids, others = posterior["obs_id"].values.astype(str), observations["obs_id"].values.astype(str)
    if not np.array_equal(ids, others):
        msg = (
            "posterior and observations must hold the same obs_id in the same order; "
            f"got {ids.size} and {others.size} in batch {batch.name}. "
            "Give the observations from which the posterior was made."
        )
        raise ValueError(msg)
    names = observations["receptor"].values.astype(str)
    of_row = names[observations["receptor_index"].values]
    columns = ("observed", "background", "modelled_prior", "modelled")
    found = []
    for name in sorted(names.tolist()):
        mine = of_row == name
        if mine.any():
            series = [posterior[column].values[mine] for column in columns]
            found.append(StationFit(name, observations["time"].values[mine], *series))
    return found

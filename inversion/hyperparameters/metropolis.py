"""A log density of a few parameters and where it is greatest come in; draws of several chains go out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contracts.progress import Progress
from inversion.hyperparameters.convergence import (
    ESS_LIMIT,
    RHAT_LIMIT,
    bulk_effective_size,
    rank_normalised_rhat,
    tail_effective_size,
)

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

FREEDOM = 5.0  # of the t distribution: tails heavier than those of the density
WANTED = 0.3  # accepted share of random steps, between 0.23 (many parameters) and 0.44 (one)
WIDER = 1.3
FIRST_LOOK = 50
ROUNDING = 1e-10


@dataclass(frozen=True)
class Chains:
    """Draws of the parameters.

    Attributes
    ----------
    names : tuple of str, (p,)
    theta : ndarray, (chains, draws, p)
    log_density : ndarray, (chains, draws)
    accepted : dict of str to float
        Share of the proposals that were accepted after the warm-up, by kind.
    evaluations : int
        Of the density, warm-up included.
    """

    names: tuple[str, ...]
    theta: np.ndarray
    log_density: np.ndarray
    accepted: dict[str, float]
    evaluations: int

    @property
    def pooled(self) -> np.ndarray:
        """All draws, one chain after the other, (chains draws, p)."""
        return self.theta.reshape(-1, self.theta.shape[2])

    def convergence(self) -> list[dict]:
        """Return R-hat and effective sizes of each parameter, and whether they suffice."""
        rows = []
        for column, name in enumerate(self.names):
            draws = self.theta[:, :, column]
            rhat, bulk, tail = (
                rank_normalised_rhat(draws),
                bulk_effective_size(draws),
                tail_effective_size(draws),
            )
            enough = rhat <= RHAT_LIMIT and min(bulk, tail) >= ESS_LIMIT
            row = {"name": name, "rhat": rhat, "ess_bulk": bulk, "ess_tail": tail}
            rows.append(row | {"converged": bool(enough)})
        return rows


@dataclass(frozen=True)
class Schedule:
    """How many chains, of how many steps.

    Attributes
    ----------
    chains : int
    warmup : int
        Steps of a chain in which proposals adapt; not kept.
    draws : int
        Steps kept, in which they do not.
    """

    chains: int = 4
    warmup: int = 500
    draws: int = 1000


def sample(
    log_density: Callable[[np.ndarray], float],
    names: tuple[str, ...],
    start: tuple[np.ndarray, np.ndarray],
    schedule: Schedule,
    rng: np.random.Generator,
) -> Chains:
    """Return draws from a density of a few parameters.

    Parameters
    ----------
    log_density : function of theta, (p,)
        But for a constant; minus infinity where the density is zero.
    names : tuple of str, (p,)
    start : (ndarray, ndarray)
        Where the density is greatest, (p,), and a covariance about it, (p, p).
    schedule : Schedule
    rng : Generator

    Returns
    -------
    Chains

    Notes
    -----
    Metropolis with two proposals in turn, each of which leaves the density as it is: a normal step
    with the covariance of the draws so far, its size tuned to an accepted share of 0.3 (Haario et
    al. 2001), and a point from a t distribution about the mean so far. The second forgets where
    the chain stands, and a nearly normal density is drawn almost independently; the first goes
    where the second seldom points. Chains start apart, at twice the spread. Proposals adapt in the
    warm-up alone, from all chains together.
    """
    walk = _Walk(log_density, *start, schedule.chains, rng)
    progress = Progress("hyperparameters", schedule.warmup + schedule.draws)
    for step in range(schedule.warmup):
        walk.step(step)
        walk.adapt(step)
        progress.done(step + 1)
    walk.tried, walk.taken = np.zeros(2), np.zeros(2)
    theta = np.empty((schedule.chains, schedule.draws, len(names)))
    density = np.empty((schedule.chains, schedule.draws))
    for step in range(schedule.draws):
        walk.step(step)
        theta[:, step], density[:, step] = walk.theta, walk.density
        progress.done(schedule.warmup + step + 1)
    share = walk.taken / np.maximum(walk.tried, 1.0)
    accepted = {"step": float(share[0]), "independent": float(share[1])}
    made = Chains(names, theta, density, accepted, walk.evaluations)
    for row in made.convergence():
        if not row["converged"]:
            logger.warning(
                "hyperparameters: the chains of %s have R-hat %.3f and %.0f effective draws: "
                "raise tune.draws",
                row["name"],
                row["rhat"],
                min(row["ess_bulk"], row["ess_tail"]),
            )
    return made


class _Walk:
    """Where all chains stand, and the proposals they share."""

    def __init__(
        self,
        log_density: Callable[[np.ndarray], float],
        centre: np.ndarray,
        covariance: np.ndarray,
        chains: int,
        rng: np.random.Generator,
    ) -> None:
        self.log_density, self.rng, self.evaluations = log_density, rng, 0
        p = len(centre)
        self.scale = 2.38 / np.sqrt(p)
        self.seen, self.tried, self.taken = [], np.zeros(2), np.zeros(2)
        self._propose_from(np.asarray(centre, dtype=np.float64), covariance)
        self.theta = np.empty((chains, p))
        self.density = np.empty(chains)
        for chain in range(chains):
            self.theta[chain], self.density[chain] = self._begin()

    def _begin(self):
        """Return a start with a density above zero, nearer to the centre at every failure."""
        for attempt in range(60):
            width = 2.0 * 0.8**attempt
            theta = self.centre + width * self.root @ self.rng.standard_normal(len(self.centre))
            value = self._ask(theta)
            if np.isfinite(value):
                return theta, value
        msg = (
            "a chain must start where the density is above zero; got none about theta = "
            f"{np.round(self.centre, 3).tolist()} in sample. Start at the greatest density."
        )
        raise ValueError(msg)

    def _ask(self, theta: np.ndarray):
        self.evaluations += 1
        return self.log_density(theta)

    def step(self, number: int) -> None:
        """Move every chain once; proposals take turns."""
        kind = number % 2
        for chain, theta in enumerate(self.theta):
            noise = self.rng.standard_normal(len(theta))
            if kind == 0:
                moved, gain = theta + self.scale * self.root @ noise, 0.0
            else:
                stretch = np.sqrt(FREEDOM / self.rng.chisquare(FREEDOM))
                moved = self.centre + WIDER * stretch * self.root @ noise
                gain = self._log_t(theta) - self._log_t(moved)
            value = self._ask(moved)
            ratio = value - self.density[chain] + gain
            self.tried[kind] += 1
            if np.log(self.rng.random()) < ratio:
                self.theta[chain], self.density[chain] = moved, value
                self.taken[kind] += 1

    def adapt(self, number: int) -> None:
        """Learn from where the chains have been."""
        self.seen.append(self.theta.copy())
        if number % 2 == 0:
            self._resize(number)
        if number + 1 >= FIRST_LOOK and (number + 1) % FIRST_LOOK == 0:
            late = np.concatenate(self.seen[len(self.seen) // 3 :])
            spread = np.cov(late.T).reshape(late.shape[1], -1)
            spread = spread + ROUNDING * np.eye(len(spread))
            self._propose_from(late.mean(axis=0), spread)

    def _resize(self, number: int):
        """Move the size of random steps towards the wanted acceptance (Robbins and Monro)."""
        share = self.taken[0] / max(self.tried[0], 1.0)
        self.scale *= float(np.exp((share - WANTED) / np.sqrt(1.0 + number / 2.0)))
        self.taken[0] = self.tried[0] = 0.0

    def _propose_from(self, centre: np.ndarray, covariance: np.ndarray):
        """Take a new centre and covariance for both proposals."""
        self.centre, self.root = centre, np.linalg.cholesky(covariance)

    def _log_t(self, theta: np.ndarray):
        """Return the log density of the second proposal, but for a constant."""
        white = np.linalg.solve(self.root, theta - self.centre) / WIDER
        return -0.5 * (FREEDOM + len(theta)) * np.log1p(white @ white / FREEDOM)

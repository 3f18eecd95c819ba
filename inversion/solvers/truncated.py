"""A linear Gaussian problem and totals that keep a sign come in; its truncated posterior, from exact draws, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import EXACT, Precision
from inversion.linalg.maps import DenseMap, Product
from inversion.linalg.positive import cholesky_of
from inversion.posterior import Posterior, augmented
from inversion.solvers.dual import DualSolver
from inversion.solvers.physical_signs import Constraints
from inversion.solvers.truncated_normal import Cut, truncated_draws
from inversion.solvers.truncated_posterior import Truncated, TruncatedPosterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)

FEWEST_DRAWS = 500
TOLD_SHIFT_SD = 0.05
_ADVICE = "Constrain fewer totals: one of these follows from the others."


@dataclass(frozen=True)
class TruncatedSolver:
    """The Gaussian posterior given that some totals keep their signs (SCIENCE 2.7).

    Attributes
    ----------
    constraints : Constraints or None
        None: every flux with prior variance keeps the sign of its prior; for small states.
    draws : int
        Of the truncated totals; the standard errors of their means are told.
    seed : int
    most_constraints : int
        Each draw costs products of this size.
    precision : Precision
        Of the sweep that builds S.
    column_block : int

    Notes
    -----
    Given the constrained totals t, all else is normal as before: only t is sampled, exactly, and
    the rest follows, so that a state of millions of cells costs no more than its totals. No cell
    by itself keeps a sign.

    ASSUME: a prior that is normal but for the signs. Where a total is little known beforehand, the
    cut raises its mean before any data come: ``prior_shift_of`` says by how much.
    """

    constraints: Constraints | None = None
    draws: int = 4000
    seed: int = 1
    most_constraints: int = 400
    precision: Precision = EXACT
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> TruncatedPosterior:
        """Return the posterior of a problem.

        Parameters
        ----------
        problem : LinearGaussianProblem
        aggregates : sequence of LinearMap, (fluxes, columns)
            Weights whose totals will be asked for: swept together with S.

        Raises
        ------
        ValueError
            Where the sweep is to be in single precision, there are too many constraints or too few
            draws, a total without prior variance breaks its sign, constrained totals depend on each
            other; and as the dual solver.
        """
        if self.draws < FEWEST_DRAWS:
            msg = (
                f"a truncated posterior must have at least {FEWEST_DRAWS} draws; got {self.draws} "
                "in TruncatedSolver. Raise solver.draws."
            )
            raise ValueError(msg)
        if np.dtype(self.precision.dtype) != np.float64:
            msg = (
                "the truncated solver must sweep in double precision; got "
                f"{np.dtype(self.precision.dtype).name} in TruncatedSolver. Set solver.precision "
                "to double."
            )
            raise ValueError(msg)
        constraints = self.constraints or _each_flux(problem)
        self._require_few(len(constraints.names))
        signed = Product(augmented(constraints.weights, problem), np.diag(constraints.sign))
        base = DualSolver(self.precision, self.column_block).solve(problem, [*aggregates, signed])
        free = _free_of(base, signed, constraints)
        kept = Product(signed, np.eye(signed.shape[1])[:, free])
        base = Posterior(
            problem,
            base.innovation_covariance,
            base.factor,
            self.column_block,
            [*base._crosses, (kept, base.cross(signed)[:, free])],
        )
        names = tuple(constraints.names[k] for k in free)
        prior = kept.rmatvec(problem.prior), base.prior_covariance_of(kept)
        after = kept.rmatvec(base.mean), prior[1] - base.reduction_of(kept)
        rng = np.random.default_rng(self.seed)
        truncated = Truncated(
            names,
            kept,
            constraints.sign[free],
            _cut(*prior, self.draws, rng, ("prior", names)),
            _cut(*after, self.draws, rng, ("posterior", names)),
        )
        posterior = TruncatedPosterior(base, truncated, self.seed)
        _tell(posterior)
        return posterior

    def _require_few(self, found: int):
        """Refuse more constraints than can be sampled."""
        if found > self.most_constraints:
            msg = (
                f"at most {self.most_constraints} totals must be constrained; got {found} in "
                "TruncatedSolver. Constrain totals of regions and sectors instead of fluxes, or "
                "use the positive solver."
            )
            raise ValueError(msg)


def _cut(
    mean: np.ndarray,
    covariance: np.ndarray,
    draws: int,
    rng: np.random.Generator,
    what: tuple[str, tuple[str, ...]],
) -> Cut:
    """Return a distribution with its draws; refuse totals that depend on each other."""
    name = f"the {what[0]} covariance of the constrained totals"
    deviation = np.sqrt(np.diagonal(covariance))
    scale = np.where(deviation > 0.0, deviation, 1.0)
    correlation = covariance / np.outer(scale, scale)
    cholesky_of(correlation, name, what[1], _ADVICE)
    return Cut(mean, covariance, truncated_draws(mean / scale, correlation, draws, rng) * scale)


def _each_flux(problem: LinearGaussianProblem) -> Constraints:
    """Return the signs of the prior's fluxes as constraints."""
    sign = np.sign(problem.prior[: problem.n_flux])
    kept = np.flatnonzero(sign)
    weights = DenseMap(np.eye(problem.n_flux)[:, kept]) if len(kept) < FEWEST_DRAWS else None
    if weights is None or not len(kept):
        msg = (
            f"between 1 and {FEWEST_DRAWS - 1} fluxes must have a sign to be constrained one by "
            f"one; got {len(kept)} in TruncatedSolver. Give constraints on totals."
        )
        raise ValueError(msg)
    return Constraints(tuple(f"flux {k}" for k in kept), weights, sign[kept])


def _free_of(base: Posterior, signed: LinearMap, constraints: Constraints):
    """Return which totals have a variance; refuse a total without one that breaks its sign."""
    variance = base.prior_variance_of(signed)
    free = variance > 1e-14 * variance.max(initial=0.0)
    value = signed.rmatvec(base.problem.prior)
    broken = [
        name for name, wrong in zip(constraints.names, ~free & (value < 0.0), strict=True) if wrong
    ]
    if broken or not free.any():
        msg = (
            "a constrained total must be able to keep its sign; got no prior variance in "
            f"{int((~free).sum())} of {len(free)}, of the wrong sign: {broken or 'none'}, in "
            "TruncatedSolver. Leave these totals out."
        )
        raise ValueError(msg)
    if not free.all():
        logger.info("truncated: %d totals without prior variance are not sampled", (~free).sum())
    return np.flatnonzero(free)


def _tell(posterior: TruncatedPosterior):
    """Say what was found, and warn of what the signs alone did to the prior."""
    logger.info("%s", posterior.description)
    prior = posterior.truncated.prior
    worst = prior.shift / np.sqrt(np.diagonal(prior.covariance))
    if worst.max(initial=0.0) > TOLD_SHIFT_SD:
        k = int(np.argmax(worst))
        logger.warning(
            "truncated: the signs alone, before any data, move %d of %d prior totals outwards by "
            "more than %g of their standard deviations, %s most, by %.2f: totals that the data "
            "leave unknown are biased high",
            int((worst > TOLD_SHIFT_SD).sum()),
            len(worst),
            TOLD_SHIFT_SD,
            posterior.truncated.names[k],
            worst[k],
        )

"""A made network of stations whose errors are known: what the inversion says of them, and draws."""

from dataclasses import replace

import numpy as np

from inversion.innovations import Innovations
from inversion.linalg.dense import Dense
from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver

START = np.datetime64("2025-06-01T04:00", "ns")
HOUR = np.timedelta64(1, "h").astype("timedelta64[ns]")
SITES, DAYS, A_DAY = 4, 25, 6


def clock(sites=SITES, days=DAYS):
    """Return receptor and time of each observation: some hours of every day."""
    hours = (24 * np.arange(days)[:, None] + np.arange(A_DAY)).ravel()
    return np.repeat(np.arange(sites), len(hours)), START + np.tile(hours, sites) * HOUR


def mismatch(receptor, time, tau_hours=4.0, size=1.0, own=0.3):
    """Return R: an error that fades in time at each site, and one of each hour alone."""
    hour = (time - START) / HOUR
    apart = np.abs(hour[:, None] - hour[None, :])
    fading = size**2 * np.exp(-apart / tau_hours) * (receptor[:, None] == receptor[None, :])
    return fading + own**2 * np.eye(len(hour))


def problem(rng, size=1.0, states=30, tau_hours=4.0, sites=SITES, days=DAYS):
    """Return a problem of a few fluxes, with its receptors and times."""
    receptor, time = clock(sites, days)
    jacobian = rng.gamma(0.3, 1.0, size=(len(time), states))
    distance = np.abs(np.subtract.outer(np.arange(states), np.arange(states)))
    before = 0.3**2 * np.exp(-distance / 3.0)
    made = LinearGaussianProblem(
        observations=np.zeros(len(time)),
        background=np.zeros(len(time)),
        jacobian=jacobian,
        prior=np.zeros(states),
        prior_covariance=before,
        mismatch_covariance=mismatch(receptor, time, tau_hours, size),
    )
    return made, receptor, time


def solved(made, receptor, time, observations):
    """Return posterior and innovations for some observations."""
    posterior = DualSolver().solve(replace(made, observations=observations))
    return posterior, innovations(posterior, receptor, time)


def innovations(posterior, receptor, time):
    """Return the innovations of a posterior."""
    return Innovations(
        innovation=posterior.innovation,
        covariance=posterior.innovation_covariance,
        mismatch=posterior.problem.mismatch_covariance.in_memory(),
        receptor=receptor,
        time=time,
        names=tuple(f"site_{k}" for k in range(receptor.max() + 1)),
    )


def draw(rng, made, true_mismatch=None):
    """Return observations whose errors are those of the problem, or others."""
    R = made.mismatch_covariance.in_memory() if true_mismatch is None else true_mismatch
    B = made.prior_covariance.in_memory()
    flux = np.linalg.cholesky(B) @ rng.standard_normal(len(B))
    return made.jacobian.matvec(flux) + np.linalg.cholesky(R) @ rng.standard_normal(len(R))


def without(made, rows):
    """Return the problem without some observations."""
    kept = np.setdiff1d(np.arange(len(made.observations)), rows)
    R = made.mismatch_covariance.in_memory()
    return replace(
        made,
        observations=made.observations[kept],
        background=made.background[kept],
        jacobian=made.jacobian.matmat(np.eye(len(made.prior)))[kept],
        mismatch_covariance=Dense(R[np.ix_(kept, kept)]),
        obs_id=(),
    )

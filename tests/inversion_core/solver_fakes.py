"""Problems that every solver can solve, drawn or from a seed, with their dense matrices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse
from hypothesis import strategies as st

from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.in_time import InTime
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import DenseMap, SparseMap, Stacked
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.stationary import Stationary
from inversion.linalg.with_totals import WithTotals
from inversion.problem import LinearGaussianProblem


@dataclass(frozen=True)
class Case:
    """Sizes of a problem: sectors, periods, grid, observations, parts in time, and its terms."""

    g: int = 2
    p: int = 6
    rows: int = 2
    columns: int = 3
    n: int = 14
    parts: int = 1
    longest: int = 2
    nuisance: int = 2
    totals: bool = False
    correlated: bool = False
    seed: int = 0
    decay: tuple[float, float] = (0.2, 0.9)


@dataclass(frozen=True)
class Made:
    """A problem and its matrices."""

    problem: LinearGaussianProblem
    H: np.ndarray
    B: np.ndarray
    R: np.ndarray
    K: np.ndarray
    last: np.ndarray
    period_of: np.ndarray
    d: np.ndarray = field(default_factory=lambda: np.zeros(0))


@st.composite
def cases(draw):
    """Draw a small case."""
    g, p, rows, columns, n, parts = (draw(st.integers(1, top)) for top in (3, 6, 3, 3, 14, 3))
    return Case(
        g,
        p,
        rows,
        columns,
        n,
        parts,
        draw(st.integers(1, p)),
        draw(st.integers(0, 3)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(0, 10_000)),
    )


def positive(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a symmetric positive definite matrix."""
    root = rng.normal(size=(size, size + 2))
    return root @ root.T / (size + 2) + 0.2 * np.eye(size)


def seen(rng: np.random.Generator, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return sensitivities (n, g, p, r) to windows of periods, and each window's last period."""
    r = case.rows * case.columns
    H = np.zeros((case.n, case.g, case.p, r))
    last = np.sort(rng.integers(0, case.p, case.n))
    for one, stop in zip(H, last, strict=True):
        for t in range(max(0, stop - case.longest + 1), stop + 1):
            one[:, t] = rng.random((case.g, r)) * (rng.random((case.g, r)) < 0.7)
    return H, last


def made(case: Case) -> Made:
    """Return a case's problem and its matrices, B from Kronecker products written out."""
    rng, r = np.random.default_rng(case.seed), case.rows * case.columns
    H, last = seen(rng, case)
    flat = scipy.sparse.csr_matrix(H.reshape(case.n, -1))
    flat.sort_indices()
    sector = positive(rng, case.g)
    sector /= np.sqrt(np.outer(np.diagonal(sector), np.diagonal(sector)))
    in_time = InTime(
        rng.normal(size=(case.parts, case.p)),
        rng.uniform(*case.decay, (case.parts, case.p - 1)),
    )
    space = Stationary((case.rows, case.columns), (1.0, 1.3), 2.0)
    sigma = rng.uniform(0.3, 2.0, (case.g, case.p, r))
    sigma[0, 0, 0] *= case.totals or case.seed % 3 > 0
    fluxes = ScaledKronecker(sigma, Kronecker(Dense(sector), in_time, space))
    correlation = np.kron(np.kron(sector, in_time.matrix), space.matmat(np.eye(r)))
    K = sigma.ravel()[:, None] * correlation * sigma.ravel()
    B = K
    if case.totals:
        fluxes, B = with_totals(rng, case, fluxes, K)
    columns = rng.normal(size=(case.n, case.nuisance))
    other = positive(rng, case.nuisance) if case.nuisance else np.zeros((0, 0))
    R = positive(rng, case.n) if case.correlated else np.diag(rng.uniform(0.2, 1.0, case.n))
    m = len(K) + case.nuisance
    problem = LinearGaussianProblem(
        rng.normal(430.0, 3.0, case.n),
        np.full(case.n, 429.0),
        Stacked([SparseMap(flat), DenseMap(columns)]) if case.nuisance else SparseMap(flat),
        rng.normal(size=m),
        BlockDiagonal([fluxes, Dense(other)]) if case.nuisance else fluxes,
        Dense(R) if case.correlated else Diagonal(np.diagonal(R)),
        n_flux=len(K),
    )
    whole = np.hstack([flat.toarray(), columns])
    period_of = np.broadcast_to(np.arange(case.p)[None, :, None], (case.g, case.p, r)).ravel()
    return Made(
        problem,
        whole,
        scipy.linalg.block_diag(B, other),
        R,
        scipy.linalg.block_diag(K, other),
        last,
        period_of,
        problem.observations - problem.background - whole @ problem.prior,
    )


def with_totals(rng, case: Case, fluxes: ScaledKronecker, K: np.ndarray):
    """Return the fluxes with two declared totals, and their matrix."""
    r = case.rows * case.columns
    halves = np.eye(2)[np.arange(r) % 2][:, : min(2, r)]
    weights = Separable(np.ones((case.g, 1)), np.full((case.p, 1), 1.0 / case.p), halves)
    W = weights.matmat(np.eye(weights.shape[1]))
    G = W.T @ K @ W
    scale = np.sqrt(np.diagonal(G))
    wanted = positive(rng, len(G)) * np.outer(scale, scale) * rng.uniform(0.3, 1.5)
    U = K @ W @ np.linalg.inv(G)
    return WithTotals(fluxes, weights, wanted), K + U @ (wanted - G) @ U.T


def posterior_of(case: Made, rows: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance given some observations (all by default), by dense algebra."""
    kept = np.arange(len(case.d)) if rows is None else rows
    H, R = case.H[kept], case.R[np.ix_(kept, kept)]
    gain = np.linalg.solve(H @ case.B @ H.T + R, H @ case.B).T
    return case.problem.prior + gain @ case.d[kept], case.B - gain @ H @ case.B

"""R-hat and effective sizes: known answers of ArviZ 0.23.4, an AR(1) process, chains that do not agree."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from inversion.hyperparameters.convergence import (
    bulk_effective_size,
    rank_normalised_rhat,
    tail_effective_size,
)

RIVALS = Path(__file__).resolve().parents[2] / ".venv" / "rivals" / "bin" / "python"
ALL = (rank_normalised_rhat, bulk_effective_size, tail_effective_size)


def waves():
    """Return four chains made of sines: no random numbers, the same everywhere."""
    t = np.arange(60.0)
    rows = [
        np.sin(1.7 * t * (1 + 0.11 * c) + c) + 0.3 * np.cos(5.3 * t + 2 * c) + 0.05 * c
        for c in range(4)
    ]
    return np.stack(rows)


def fading(rho, chains=4, length=4000, seed=7):
    """Return chains of an AR(1) process."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(chains, length))
    noise[:, 0] /= np.sqrt(1.0 - rho**2)
    for k in range(1, length):
        noise[:, k] += rho * noise[:, k - 1]
    return noise


def cases():
    """Return chains by name."""
    plain = np.random.default_rng(3).normal(size=(4, 301))
    return {
        "waves": waves(),
        "apart": plain + np.arange(4)[:, None],
        "odd": plain,
        "rounded": np.round(plain[:3, :200]),
        "fading": fading(0.8, length=500),
    }


KNOWN = {  # what ArviZ 0.23.4 says: R-hat, bulk and tail effective size
    "waves": (0.9895102632480615, 483.52618855513, 281.39845952205684),
    "apart": (1.5333817601660642, 7.362050858020104, 53.12249882127823),
    "odd": (0.9984788216283212, 1179.7697397799343, 1184.2145181852134),
}


@pytest.mark.parametrize("name", list(KNOWN))
def test_known_answers(name):
    chains = cases()[name]
    for measure, value in zip(ALL, KNOWN[name], strict=True):
        assert measure(chains) == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("name", list(cases()))
def test_arviz_says_the_same_where_it_is_installed(name, tmp_path):
    if not RIVALS.exists():
        pytest.skip("ArviZ comes with `make bench-packages`")
    chains = cases()[name]
    np.save(tmp_path / "chains.npy", chains)
    code = (
        "import sys, numpy as np, arviz as az\n"
        "d = az.convert_to_dataset(np.load(sys.argv[1]))\n"
        "for v in (az.rhat(d), az.ess(d, method='bulk'), az.ess(d, method='tail')):\n"
        "    print(repr(float(v['x'])))"
    )
    command = [str(RIVALS), "-c", code, str(tmp_path / "chains.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No module named 'arviz'" in done.stderr:
        pytest.skip("ArviZ comes with `make bench-packages`")
    assert done.returncode == 0, done.stderr
    for measure, line in zip(ALL, done.stdout.split(), strict=True):
        assert measure(chains) == pytest.approx(float(line), rel=1e-8)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8, -0.4])
def test_a_fading_process_is_worth_what_theory_says(rho):
    chains = fading(rho)
    expected = chains.size * (1.0 - rho) / (1.0 + rho)
    assert bulk_effective_size(chains) == pytest.approx(expected, rel=0.12)
    assert rank_normalised_rhat(chains) < 1.01


def test_chains_apart_or_of_unequal_spread_are_seen():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(4, 500))
    assert rank_normalised_rhat(one) < 1.01
    shifted = one + np.array([[0.0], [0.0], [0.0], [1.0]])
    assert rank_normalised_rhat(shifted) > 1.05
    assert bulk_effective_size(shifted) < 100
    wide = one * np.array([[1.0], [1.0], [1.0], [4.0]])  # means agree: the folded draws see it
    assert rank_normalised_rhat(wide) > 1.05
    drifting = one + np.linspace(0.0, 2.0, 500)  # all chains alike: their halves see it
    assert rank_normalised_rhat(drifting) > 1.05


def test_ranks_alone_count():
    chains = fading(0.5, length=500)
    for measure in ALL[1:]:
        assert measure(np.exp(3.0 * chains)) == pytest.approx(measure(chains), rel=1e-12)
    assert rank_normalised_rhat(np.full((2, 10), 3.0)) == 1.0


def test_refusals():
    for wrong in (np.zeros(10), np.zeros((2, 3)), np.full((2, 10), np.nan)):
        with pytest.raises(ValueError, match=r"finite and have shape \(chains, at least 4\)"):
            rank_normalised_rhat(wrong)

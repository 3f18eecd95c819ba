"""The rows of one run come in; each target with what was reached goes out."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.limits import seconds_at
from benchmarks.plan import ours_at


@dataclass(frozen=True)
class Target:
    """One row of the table of targets.

    Attributes
    ----------
    what : str
    value, goal : float
    at_least : bool
        Whether more is better.
    """

    what: str
    value: float
    goal: float
    at_least: bool

    @property
    def share(self) -> float:
        """How much of the goal was reached; 1 or more where it was met."""
        return self.value / self.goal if self.at_least else self.goal / self.value


def seconds_of(row: dict) -> float:
    """Return the seconds that count: the processor's of one thread, the clock's of several.

    Examples
    --------
    >>> facts = {"wall_s": 3.0, "cpu_s": 2.0}
    >>> seconds_of(facts | {"method": "single"}), seconds_of(facts | {"method": "single, 2 threads"})
    (2.0, 3.0)
    """
    return row["wall_s" if "threads" in row["method"] else "cpu_s"]


class Rows:
    """Facts of one run by size and method."""

    def __init__(self, rows):
        self.facts = {(row["size"], row["method"]): row for row in rows if "failed" not in row}

    def get(self, size, method, key):
        """Return one number, or None where this run has none."""
        return self.facts.get((size, method), {}).get(key)

    def seconds(self, size, method):
        """Return the seconds that count, or None."""
        row = self.facts.get((size, method))
        return seconds_of(row) if row else None

    def ratio(self, size, method):
        """Return the seconds of a method over those of our choice, or None."""
        one, two = self.seconds(size, method), self.seconds(size, ours_at(size))
        return one / two if one and two else None

    def over_limit(self, size, method, rates):
        """Return the seconds of a method over the least the rates allow, or None."""
        work, seconds = self.get(size, method, "work"), self.seconds(size, method)
        return seconds / seconds_at(work, rates) if work else None


RATIOS = (
    ("fips / ours, 7e3", "tiny", "fips", 100),
    ("literal Kronecker / ours, 1e5", "small", "Kronecker, literal", 25),
    ("Kronecker by products / ours, 1e5", "small", "Kronecker, products", 8),
    ("Kronecker by products / ours, 1.3e6", "medium", "Kronecker, products", 60),
    ("rows by FFT / ours, 1e5", "small", "rows by FFT", 10),
    ("rows by FFT / ours, 1.3e6", "medium", "rows by FFT", 25),
    ("sweep with FFTs / ours, 1.3e6", "medium", "sweep with FFTs, single", 2),
    ("gradients' mean / our whole answer, 1e5", "small", "conjugate gradients", 5),
    ("gradients' mean / our whole answer, 1.3e6", "medium", "conjugate gradients", 5),
)
LIMITS = (
    ("ours / limit, 1.3e6", "medium", "single", 3),
    ("ours / limit, 1e7", "large", "single", 3),
    ("bare kernel / limit, 1e7", "large", "single, bare", 3),
)
NUMBERS = (
    ("peak memory, 1e7 [GiB]", "large", "peak_gib", 4),
    ("sd, single against double, 1e5", "small", "sd", 1e-5),
    ("sd, single against double, 1.3e6", "medium", "sd", 1e-5),
    ("sd, single against double, 1e7", "large", "sd", 1e-5),
)


def targets(rows: list[dict], rates: dict[str, float]) -> list[Target]:
    """Return the targets for which this run has the rows."""
    found = Rows(rows)
    wanted = [(what, found.ratio(size, rival), goal, True) for what, size, rival, goal in RATIOS]
    wanted += [
        (what, found.over_limit(size, method, rates), goal, False)
        for what, size, method, goal in LIMITS
    ]
    wanted += [
        (what, found.get(size, "single", key), goal, False) for what, size, key, goal in NUMBERS
    ]
    cores = [found.get("large", method, "wall_s") for method in ("single", "single, 2 threads")]
    gained = cores[0] / cores[1] if all(cores) else None
    wanted.append(("one core / two cores, 1e7", gained, 1.6, True))
    for method, reach in (("single", "1e-6"), ("single, reach 1e-4", "1e-4")):
        one, four = found.seconds("month", method), found.seconds("four_months", method)
        grown = four / one if one and four else None
        wanted.append((f"four months / one, reach {reach}", grown, 4.4, False))
    return [Target(*row) for row in wanted if row[1]]

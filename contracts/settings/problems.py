"""A problem of a configuration: where it is, what was found, what was expected, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to mend before any job runs.

    Attributes
    ----------
    where : str
        File, line and key (or the key alone, the loader adds file and line).
    found, expected, todo : str
    """

    where: str
    found: str
    expected: str
    todo: str = ""

    def __str__(self) -> str:
        advice = f" {self.todo}" if self.todo else ""
        return f"{self.where}: expected {self.expected}; found {self.found}.{advice}"


class SettingsError(ValueError):
    """A configuration that cannot be run, with all of its problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the configuration:\n{lines}")

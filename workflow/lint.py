"""In: what `snakemake --lint` says about the workflow. Out: what of it is ours to mend, and an exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.code import ROOT

# One locked environment serves every rule; Snakemake cannot be told so.
IGNORED = ("Specify a conda environment or container for each rule.",)
_PLACE = re.compile(r"^Lints for (?P<place>.+):$")
_TITLE = re.compile(r"^    \* (?P<title>.+):$")


@dataclass(frozen=True)
class Lint:
    """One remark: the rule or file it is about, its title, its text."""

    place: str
    title: str
    body: str


def parse(text: str) -> Iterator[Lint]:
    """Yield the remarks in the text that `snakemake --lint` writes.

    Parameters
    ----------
    text : str
        Standard output and error together.
    """
    place, title, body = "", "", list[str]()
    for line in [*text.splitlines(), "Lints for the end:"]:
        start, item = _PLACE.match(line), _TITLE.match(line)
        if title and (start or item):
            yield Lint(place, title, "\n".join(body).rstrip())
            title, body = "", []
        if start:
            place = start["place"]
        elif item:
            title = item["title"]
        elif title:
            body.append(line)


def remaining(text: str) -> list[Lint]:
    """Return the remarks that are not ignored."""
    return [lint for lint in parse(text) if lint.title not in IGNORED]


def main() -> int:
    """Lint the workflow; 0 where nothing is left to mend."""
    command = [sys.executable, "-m", "snakemake", "--lint"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode and not any(parse(done.stdout)):
        sys.stdout.write(done.stdout)  # the workflow could not be read at all
        return 1
    left = remaining(done.stdout)
    for lint in left:
        place = lint.place.replace(f"{ROOT}{os.sep}", "")
        sys.stdout.write(f"{place}: {lint.title}\n{lint.body}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())

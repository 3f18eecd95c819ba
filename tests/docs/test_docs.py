"""The documents against the project: links, words of make, modules, examples, names, no machine's paths."""

import importlib.util
import re
import subprocess
import sys

import pytest

from contracts.code import ROOT
from inventories.readers.district_table import COLUMNS
from reconcile.verdict import STATES

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("config/**/*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS = sorted([*PAGES, *ROOT.glob("*.cff"), *ROOT.glob("config/**/*.yaml")])
README = ROOT / "README.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:`|^    )make ([a-z-]+)", re.MULTILINE)
MODULE = re.compile(r"python -m ([a-z_]+(?:\.[a-z_]+)*)")
MACHINE = re.compile(r"(?<![\w.:/>])/(?:home|root|work|tmp|mnt|opt|srv|media|Users)/\S*")


def name(path):
    return str(path.relative_to(ROOT))


def broken_links(text, folder):
    """Return relative links of a page that lead nowhere."""
    targets = [t.split("#")[0] for t in LINK.findall(text) if "://" not in t]
    return [t for t in targets if t and not (folder / t).exists()]


def unknown_words(text):
    """Return the words after `make` that the Makefile does not know."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    return sorted(set(MAKE.findall(text)) - known)


def unknown_modules(text):
    return [m for m in sorted(set(MODULE.findall(text))) if importlib.util.find_spec(m) is None]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_somewhere(page):
    assert broken_links(page.read_text(encoding="utf-8"), page.parent) == []


def test_a_broken_link_is_seen():
    text = "[a](README.md) [b](nowhere.md#x) [c](https://example.org) ![d](docs/images/nothing.png)"
    assert broken_links(text, ROOT) == ["nowhere.md", "docs/images/nothing.png"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_exist(page):
    text = page.read_text(encoding="utf-8")
    assert unknown_words(text) == []
    assert unknown_modules(text) == []


def test_an_unknown_command_is_seen():
    assert unknown_words("`make demo`\n    make coffee\nwe make do") == ["coffee"]
    assert unknown_modules("python -m inversion x; python -m nothing_here") == ["nothing_here"]


def test_the_readme_names_the_words_a_newcomer_needs():
    assert {"demo", "test", "osse", "tacolneston", "check", "clean"} <= set(
        MAKE.findall(README.read_text(encoding="utf-8"))
    )


EXAMPLES = [
    pytest.param(code, id=f"{name(page)}-{count}")
    for page in PAGES
    for count, code in enumerate(FENCE.findall(page.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_python_examples_run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_no_path_of_one_machine(path):
    assert MACHINE.findall(path.read_text(encoding="utf-8")) == []


def test_a_path_of_one_machine_is_seen():
    text = "see /home/me/data and results/work/x, https://a.org/home/b, <b>a</b>"
    assert MACHINE.findall(text) == ["/home/me/data"]


def test_the_readme_has_no_number_left_to_fill_in():
    left = re.findall(r"\{\{[A-Z_]+\}\}", README.read_text(encoding="utf-8"))
    assert left == [], "measure these in a run of `make demo` and `make osse` and write them down"


def test_the_readme_shows_header_and_verdicts_as_the_code_has_them():
    text = README.read_text(encoding="utf-8")
    assert ",".join(COLUMNS) in text
    section = text.split("### Verdicts")[1].split("\n## ")[0]
    assert [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")][
        1:
    ] == list(STATES)


def test_one_version_everywhere():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)[1]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert [number for number in range(1, 10) if f"\n   {number}. " not in text] == []

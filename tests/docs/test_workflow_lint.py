"""The filter over `snakemake --lint`, on text that Snakemake 9.27 wrote."""

import subprocess

import pytest

from workflow import lint

SAID = """\
Using workflow specific profile profiles/default for setting default command line arguments.
Lints for snakefile {root}/Snakefile:
    * Mixed rules and functions in same snakefile.:
      Small one-liner functions used only once should be defined as lambda
      expressions.
      Also see:
      https://example.org/modularization.html#includes
    * Tab usage in line 7.:
      It is recommended to only use spaces for indentation.

Lints for rule monitor (line 25, {root}/workflow/rules/stations.smk):
    * Specify a conda environment or container for each rule.:
      This way, the used software for each specific step is documented.
      Also see:
      https://example.org/deployment.html

"""
ONLY_IGNORED = SAID[SAID.index("Lints for rule") :]


def said(text, code):
    def run(command, **_):
        return subprocess.CompletedProcess(command, code, stdout=text.format(root=lint.ROOT))

    return run


def test_remarks_are_taken_apart():
    found = list(lint.parse(SAID))
    assert [item.title for item in found] == [
        "Mixed rules and functions in same snakefile.",
        "Tab usage in line 7.",
        "Specify a conda environment or container for each rule.",
    ]
    assert found[2].place.startswith("rule monitor")
    assert found[1].body == "      It is recommended to only use spaces for indentation."


def test_only_the_one_environment_is_ignored():
    assert [item.title[:5] for item in lint.remaining(SAID)] == ["Mixed", "Tab u"]
    assert lint.remaining(ONLY_IGNORED) == []


def test_what_remains_fails_and_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(lint.subprocess, "run", said(SAID, 1))
    assert lint.main() == 1
    out = capsys.readouterr().out
    assert "snakefile Snakefile: Mixed rules" in out
    assert "conda" not in out


@pytest.mark.parametrize(("text", "code"), [(ONLY_IGNORED, 1), ("Congratulations!\n", 0)])
def test_nothing_left_is_well(monkeypatch, capsys, text, code):
    monkeypatch.setattr(lint.subprocess, "run", said(text, code))
    assert lint.main() == 0
    assert capsys.readouterr().out == ""


def test_a_workflow_that_cannot_be_read_fails(monkeypatch, capsys):
    monkeypatch.setattr(lint.subprocess, "run", said("WorkflowError: no such file\n", 1))
    assert lint.main() == 1
    assert "no such file" in capsys.readouterr().out

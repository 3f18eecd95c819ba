"""The notebook's door: five lines that do what the command does, names that cost nothing until used."""

import ast
import io
import logging
import re
import subprocess
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest
from numpy.testing import assert_allclose

import inversion
from contracts.code import ROOT, closure
from contracts.datasets import read_dataset
from contracts.progress import Progress
from inversion.__main__ import main

PAGE = (ROOT / "docs/how-to/solve-in-a-notebook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FIVE = BLOCKS[0].split("# the five lines\n")[1].split("\n\n")[0]


@pytest.fixture(scope="module")
def ran():
    """Return the names the first example leaves behind, and what it printed."""
    names, said = {}, io.StringIO()
    with redirect_stdout(said):
        exec(compile(BLOCKS[0], "solve-in-a-notebook.md", "exec"), names)
    return names | {"said": said.getvalue()}


def test_there_are_five_lines_and_the_page_shows_them():
    lines = FIVE.splitlines()
    assert len(lines) == len(ast.parse(FIVE).body) == 5
    shown = [re.sub(r"  # .*", "", line.strip()) for line in PAGE.splitlines()]
    assert all(line in shown for line in lines)


def test_five_lines_do_what_the_command_does(ran, tmp_path, capsys):
    folder, out = ran["folder"], tmp_path / "posterior.nc"
    words = ["--problem", folder, "--settings", folder / "settings.yaml", "--out", out]
    assert main(["solve", *(str(word) for word in words)]) == 0
    written = read_dataset(out, "posterior")
    for name in ("flux", "total", "total_covariance", "modelled", "nuisance_mean"):
        assert_allclose(written[name], ran["posterior"][name], rtol=0, atol=0)
    assert str(out) in capsys.readouterr().out


def test_the_other_total_is_right(ran):
    """Against the information form, with the offset of the background in R."""
    h = ran["sensitivity"].reshape(8, 4)
    b = 4.0 * np.kron(np.exp(-np.abs(np.subtract.outer(range(2), range(2))) / 3.0), np.eye(2))
    r = 0.25 * np.eye(8) + 0.49
    covariance = np.linalg.inv(np.linalg.inv(b) + h.T @ np.linalg.solve(r, h))
    mean = 5.0 + covariance @ h.T @ np.linalg.solve(r, ran["ppm"] - 420.0 - h @ np.full(4, 5.0))
    weights = np.array([-1.0, 0.0, 1.0, 0.0])
    assert ran["change"] == pytest.approx(weights @ mean, rel=1e-8)
    assert f"{ran['change']} ± " in ran["said"]
    found = ran["answer"].covariance_of(weights[:, None])[0, 0]
    assert found == pytest.approx(weights @ covariance @ weights, rel=1e-8)


def test_the_algebra_alone_prints_the_known_answer():
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(BLOCKS[1], "solve-in-a-notebook.md", "exec"), {})
    total, deviation = said.getvalue().split(" ± ")
    assert float(total) == pytest.approx(35.892857, abs=5e-7)
    assert float(deviation) == pytest.approx(3.064777, abs=5e-7)


def test_every_offered_name_is_there_and_no_other():
    assert dir(inversion) == sorted(inversion.__all__)
    for name in inversion.__all__:
        assert getattr(inversion, name).__doc__
    with pytest.raises(AttributeError, match=r"must be asked for one of .* got 'solved'"):
        _ = inversion.solved


def test_the_import_alone_brings_nothing():
    code = "import sys, inversion; print([m for m in ('numpy', 'scipy', 'xarray') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_offer_is_not_a_use():
    """Else an edit of any solver would re-run whatever took a matrix from this room."""
    assert "inversion" in closure("inversion.linalg.maps")
    assert "inversion.solve" not in closure("inversion.linalg.maps")


def test_a_loop_says_how_far_it_is_where_it_takes_long(caplog):
    with caplog.at_level(logging.INFO):
        quick = Progress("quick", 4)
        for step in range(4):
            quick.done(step + 1)
        assert caplog.text == ""
        long = Progress("sweep over time", 4, every_s=0.0)
        for step in range(4):
            long.done(step + 1)
    assert "sweep over time: 1 of 4 (25 %) after" in caplog.text
    assert "sweep over time: 4 of 4 (100 %) after 0 s, about 0 s to go" in caplog.text

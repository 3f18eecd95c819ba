"""docs/how-to/add-an-instrument.md, followed word for word in a copy of the house."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/add-an-instrument.md"
_BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)


def test_the_page_adds_a_format(tmp_path):
    for name in ("stations", "contracts", "tests/stations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    blocks = dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    assert len(blocks) == 3
    for name, content in blocks.items():
        assert not (tmp_path / name).exists()
        (tmp_path / name).write_text(content, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    test = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
    test += ["tests/stations/test_every_reader.py", "-k", "acme", "--rootdir", "."]
    done = subprocess.run(
        [sys.executable, *test], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 7
    check = ["-m", "stations", "check", "stations/readers/examples/acme.log"]
    done = subprocess.run(
        [sys.executable, *check], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert "missing (acme; 7 lines = 6 rows + 0 quarantined + 1 blank or comment)" in done.stdout
    lint = [sys.executable, "-m", "ruff", "check", "stations/readers/acme.py"]
    if shutil.which("ruff") or (Path(sys.executable).parent / "ruff").exists():
        done = subprocess.run(
            lint, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout

"""A method and a size come in; the facts and the answer of a process of its own go out."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RIVALS = ROOT / ".venv" / "rivals" / "bin" / "python"
LONGEST_S = 900
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
PACKAGES = {"fips": "package_fips.py", "cuqi": "package_cuqi.py"}


def run_method(method: str, size: str, repeats: int = 1):
    """Return (facts, answer) of one of our methods; facts hold ``failed`` where it did."""
    return _run([sys.executable, "-m", "benchmarks.one", method, size], (str(repeats),))


def run_package(package: str, problem: Path):
    """Return (facts, answer) of a public package on a problem in a file, or why there is none."""
    python = interpreter_with(package)
    if python is None:
        return {"failed": f"{package} is not installed; docs/benchmarks.md says how"}, {}
    script = ROOT / "benchmarks" / "rivals" / PACKAGES[package]
    return _run([str(python), str(script), str(problem)], ())


def interpreter_with(package: str) -> Path | None:
    """Return a Python that has a package: one of its own where made, or this one."""
    if RIVALS.exists():
        asked = [str(RIVALS), "-c", f"import importlib.util as u; assert u.find_spec('{package}')"]
        if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return RIVALS
    return Path(sys.executable) if importlib.util.find_spec(package) else None


def _run(command, after):
    """Run a command that writes facts.json and answer.npz into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [*command, folder, *after],
                cwd=ROOT,
                env=os.environ | ONE_THREAD,
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"failed": f"not done after {LONGEST_S} s"}, {}
        if done.returncode:
            last = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
            return {"failed": last}, {}
        facts = json.loads((Path(folder) / "facts.json").read_text(encoding="utf-8"))
        with np.load(Path(folder) / "answer.npz") as kept:
            return facts, dict(kept)

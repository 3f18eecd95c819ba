"""A tiny synthetic city in a copy of the repository: the whole pipeline in about a minute."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from contracts.code import ROOT

SKIP = {".git", ".venv", "results", ".snakemake", ".ruff_cache", ".mypy_cache", "__pycache__"}
STATIONS = ("BJG", "DMS", "FYG", "GSH", "XIH")
EXEMPT = {"logs", "benchmarks", "cache"}


def copy_repository(target):
    """Copy the working tree (without environment and results) and link the environment."""

    def ignore(_folder, names):
        return [name for name in names if name in SKIP]

    shutil.copytree(ROOT, target, ignore=ignore)
    os.symlink(Path(sys.executable).parent.parent, Path(target) / ".venv")
    return Path(target)


def yaml():
    tool = YAML(typ="safe", pure=True)
    tool.default_flow_style = None
    return tool


def write_tiny(folder, *, order=1, **changes):
    """Write config/tiny.yaml and its registry; `order` -1 reverses the stations."""
    registry = yaml().load((folder / "config/stations/hangzhou_synthetic.yaml").read_text())
    kept = [name for name in STATIONS if name in registry["stations"]][::order]
    registry["stations"] = {name: registry["stations"][name] for name in kept}
    with (folder / "config/stations/tiny.yaml").open("w") as stream:
        tool = yaml()
        tool.representer.sort_base_mapping_type_on_output = False
        tool.dump(registry, stream)
    config = yaml().load((folder / "config/config.yaml").read_text())
    config["run"] = "tiny_synthetic"
    config["time"]["batches"] = {
        "tiny": {"start": "2025-06-01T16:00:00", "end": "2025-06-04T16:00:00"}
    }
    config["grid"]["cell_size_m"] = 8000
    config["stations"]["registry"] = "config/stations/tiny.yaml"
    config["synthetic"] |= {"draws": 20, "drifting": {}}
    config["osse"] = {"draws": 20}
    config |= changes
    with (folder / "config/tiny.yaml").open("w") as stream:
        yaml().dump(config, stream)
    return folder / "config/tiny.yaml"


def demo(folder, cores=2, **environment):
    """Start `make demo` on the tiny city, as from a shell (not as a part of `make test`)."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.Popen(
        ["make", "demo", "CONFIG=config/tiny.yaml", f"CORES={cores}"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**inherited, **environment},
    )


def run(folder, cores=2, **environment):
    """Run `make demo` to its end and return what it printed."""
    process = demo(folder, cores, **environment)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output[-6000:]
    return output


def digests(folder):
    """Return the SHA-256 of every result by relative path; logs, benchmarks and caches exempt."""
    root = Path(folder) / "results/tiny_synthetic"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and not EXEMPT & set(path.relative_to(root).parts)
        and ".snakemake_timestamp" not in path.name
    }

"""In: a configuration. Out: a whole run: stale locks and orphans of a killed run are dealt with, then Snakemake continues it."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from contracts.code import ROOT

MARK = "CITYFLUX_RUN_OF"
TARGETS = {"page": [], "certificate": ["certificate"], "preview": ["preview"]}


def main(arguments: list[str] | None = None) -> int:
    """Run the pipeline; the exit code is Snakemake's."""
    options = _options(arguments)
    os.chdir(ROOT)
    Path("results").mkdir(exist_ok=True)
    with Path("results/.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("another run works in this folder; wait for it or stop it.\n")
            return 1
        _end_orphans()
        _sweep()
        _unlock(options)
        code, idle = _snakemake(options)
    if code == 0:
        _say(options, idle=idle)
    return code


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow.run", description=__doc__)
    parser.add_argument("--configfile", default="config/config.yaml")
    parser.add_argument("--cores", default="2")
    parser.add_argument("--data-root", default=None)
    parser.add_argument("--until", default="page", choices=sorted(TARGETS))
    return parser.parse_args(arguments)


def _end_orphans() -> None:
    """End jobs that a killed run left behind, so that nothing writes beside us."""
    ended = 0
    for entry in sorted(Path("/proc").glob("[0-9]*")):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
            if f"{MARK}={ROOT}".encode() in environment and int(entry.name) != os.getpid():
                os.kill(int(entry.name), signal.SIGKILL)
                ended += 1
        except (OSError, ValueError):
            continue
    if ended:
        sys.stdout.write(f"ended {ended} process(es) that a killed run had left behind\n")
        time.sleep(0.5)


def _sweep() -> None:
    """Remove what a killed run had half written; whole files are never called so."""
    halves = sorted(Path("results").rglob(".*.[0-9]*.tmp"))
    for path in halves:
        path.unlink(missing_ok=True)
    if halves:
        sys.stdout.write(f"removed {len(halves)} half-written file(s) of a killed run\n")


def _command(options: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "snakemake", "--cores", options.cores]
    command += ["--configfile", options.configfile]
    if options.data_root:
        command += ["--config", f"data_root={options.data_root}"]
    return command


def _unlock(options: argparse.Namespace) -> None:
    """Remove the lock of a killed run; our own lock says that nobody else works here."""
    locks = Path(".snakemake/locks")
    if locks.is_dir() and any(locks.iterdir()):
        sys.stdout.write("an earlier run was cut off; going on where it stopped\n")
        subprocess.run(
            [*_command(options), "--unlock"], check=False, capture_output=True, env=_environment()
        )


def _environment() -> dict[str, str]:
    return {**os.environ, MARK: str(ROOT), "PYTHONPATH": str(ROOT)}


def _snakemake(options: argparse.Namespace) -> tuple[int, bool]:
    """Run Snakemake with its output passed on; tell whether there was nothing to do."""
    command = [*_command(options)[:3], *TARGETS[options.until], *_command(options)[3:]]
    idle = False
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
    ) as process:
        for line in process.stdout or ():
            idle = idle or "Nothing to be done" in line
            sys.stdout.write(line)
            sys.stdout.flush()
    return process.returncode, idle


def _say(options: argparse.Namespace, *, idle: bool) -> None:
    from contracts.settings.load import load_settings
    from workflow.plan import Plan

    plan = Plan(load_settings(options.configfile))
    folder = Path(plan.root)
    if options.until != "page":
        for batch in plan.batches:
            table = folder / f"{options.until}/{batch}.txt"
            sys.stdout.write(table.read_text(encoding="utf-8"))
        return
    summary = folder / "report/summary.txt"
    if idle:
        sys.stdout.write("nothing to do: everything is up to date.\n")
    elif summary.is_file():
        sys.stdout.write(summary.read_text(encoding="utf-8"))
    sys.stdout.write(f"open {(folder / 'report/index.html').resolve()}\n")


if __name__ == "__main__":
    sys.exit(main())

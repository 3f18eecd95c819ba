"""Kill a run with SIGKILL, everything it started or only its head, and let the same command go on."""

import os
import signal
import time
from pathlib import Path

from tiny_city import demo


def processes_of(folder):
    """Return the processes of the run in a folder: driver, Snakemake, jobs."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            here = os.readlink(entry / "cwd") == str(folder)
            if here and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return sorted(found)


def killed_at(folder, path, *, orphans):
    """Run until `path` exists (or a temporary of it), then kill -9 the run.

    With `orphans` only make, the driver and Snakemake die: jobs live on, as after a real kill.
    """
    process = demo(folder)
    end = time.monotonic() + 300
    while not any(folder.glob(path)):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.05)
    for pid in processes_of(folder):
        command = Path(f"/proc/{pid}/cmdline")
        try:
            job = b".snakemake/scripts" in command.read_bytes()
            if not (orphans and job):
                os.kill(pid, signal.SIGKILL)
        except OSError:
            continue
    process.wait(timeout=30)

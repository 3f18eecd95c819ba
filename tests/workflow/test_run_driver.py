"""The driver of a run: one at a time, orphans ended, half-written files removed, whole ones kept."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from contracts.code import ROOT
from workflow import run


def test_half_written_files_go_and_whole_ones_stay(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/x"
    folder.mkdir(parents=True)
    (folder / ".a.nc.4711.tmp").write_text("half")
    (folder / "a.nc").write_text("whole")
    (folder / ".hidden").write_text("whole")
    run._sweep()
    assert sorted(path.name for path in folder.iterdir()) == [".hidden", "a.nc"]
    assert "1 half-written" in capsys.readouterr().out


def test_a_marked_process_is_ended_and_another_is_not(capsys):
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours = subprocess.Popen(command, env={**os.environ, run.MARK: str(ROOT)})
    other = subprocess.Popen(command, env={**os.environ, run.MARK: "/elsewhere"})
    try:
        run._end_orphans()
        assert ours.wait(timeout=10) == -9
        assert other.poll() is None
        assert "left behind" in capsys.readouterr().out
    finally:
        ours.kill()
        other.kill()
        other.wait(timeout=10)


def test_two_runs_at_once_are_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    with Path("results/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run.main([]) == 1
    assert "another run" in capsys.readouterr().err

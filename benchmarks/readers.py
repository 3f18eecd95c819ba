"""In: made-up raw files. Out: lines per second, memory and rows lost, ours beside pandas and openghg (`make bench`).

python -m benchmarks.readers         all of it: a minute
python -m benchmarks.readers page    the last run into docs/benchmarks.md
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from dataclasses import asdict
from pathlib import Path

from benchmarks.raw_files import LINES, ROOT, damaged_crds, inflated, text_examples
from contracts.settings.gas import GasSettings
from stations.ingest import collect
from stations.readers import READERS
from stations.reading.containers import members
from stations.reading.lines import Lines
from stations.scan import scan_file

LATEST = ROOT / "benchmarks" / "results" / "readers.json"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- readers -->", "<!-- end of readers -->"
RIVALS = ROOT / ".venv" / "rivals_stations" / "bin" / "python"
GOAL = 100_000  # lines a second and core
GAS = GasSettings()


def speed(name: str, path: Path) -> dict:
    """Return lines a second of the reader alone and with conversion, and how memory grows."""
    settings = text_examples()[name][1]
    began = time.process_time()
    count = _drained(name, path, settings)
    read = time.process_time() - began
    began = time.process_time()
    scan = scan_file(path, settings, GAS)[0]
    whole = time.process_time() - began
    few, many = (_peak(name, path, settings, lines) for lines in (LINES // 10, LINES))
    return {
        "format": name,
        "lines": count,
        "rows": len(scan.rows),
        "reader_lines_per_s": count / read,
        "scan_lines_per_s": count / whole,
        "peak_kib_tenth": few / 1024,
        "peak_kib_whole": many / 1024,
    }


def _drained(name: str, path: Path, settings: object) -> int:
    """Read a file to its end, keep nothing, return its lines."""
    source = Lines(members(path)[0], settings.encoding)
    for _ in READERS[name].read(source, settings).items:
        pass
    return source.count


def _peak(name: str, path: Path, settings: object, lines: int) -> float:
    """Return the most memory that reading so many lines ever held, bytes."""
    with tempfile.NamedTemporaryFile(suffix=path.suffix) as part:
        with path.open("rb") as file:
            for _, line in zip(range(lines), file, strict=False):
                part.write(line)
        part.flush()
        tracemalloc.start()
        _drained(name, Path(part.name), settings)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def ours(path: Path) -> dict:
    """Read the damaged export as the pipeline does."""
    settings = READERS["gcwerks"].Settings(label="centre", slot_seconds=60)
    began = time.process_time()
    found = collect([path], settings, GAS)
    seconds = time.process_time() - began
    values = found.rows.value
    return {"who": "cityflux", "seconds": seconds, **_judged(values, len(values))}


def pandas_plain(path: Path) -> dict:
    """Read it with one call of pandas, as a notebook would."""
    import pandas as pd

    began = time.process_time()
    try:
        names = ["date", "time", "type", "port", "C", "stdev", "N"]
        table = pd.read_csv(path, sep=r"\s+", skiprows=3, names=names, dtype={"time": str})
        table["C"] = pd.to_numeric(table["C"], errors="coerce")
        table.index = pd.to_datetime(
            table["date"].astype(str) + table["time"], format="%y%m%d%H%M%S", errors="coerce"
        )
    except Exception as error:  # what it raises is the finding
        return {"who": f"pandas {pd.__version__}", "failed": f"{type(error).__name__}: {error}"}
    values = table["C"].to_numpy()
    seconds = time.process_time() - began
    return {"who": f"pandas {pd.__version__}", "seconds": seconds, **_judged(values, len(values))}


_PACKAGE = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from pathlib import Path
import openghg
from openghg.standardise.surface import parse_crds, parse_noaa
path = Path(sys.argv[1])
began = time.process_time()
try:
    if path.suffix == ".nc":
        found = parse_noaa(filepath=path, site="bao", measurement_type="insitu")
        out = {"rows": {k: v["data"].sizes["time"] for k, v in found.items()}}
    else:
        data = parse_crds(filepath=path, site="tac", network="decc")["co2"]["data"]["co2"].values
        out = {"values": data.tolist()}
    out["seconds"] = time.process_time() - began
except Exception as error:
    out = {"failed": f"{type(error).__name__}: {str(error)[:120]}"}
print(json.dumps({"who": f"openghg {openghg.__version__}", **out}))
"""


def openghg(path: Path) -> dict:
    """Read it with the public package, in an environment of its own."""
    if not RIVALS.exists():
        return {"who": "openghg", "failed": "not installed: make bench-packages"}
    with tempfile.TemporaryDirectory() as store:
        command = [str(RIVALS), "-c", _PACKAGE, str(path)]
        env = {"OPENGHG_PATH": store, "HOME": store, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return {"who": "openghg", "failed": (done.stderr or done.stdout)[-160:]}
    if "values" in found:
        found |= _judged(found["values"], len(found.pop("values")))
    return found


def _judged(values: object, rows: int) -> dict:
    """Return how many rows came out, and how many of them no air can hold."""
    import numpy as np

    values = np.asarray(values, dtype=float)
    return {"rows": rows, "impossible": int(np.sum((values > 2000) | (values < 250)))}


def tower(folder: Path) -> list[dict]:
    """Read a tower's file of three heights that share their times, where it is at hand."""
    path = folder / "stations" / "openghg_formats" / "ch4_bao_tower-insitu_1_ccgg_all.nc"
    if not path.is_file() or "obspack" not in READERS:
        return []
    began = time.process_time()
    scan = scan_file(path, None, None)[0]
    seconds = time.process_time() - began
    heights = {f"{h:g} m": int((scan.rows.inlet == h).sum()) for h in sorted(set(scan.rows.inlet))}
    return [{"who": "cityflux", "seconds": seconds, "rows": heights}, openghg(path)]


def run() -> int:
    """Measure, print, keep; return 1 where a format is slower than the goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {"formats": [], "goal": GOAL}
        for form, path in inflated(folder).items():
            found["formats"].append(speed(form, path))
            print(_speed_line(found["formats"][-1]), flush=True)
            path.unlink()
        path = folder / "tac.picarro.1minute.100m.dat"
        found["planted"] = asdict(damaged_crds(path))
        found["damaged"] = [ours(path), pandas_plain(path), openghg(path)]
    found["tower"] = tower(ROOT.parent / "shared" / "data")
    print("\n".join(_damaged_lines(found)))
    LATEST.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(row["scan_lines_per_s"] < GOAL for row in found["formats"]))


def _speed_line(row: dict) -> str:
    """Return one format's line."""
    return (
        f"  {row['format']:16s}{row['reader_lines_per_s']:10.0f} lines/s read, "
        f"{row['scan_lines_per_s']:10.0f} with conversion; most memory "
        f"{row['peak_kib_tenth']:6.0f} KiB for a tenth, {row['peak_kib_whole']:6.0f} KiB for all"
    )


def _damaged_lines(found: dict) -> list[str]:
    """Return what each made of the damaged export and of the tower."""
    planted = found["planted"]
    lines = [f"damaged export: {planted}"]
    base = found["damaged"][0]["seconds"]
    for row in [*found["damaged"], *found["tower"]]:
        if "failed" in row:
            lines.append(f"  {row['who']:16s} {row['failed']}")
            continue
        more = f", {row['impossible']} impossible values" if "impossible" in row else ""
        lines.append(
            f"  {row['who']:16s} {row['seconds'] / base:6.2f} x ours, rows {row['rows']}{more}"
        )
    return lines


def write_page() -> None:
    """Put the last run into the page of benchmarks."""
    found = json.loads(LATEST.read_text(encoding="utf-8"))
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    text = "\n".join([*_speed_table(found), "", *_damaged_table(found), "", *_tower_table(found)])
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _speed_table(found: dict) -> list[str]:
    """Return the table of speeds."""
    head = ["| format | lines/s, read | lines/s, read and converted | × goal | KiB at 1/10 | KiB |"]
    head.append("|---|---:|---:|---:|---:|---:|")
    return head + [
        f"| {row['format']} | {row['reader_lines_per_s']:.0f} | {row['scan_lines_per_s']:.0f} | "
        f"{row['scan_lines_per_s'] / found['goal']:.1f} | {row['peak_kib_tenth']:.0f} | "
        f"{row['peak_kib_whole']:.0f} |"
        for row in found["formats"]
    ]


def _damaged_table(found: dict) -> list[str]:
    """Return who gives what of the damaged export."""
    planted = found["planted"]
    wanted = planted["good"]
    base = found["damaged"][0]["seconds"]
    lines = [
        f"The damaged export holds {wanted} good rows, {planted['cut']} lines cut short, "
        f"{planted['sentinel']} values 9999.99, {planted['twice']} exact repeats, "
        f"{planted['torn']} pairs that contradict each other and {planted['nul']} lines with NUL "
        "bytes.",
        "",
        "| | × ours | rows | too many or lost | impossible values passed on |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in found["damaged"]:
        if "failed" in row:
            lines.append(f"| {row['who']} | | none | {-wanted} | {row['failed']} |")
            continue
        lines.append(
            f"| {row['who']} | {row['seconds'] / base:.2f} | {row['rows']} | "
            f"{row['rows'] - wanted:+d} | {row['impossible']} |"
        )
    return lines


def _tower_table(found: dict) -> list[str]:
    """Return how many rows of each height came out of a tower's file."""
    if not found["tower"]:
        return ["The tower's file of three heights was not at hand."]
    lines = ["| one tower, three heights, 4190 rows | rows of each height |", "|---|---|"]
    return lines + [
        f"| {row['who']} | {row.get('failed') or ', '.join(f'{k}: {n}' for k, n in row['rows'].items())} |"
        for row in found["tower"]
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["page"]:
        write_page()
    else:
        sys.exit(run())

"""latest.json comes in; its tables, in the page docs/benchmarks.md between its two marks, go out."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

from benchmarks.city import SIZES
from benchmarks.limits import seconds_at
from benchmarks.methods import LABELS
from benchmarks.plan import ours_at
from benchmarks.targets import seconds_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def write_page(latest: Path) -> None:
    """Put the results of the last run into the page."""
    found = json.loads(latest.read_text(encoding="utf-8"))
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    text = "\n".join([*_machine(found), *_rows(found), *_limits(found), *_targets(found)])
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _machine(found):
    about, rates = found["machine"], found["rates"]
    yield (
        f"One run on {about['cores']} cores, one thread a row; numpy {about['numpy']}, products made "
        f"for {about['products_made_for']}: {max(rates['sgemm'], rates['sgemm_blocks']):.0f} Gflop/s "
        f"in single, {rates['dgemm']:.0f} in double precision; memory {rates['stream']:.0f} GB/s."
    )


def _rows(found):
    """Yield a table for each size."""
    for name, group in groupby(found["rows"], key=lambda row: row["size"]):
        size, rows = SIZES[name], list(group)
        unknowns = size.sectors * size.periods * size.side**2
        ours = next(
            (seconds_of(r) for r in rows if r["method"] == ours_at(name) and "wall_s" in r), 0
        )
        yield f"\n**{name}**: {unknowns} fluxes, {size.observations} observations\n"
        yield "| | seconds | × ours | peak GiB | mean | sd |\n|---|---|---|---|---|---|"
        for row in rows:
            yield _row(row, ours)


def _row(row, ours):
    label = LABELS.get(row["method"], f"{row['method']} {row.get('version', '')}")
    if "failed" in row:
        return f"| {label} | {row['failed']} | | | | |"
    seconds = seconds_of(row)
    ratio = f"{seconds / ours:.2f}" if ours else ""
    peak = f"{row['peak_gib']:.2f}" if "peak_gib" in row else ""
    far = " | ".join(f"{row[key]:.0e}" if key in row else "" for key in ("mean", "sd"))
    return f"| {label} | {seconds:.3f} | {ratio} | {peak} | {far} |"


def _limits(found):
    """Yield the limits, and where the seconds of the largest size go."""
    for row in found["rows"]:
        if "work" in row and row["method"] == "single" and row["size"] in {"medium", "large"}:
            least = seconds_at(row["work"], found["rates"])
            parts = ", ".join(f"{name} {value:.2f} s" for name, value in row["parts"].items())
            yield f"\nLimit at {row['size']}: {least:.2f} s. Ours: {parts}."


def _targets(found):
    yield "\n| Target | reached | goal | |\n|---|---|---|---|"
    for one in found["targets"]:
        sign = "≥" if one["at_least"] else "≤"
        met = "met" if one["share"] >= 1.0 else f"{one['share']:.0%}"
        yield f"| {one['what']} | {one['value']:.3g} | {sign} {one['goal']:.3g} | {met} |"

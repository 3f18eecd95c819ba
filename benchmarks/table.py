"""Rows, rates and targets of a run come in; the lines to print go out."""

from __future__ import annotations

from benchmarks.city import SIZES
from benchmarks.limits import seconds_at
from benchmarks.methods import LABELS
from benchmarks.targets import seconds_of

BUSY = 1.2
HEAD = f"{'':38s}{'s':>9s}{'x ours':>8s}{'GiB':>6s}{'mean':>9s}{'sd':>9s}"


def row_line(row: dict, ours: float | None) -> str:
    """Return one method's line: seconds, ratio, peak of memory, differences."""
    label = LABELS.get(row["method"], f"{row['method']} {row.get('version', '')}")
    if "failed" in row:
        return f"  {label:36s} {row['failed']}"
    seconds = seconds_of(row)
    ratio = f"{seconds / ours:8.2f}" if ours else f"{'':8s}"
    peak = f"{row['peak_gib']:6.2f}" if "peak_gib" in row else f"{'':6s}"
    far = "".join(f"{row[key]:9.0e}" if key in row else f"{'-':>9s}" for key in ("mean", "sd"))
    return f"  {label:36s}{seconds:9.3f}{ratio}{peak}{far}{busy_mark(row)}"


def busy_mark(row: dict) -> str:
    """Return a mark where the clock ran well ahead of the processor: others used the machine."""
    return "  busy" if row["wall_s"] > BUSY * row["cpu_s"] else ""


def size_lines(name: str) -> str:
    """Return the lines above a size's rows."""
    size = SIZES[name]
    unknowns = size.sectors * size.periods * size.side**2
    what = f"{unknowns} fluxes, {size.observations} observations"
    grid = f"{size.side} x {size.side} cells, {size.periods} periods, {size.sectors} sectors"
    return f"\n{name}: {what}; {grid}\n{HEAD}"


def limit_lines(rows: list[dict], rates: dict[str, float]) -> list[str]:
    """Return the limits of the two larger sizes and where the seconds go."""
    lines = ["", "rates of this core in this run: " + rates_line(rates)]
    for row in rows:
        if "work" not in row or row["size"] not in {"medium", "large"} or row["method"] != "single":
            continue
        least = seconds_at(row["work"], rates)
        lines.append(
            f"{row['size']}: limit {least:.2f} s, ours {seconds_of(row) / least:.2f} times that"
        )
        parts = ", ".join(f"{name} {value:.2f} s" for name, value in row["parts"].items())
        lines.append(f"  of these: {parts}")
    return lines


def rates_line(rates: dict[str, float]) -> str:
    """Return the measured rates in words."""
    return (
        f"single products {rates['sgemm']:.0f} Gflop/s (in the kernel's blocks "
        f"{rates['sgemm_blocks']:.0f}), double {rates['dgemm']:.0f}, memory {rates['stream']:.0f} GB/s"
    )


def target_lines(found: list) -> list[str]:
    """Return the table of targets."""
    lines = ["", f"{'target':46s}{'reached':>10s}{'goal':>10s}{'':>4s}share"]
    for one in found:
        sign = ">=" if one.at_least else "<="
        lines.append(
            f"{one.what:46s}{one.value:10.3g}{sign:>4s}{one.goal:6.3g}{'':4s}{one.share:.0%}"
            + ("" if one.share >= 1.0 else "  not met")
        )
    return lines

"""A preview comes in; a table that people read goes out."""

from __future__ import annotations

from typing import Any

from inversion.aggregates import ALL, NET

_KG_S_TO_KT_YEAR = 365.0 * 86400.0 / 1e6


def table(preview: dict[str, Any]) -> str:
    """Return a preview as lines of text.

    Parameters
    ----------
    preview : dict
        As `inversion.preview.preview` returns it.
    """
    receptors = ", ".join(f"{name} {n}" for name, n in preview["by_receptor"].items())
    lines = [
        f"{preview['n_observations']} observations ({receptors})",
        f"{preview['n_state']} fluxes and {preview['n_nuisance']} other states",
        _footprints(preview["footprints"]),
        f"degrees of freedom for signal: {preview['dofs']:.1f}",
        "",
        f"{'total':<28}{'prior kt/yr':>13}{'sd before':>11}{'sd after':>10}{'information':>13}",
        *(_line(row) for row in preview["totals"] if _shown(row)),
        "",
        *_cost(preview["cost"]),
        "",
        *(preview["broken"] or ["no limit of the settings is broken"]),
    ]
    return "\n".join(lines)


def _footprints(counts: dict[str, Any]) -> str:
    """Return in words what the footprints are."""
    if counts["exact"]:
        return "footprints: all of them, so that what is foreseen is what will be found"
    return (
        f"footprints: {counts['own']} made, {counts['borrowed']} borrowed from like hours, known "
        f"on blocks of {counts['block_cells']} cells: standard deviations are within about 20 %"
    )


def _shown(row: dict[str, Any]) -> bool:
    """Tell whether a total is in the table: districts and the city, and the city's sectors."""
    return not row["interval"] and (row["sector"] == ALL or row["region"] == ALL)


def _line(row: dict[str, Any]) -> str:
    """Return one total's line; kilotonnes a year, as a rate, and shares of the prior total."""
    name = f"{row['region']} {row['sector'] if row['sector'] != NET else 'net'}"
    size = abs(row["prior"])

    def share(value: float) -> str:
        return f"{100.0 * value / size:.1f} %" if size > 0.0 else "-"

    return (
        f"{name:<28}{_KG_S_TO_KT_YEAR * row['prior']:>13.4g}"
        f"{share(row['prior_standard_deviation']):>11}{share(row['standard_deviation']):>10}"
        f"{row['information']:>13.2f}"
    )


def _cost(cost: dict[str, Any] | None) -> list[str]:
    """Return the lines of what a run takes."""
    if cost is None:
        return ["cost: not known for this solver or state"]
    steps = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in cost["seconds"].items())
    return [
        f"processor time of one core: {cost['hours']:.2g} h ({steps})",
        f"memory: {cost['memory_gb']:.2g} GB, disk: {cost['disk_gb']:.2g} GB",
    ]

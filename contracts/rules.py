"""In: names of variables. Out: the rules that several contracts share (sorted, unique, bounded, summed, positive)."""

import numpy as np
import xarray as xr

from contracts.schema import Rule


def unique(name: str) -> Rule:
    """Values are unique."""

    def test(ds: xr.Dataset) -> str | None:
        values, counts = np.unique(ds[name].values, return_counts=True)
        return None if (counts == 1).all() else f"{values[counts > 1][0]!r} given more than once"

    return Rule(name, "unique values", test, (name,))


def ascending(name: str) -> Rule:
    """Values ascend strictly."""

    def test(ds: xr.Dataset) -> str | None:
        values = ds[name].values
        wrong = np.flatnonzero(~(values[1:] > values[:-1]))
        return (
            None if wrong.size == 0 else f"position {wrong[0] + 1} does not exceed the one before"
        )

    return Rule(name, "strictly ascending values", test, (name,))


def bounded(name: str, bounds: str) -> Rule:
    """Labels are the starts of their bounds, and every end lies after its start."""

    def test(ds: xr.Dataset) -> str | None:
        edges = ds[bounds].values
        if not (edges[:, 1] > edges[:, 0]).all():
            return "an interval that does not end after its start"
        if not (ds[name].values == edges[:, 0]).all():
            return "a label that is not the start of its interval"
        return None

    return Rule(bounds, "half-open intervals labelled by their start", test, (bounds, name))


def disjoint(bounds: str) -> Rule:
    """Intervals end after they start, are in order and do not overlap."""

    def test(ds: xr.Dataset) -> str | None:
        edges = ds[bounds].values
        if not (edges[:, 1] > edges[:, 0]).all():
            return "an interval that does not end after its start"
        wrong = np.flatnonzero(edges[1:, 0] < edges[:-1, 1])
        return None if wrong.size == 0 else f"interval {wrong[0] + 1} starts before {wrong[0]} ends"

    return Rule(bounds, "intervals in order without overlap", test, (bounds,))


def positive(name: str) -> Rule:
    """Values exceed zero."""

    def test(ds: xr.Dataset) -> str | None:
        values = ds[name].values
        return None if (values > 0).all() else f"{values.min()}"

    return Rule(name, "values > 0", test, (name,))


def symmetric(name: str) -> Rule:
    """Matrix is symmetric and positive semidefinite (to rounding)."""

    def test(ds: xr.Dataset) -> str | None:
        matrix = ds[name].values
        if matrix.shape[0] != matrix.shape[1]:
            return f"a matrix of shape {matrix.shape}"
        if matrix.size == 0:
            return None
        scale = np.abs(matrix).max() or 1.0
        if np.abs(matrix - matrix.T).max() > 1e-9 * scale:
            return "an unsymmetric matrix"
        least = np.linalg.eigvalsh(matrix)[0]
        return None if least > -1e-8 * scale else f"an eigenvalue of {least:.3g}"

    return Rule(name, "a symmetric positive semidefinite matrix", test, (name,))


def correlations(name: str) -> Rule:
    """Matrix is symmetric and positive semidefinite with a diagonal of ones."""
    whole = symmetric(name)

    def test(ds: xr.Dataset) -> str | None:
        found = whole.test(ds)
        if found:
            return found
        worst = np.abs(np.diagonal(ds[name].values) - 1.0).max(initial=0.0)
        return None if worst <= 1e-9 else f"a diagonal that misses 1 by {worst:.3g}"

    return Rule(
        name,
        "a correlation matrix: symmetric, positive semidefinite, 1 on its diagonal",
        test,
        (name,),
    )


def flagged_gaps(value: str, flag: str) -> Rule:
    """Require a flag wherever a value is missing."""

    def test(ds: xr.Dataset) -> str | None:
        silent = np.isnan(ds[value].values) & (ds[flag].values == 0)
        return None if not silent.any() else f"{int(silent.sum())} missing values without a flag"

    return Rule(value, "a flag wherever a value is missing", test, (value, flag))


def row_sums(name: str = "sensitivity_inside") -> Rule:
    """Per observation and sector, stored values sum to the recorded sensitivity (1e-12)."""

    def test(ds: xr.Dataset) -> str | None:
        start = ds["row_start"].values
        n, g = ds[name].shape
        size = ds.attrs.get("state_size")
        if size is None:
            return None  # told as a missing attribute
        if (
            start.size != n + 1
            or start[0] != 0
            or start[-1] != ds.sizes["nonzero"]
            or (np.diff(start) < 0).any()
        ):
            return "row_start that does not run from 0 to the number of nonzeros, once a row"
        if not isinstance(size, (int, np.integer)) or size <= 0 or size % g:
            return f"attribute state_size {size!r} that {g} sectors do not divide"
        sector = ds["state_index"].values // (size // g)
        if sector.size and (sector.min() < 0 or sector.max() >= g):
            return "state_index outside the state"
        row = np.repeat(np.arange(n), np.diff(start))
        sums = np.bincount(row * g + sector, ds["sensitivity"].values, minlength=n * g)
        worst = np.abs(sums.reshape(n, g) - ds[name].values).max(initial=0.0)
        limit = 1e-12 * np.abs(ds[name].values).max(initial=0.0)
        return None if worst <= max(limit, 1e-300) else f"a difference of {worst:.3g}"

    needs = (name, "row_start", "state_index", "sensitivity")
    return Rule(name, "row sums per sector equal to the recorded ones within 1e-12", test, needs)


def receptor_then_time() -> Rule:
    """Observations are sorted by receptor name, then time, each once."""

    def test(ds: xr.Dataset) -> str | None:
        index = ds["receptor_index"].values.astype(np.int64)
        if index.size and (index.min() < 0 or index.max() >= ds.sizes["receptor"]):
            return f"receptor_index {index.min()}..{index.max()}"
        names = ds["receptor"].values.astype(str)
        if not (np.sort(names) == names).all():
            return "receptors out of order"
        time = ds["time"].values.astype("datetime64[ns]").astype(np.int64)
        later = (index[1:] > index[:-1]) | ((index[1:] == index[:-1]) & (time[1:] > time[:-1]))
        return None if later.all() else "observations out of order or given twice"

    return Rule(
        "receptor_index",
        "unique observations sorted by receptor, then time",
        test,
        ("receptor_index", "receptor", "time"),
    )


def inside_and_outside() -> Rule:
    """Footprints: what is stored plus what lies outside is the total."""

    def test(ds: xr.Dataset) -> str | None:
        size = ds["row_size"].values
        if size.sum() != ds.sizes["nonzero"] or (size < 0).any():
            return "row_size that does not sum to the number of nonzeros"
        row = np.repeat(np.arange(size.size), size)
        inside = np.bincount(row, ds["sensitivity"].values, minlength=size.size)
        total = ds["sensitivity_total"].values
        gap = np.abs(inside + ds["sensitivity_outside"].values - total).max(initial=0.0)
        limit = 1e-9 * np.abs(total).max(initial=0.0)
        return None if gap <= max(limit, 1e-300) else f"a difference of {gap:.3g}"

    return Rule(
        "sensitivity_total",
        "inside + outside = total",
        test,
        ("row_size", "sensitivity", "sensitivity_total", "sensitivity_outside"),
    )


def counted(size: str, dim: str) -> Rule:
    """Sizes of rows sum to the number of entries along a dimension."""

    def test(ds: xr.Dataset) -> str | None:
        entries, told = ds.sizes.get(dim, 0), int(ds[size].values.sum())
        return None if told == entries else f"{told} beside {entries}"

    return Rule(size, f"sizes that sum to the length of {dim}", test, (size,))


def fractions_of_one(name: str) -> Rule:
    """Region fractions of every cell sum to one."""

    def test(ds: xr.Dataset) -> str | None:
        worst = np.abs(ds[name].values.sum(axis=0) - 1.0).max(initial=0.0)
        return None if worst <= 1e-6 else f"a sum that misses 1 by {worst:.3g}"

    return Rule(name, "fractions of each cell that sum to 1", test, (name,))

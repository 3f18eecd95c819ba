"""Footprints on other cells: mass, areas, a known answer on the ellipsoid, and what is refused."""

import numpy as np
import pytest
import xarray as xr

from contracts.grid import Grid
from transport.ragged import Ragged, footprint_dataset
from transport.regrid import onto_grid, shares

GEOGRAPHIC = Grid("EPSG:4326", 29.0 + 0.1 * np.arange(21), 119.0 + 0.1 * np.arange(21))


def metres(half=60_000.0, size=3000.0):
    x, y = Grid("EPSG:4549", [0.0, 1.0], [0.0, 1.0]).project(120.0, 30.0)
    steps = np.arange(-half, half + 1.0, size)
    return Grid("EPSG:4549", y + steps, x + steps)


def observations(n):
    time = np.datetime64("2025-06-01T06:00", "ns") + np.arange(n) * np.timedelta64(1, "h")
    names = [f"AAA_{k}" for k in range(n)]
    return xr.Dataset(
        {
            "obs_id": ("obs", np.array(names)),
            "time": ("obs", time),
            "receptor_index": ("obs", np.zeros(n, np.int64)),
        },
        coords={"receptor": ("receptor", np.array(["AAA"]))},
    )


def footprints(cells, outside=0.5):
    """Return footprints (obs, lag, row, col) on the geographic grid."""
    parts = []
    for one in cells:
        lag, row, column = np.nonzero(one)
        value = one[lag, row, column]
        entries = {"lag": lag, "row": row, "column": column, "value": value}
        parts.append({**entries, "total": float(value.sum()) + outside, "outside": outside})
    bounds = 3600.0 * np.arange(cells.shape[1] + 1)
    ragged = Ragged.join(parts, np.stack([bounds[:-1], bounds[1:]], 1))
    attrs = {"title": "made", "synthetic": "yes", "reader": "files", "time_integrated": "no"}
    return footprint_dataset(observations(len(cells)), ragged, GEOGRAPHIC, attrs)


def dense(ds, k, shape):
    size = ds["row_size"].to_numpy()
    first = int(size[:k].sum())
    one = slice(first, first + int(size[k]))
    out = np.zeros((ds.sizes["lag"], *shape))
    at = tuple(ds[f"{n}_index"].to_numpy()[one] for n in ("lag", "row", "column"))
    np.add.at(out, at, ds["sensitivity"].to_numpy()[one])
    return out


def test_mass_is_kept_and_what_lies_beyond_is_counted():
    rng = np.random.default_rng(1)
    cells = rng.random((3, 2, 20, 20)) * (rng.random((3, 2, 20, 20)) < 0.3)
    before, target = footprints(cells), metres()
    after = onto_grid(before, observations(3), GEOGRAPHIC, target)
    np.testing.assert_array_equal(after["sensitivity_total"], before["sensitivity_total"])
    for k in range(3):
        inside = dense(after, k, target.shape).sum()
        beyond = float(after["sensitivity_outside"][k])
        np.testing.assert_allclose(inside + beyond, cells[k].sum() + 0.5, rtol=1e-12)
        assert 0.0 < beyond - 0.5 < cells[k].sum()
    assert after.attrs["grid_crs"] == "EPSG:4549"
    assert "EPSG:4326" in after.attrs["regridded_from"]


def test_cells_share_by_their_true_area():
    target = metres(half=30_000.0)
    share = shares(GEOGRAPHIC, target)
    true = GEOGRAPHIC.cell_area.ravel()
    received = share.T @ true  # a uniform density gives each target cell its own area
    np.testing.assert_allclose(received.reshape(target.shape), target.cell_area, rtol=2e-4)
    rows = np.asarray(share.sum(axis=1)).ravel()
    assert rows.max() <= 1.0 + 1e-9
    assert (rows == 0).any()


def test_a_uniform_flux_is_felt_the_same_on_both_grids():
    inside = np.zeros((1, 1, 20, 20))
    inside[0, 0, 9:12, 9:12] = np.arange(9.0).reshape(3, 3)
    after = onto_grid(footprints(inside, 0.0), observations(1), GEOGRAPHIC, metres())
    np.testing.assert_allclose(dense(after, 0, metres().shape).sum(), 36.0, rtol=1e-12)
    np.testing.assert_allclose(after["sensitivity_outside"], 0.0, atol=1e-12)


def test_the_middle_of_mass_stays_where_it_was():
    one = np.zeros((1, 1, 20, 20))
    one[0, 0, 10, 10] = 1.0
    target = metres()
    cells = dense(onto_grid(footprints(one), observations(1), GEOGRAPHIC, target), 0, target.shape)
    x, y = target.project(120.05, 30.05)
    row, column = (cells[0].sum(axis=axis) for axis in (1, 0))
    # a cell that is met in part holds its share at its own middle: some hundredths of 3000 m
    np.testing.assert_allclose(row @ target.row_centres, y, atol=150.0)
    np.testing.assert_allclose(column @ target.column_centres, x, atol=150.0)


def test_finer_and_back_is_the_same():
    fine = Grid("EPSG:4326", 29.0 + 0.05 * np.arange(41), 119.0 + 0.05 * np.arange(41))
    there, back = shares(GEOGRAPHIC, fine), shares(fine, GEOGRAPHIC)
    np.testing.assert_allclose((there @ back).toarray(), np.eye(400), atol=1e-9)


def test_a_hole_in_the_shares_would_be_seen(monkeypatch):
    whole = shares(GEOGRAPHIC, metres())

    def broken(source, target):
        found = whole.copy()
        found.data[::7] = 0.0
        return found

    monkeypatch.setattr("transport.regrid.shares", broken)
    received = broken(None, None).T @ GEOGRAPHIC.cell_area.ravel()
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(received.reshape(metres().shape), metres().cell_area, rtol=2e-4)


def test_the_setting_leads_files_onto_the_runs_cells(monkeypatch):
    import transport.footprints as rooms

    cells = np.zeros((1, 1, 20, 20))
    cells[0, 0, 10, 10] = 2.0
    asked = []

    def reader(seen, met, grid, section, files):
        asked.append(grid)
        return footprints(cells)

    monkeypatch.setattr(rooms, "_load", lambda registry, name: reader)
    monkeypatch.setattr(rooms, "footprint_grid", lambda files, section: GEOGRAPHIC)
    section = type("Section", (), {"reader": "files", "regrid": True})()
    found = rooms.build_footprints(observations(1), None, metres(), section, [])
    assert asked == [GEOGRAPHIC]
    assert found.attrs["grid_crs"] == "EPSG:4549"
    section.regrid = False
    assert (
        rooms.build_footprints(observations(1), None, metres(), section, []).attrs["grid_crs"]
        == "EPSG:4326"
    )

"""Contributions of sectors: H x_a split, and the published answer for Salt Lake City."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from inversion_fakes import footprints, observations, prior

from contracts.grid import grid_of_box
from contracts.periods import batch_period
from contracts.settings.errors import PriorErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.grid import GridSettings
from contracts.settings.inventories import InventorySettings
from contracts.settings.regions import RegionSettings
from contracts.settings.time import TimeSettings
from inventories.inputs import PriorInputs, input_files
from inventories.prior import build_prior
from inversion.forward import contributions
from inversion.jacobian import build_jacobian
from transport.ragged import Ragged, footprint_dataset
from transport.readers.lattice import cut_out

CASE = Path(__file__).parents[3] / "shared/data/cases/salt_lake_city"
needs_real = pytest.mark.skipif(not CASE.is_dir(), reason="the shared data folder is absent")
ANCHOR = (274, 1)  # a cell of every published layer that holds the end of a colour scale
ANSWER = {"total": 0.978759067, "onroad": 0.764995060}  # umol mol-1, without the anchor
SECTORS = ("airport", "com", "compoint", "elec", "ind", "nonroad", "onroad", "railroad", "res")


def small():
    obs = observations({"AAA": [30, 31], "BBB": [40]})
    elements = [
        [(0, 0, 0, 0.5), (3, 1, 2, 0.25)],
        [(1, 1, 1, 0.125)],
        [(0, 0, 1, 1.0), (5, 0, 1, 2.0)],
    ]
    before = prior(np.random.default_rng(7))
    return build_jacobian(obs, [footprints(obs, elements)], before), before


def test_sectors_add_up_to_the_enhancement():
    jacobian, before = small()
    found = contributions(jacobian, before)
    assert found.dims == ("obs", "sector")
    assert found.attrs["units"] == "umol mol-1"
    dense = np.zeros((3, before["flux"].size))
    start = jacobian["row_start"].to_numpy()
    for i in range(3):
        part = slice(start[i], start[i + 1])
        dense[i, jacobian["state_index"].to_numpy()[part]] = jacobian["sensitivity"].to_numpy()[
            part
        ]
    state = before["flux"].to_numpy()
    np.testing.assert_allclose(found.sum("sector"), dense @ state.ravel(), rtol=1e-12)
    for number, name in enumerate(before["sector"].to_numpy()):
        alone = np.zeros_like(state)
        alone[number] = state[number]
        np.testing.assert_allclose(found.sel(sector=name), dense @ alone.ravel(), rtol=1e-12)


def test_another_state_is_refused():
    jacobian, before = small()
    with pytest.raises(ValueError, match=r"must belong to the prior's state; got sectors"):
        contributions(jacobian, before.isel(sector=[1, 0, 2]))
    with pytest.raises(ValueError, match=r"54 unknowns in the Jacobian for .* and 36 in the prior"):
        contributions(jacobian, before.isel(period=[0, 1]))


@pytest.fixture(scope="module")
def published():
    with xr.open_dataset(CASE / "hestia/stilt_footprint_and_sector_contributions.nc") as opened:
        return opened.load()


@pytest.fixture(scope="module")
def modelled(published):
    """Return the sums by sector, through the doors a run goes through, on Hestia's own cells."""
    grid = grid_of_box(
        GridSettings(
            source="box",
            west_degrees=-112.3,
            south_degrees=40.4,
            cell_size_degrees=0.002,
            columns=390,
            rows=275,
        )
    )
    time = TimeSettings.model_validate(
        {
            "utc_offset_hours": -6,
            "batches": {"day": {"start": "2015-09-02T06:00", "end": "2015-09-03T06:00"}},
            "spin_up_days": 0,
        }
    )
    gridded = {"file": "hestia_slc_sectors.nc", "repeat": "snapshot", "unit": "umol m-2 s-1"}
    section = InventorySettings.model_validate(
        {"sectors": {name: {"gridded": {**gridded, "variable": name}} for name in SECTORS}}
    )
    before = build_prior(
        PriorInputs(
            grid=grid,
            regions=None,
            place=RegionSettings(source="domain", name="Salt Lake City", name_local="-"),
            batch=batch_period(time, "day"),
            time=time,
            section=section,
            gas=GasSettings(),
            errors_prior=PriorErrorSettings(),
            files=input_files(section, lambda name: CASE / "hestia" / name),
        )
    ).prior
    obs = observations({"SLC": [0]})
    obs["time"] = ("obs", np.array(["2015-09-02T18:00"], "datetime64[ns]"))
    cells = published["foot"].transpose("lat", "lon").to_numpy().astype(float)[None]
    entry = cut_out(cells, (slice(0, 275), slice(0, 390)))
    footprint = footprint_dataset(
        obs,
        Ragged.join([entry], np.array([[0.0, 86400.0]])),
        grid,
        {"synthetic": "no", "time_integrated": "yes"},
    )
    found = contributions(build_jacobian(obs, [footprint], before), before)
    return found.isel(obs=0)


def layer_sum(published, name, *, anchor):
    layer = published[f"contrib_{name}"].transpose("lat", "lon").to_numpy().astype(float).copy()
    if not anchor:
        layer[ANCHOR] = 0.0
    return np.nansum(layer)


@needs_real
@pytest.mark.realdata
def test_the_published_contributions_are_met(published, modelled):
    for name in SECTORS:
        expected = layer_sum(published, name, anchor=False)
        np.testing.assert_allclose(modelled.sel(sector=name), expected, atol=1e-6, rtol=0)
    np.testing.assert_allclose(modelled.sum(), ANSWER["total"], atol=1e-6, rtol=0)
    np.testing.assert_allclose(modelled.sel(sector="onroad"), ANSWER["onroad"], atol=1e-6, rtol=0)


@needs_real
@pytest.mark.realdata
def test_with_the_anchor_cell_sums_are_wrong(published, modelled):
    wrong = {name: layer_sum(published, name, anchor=True) for name in ANSWER}
    assert {name: round(value, 4) for name, value in wrong.items()} == {
        "total": 1.2525,
        "onroad": 1.0388,
    }
    for name in (*SECTORS, "total"):
        layer = published[f"contrib_{name}"].transpose("lat", "lon").to_numpy()
        np.testing.assert_allclose(layer[ANCHOR], 0.27378, atol=1e-5)
    assert abs(wrong["total"] - float(modelled.sum())) > 0.27

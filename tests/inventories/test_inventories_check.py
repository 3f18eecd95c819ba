"""Each problem of the inventories' settings is found before any job runs."""

from types import SimpleNamespace

import numpy as np
import pytest
from inventories_fakes import CODES, proxies, rows, section, table
from pydantic import ValidationError

from contracts.settings.errors import PriorErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.inventories import InventorySettings, SectorSettings
from contracts.settings.time import TimeSettings
from inventories import check as room
from inventories.inputs import input_files


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "_codes", lambda _: CODES)
    table(tmp_path / "t.csv")
    proxies(tmp_path / "p.nc")

    def make(synthetic=None, errors=None, **changes):
        files = {"table": "t.csv", "proxies": "p.nc", **changes}
        return SimpleNamespace(
            inventories=section(**files),
            data_root=str(tmp_path),
            synthetic=synthetic,
            regions=None,
            gas=GasSettings(),
            time=TimeSettings(batches={"2025-06": None}),
            errors=SimpleNamespace(prior=PriorErrorSettings.model_validate(errors or {})),
        )

    return make


def test_good_settings_have_no_problem(settings):
    assert room.check(settings()) == []
    assert room.check(settings(synthetic="yes", table=None, proxies=None)) == []


def test_each_problem_is_told(settings, tmp_path):
    table(tmp_path / "bad.csv", [rows()[0].replace("3000", "x")])
    table(tmp_path / "more.csv", [*rows(), rows()[0].replace("110001", "9"),
                                  rows()[0].replace("buildings", "ships")])  # fmt: skip
    wrong = {"a": {"proxy": "horses"}}
    found = {
        "inventories": settings(table=None),
        "inventories.table": settings(table="nowhere.csv"),
        "inventories.sectors.a.proxy": settings(sectors={**wrong}, table="empty.csv"),
        "errors.prior": settings(errors={"cell_relative_by_sector": {"ships": 1}}),
    }
    table(tmp_path / "empty.csv", [rows()[0].replace("buildings", "a")])
    for where, bad in found.items():
        assert [problem.where for problem in room.check(bad)] == [where]
    (problem,) = room.check(settings(table="bad.csv"))
    assert "line 2, column total_t" in problem.found
    assert [p.found for p in room.check(settings(table="more.csv"))] == [
        "sectors ['ships']",
        "regions ['9']",
    ]


def test_gridded_files_are_opened(settings, tmp_path):
    import xarray as xr

    flux = xr.Dataset({"flux": (("lat",), np.ones(2), {"units": "kg s-1"})})
    flux.to_netcdf(tmp_path / "g.nc")
    for variable, found in (("flux", "the unit 'kg s-1'"), ("co2", "no variable 'co2' in g.nc")):
        sectors = {"a": {"gridded": {"file": "g.nc", "variable": variable}}}
        (problem,) = room.check(settings(sectors=sectors, human_respiration=None))
        assert problem.where == "inventories.sectors.a.gridded.file"
        assert problem.found == found
    for unit, wrong in (("umol m-2 s-1", []), ("g m-2", ["inventories.sectors.a.gridded.unit"])):
        sectors = {"a": {"gridded": {"file": "g.nc", "unit": unit}}}
        problems = room.check(settings(sectors=sectors, human_respiration=None))
        assert [problem.where for problem in problems] == wrong


def test_a_run_without_inventories_has_no_problem():
    assert room.check(SimpleNamespace(inventories=None, data_root=".")) == []


def test_files_are_resolved_or_made(tmp_path):
    made = input_files(section(), lambda name: tmp_path / name, tmp_path / "synthetic")
    assert made == {
        "table": tmp_path / "synthetic/inventory.csv",
        "proxies": tmp_path / "synthetic/proxies.nc",
    }
    with pytest.raises(ValueError, match=r"inventories\.table must name a file"):
        input_files(section(), lambda name: tmp_path / name)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"proxy": "a", "hourly_profile": [1.0] * 23}, "hourly_profile must hold 24 numbers"),
        ({"proxy": "a", "weekday_profile": [1.0] * 8}, "weekday_profile must hold 7 numbers"),
        ({"proxy": "a", "hourly_profile": [-1.0] + [1.0] * 23}, ">= 0 and not all 0"),
        ({"proxy": "a", "hourly_profile": [0.0] * 24}, ">= 0 and not all 0"),
        ({}, "must have one of proxy, field, gridded; got none"),
        ({"proxy": "a", "field": "b"}, "must have one of proxy, field, gridded"),
    ],
)
def test_sector_settings_refuse(values, message):
    with pytest.raises(ValidationError, match=message):
        SectorSettings.model_validate(values)


def test_aggregate_names_and_no_inventory_are_refused():
    for sectors in ({"all": {"proxy": "a"}}, {"gpp": {"kind": "biosphere", "field": "gpp"}}):
        with pytest.raises(
            ValidationError, match="at least one of kind inventory and no aggregate"
        ):
            InventorySettings.model_validate({"sectors": sectors})

"""Contract files: what is written is read again bit for bit, and a broken dataset is never written."""

import numpy as np
import pytest
import xarray as xr
from contract_samples import sample, with_values

from contracts.datasets import NAMES, ContractError, read_dataset, schema_of, write_dataset
from contracts.provenance import Provenance

HERE = Provenance(inputs={"a.nc": "0" * 64}, settings="1" * 64, code="2" * 64)


def bits(array):
    """Return values in a form in which equal means the same bits."""
    return array.astype(str).tolist() if array.dtype.kind in "OUT" else array.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_values_survive_bit_for_bit(name, tmp_path):
    ds = sample(name)
    rng = np.random.default_rng(3)
    for key, rule in schema_of(name).variables.items():
        if rule.kind == "float" and not np.isfinite([rule.low, rule.high]).any():
            shape = ds[key].shape
            if not any(key == r.variable or key in r.needs for r in schema_of(name).rules):
                wild = rng.standard_normal(shape) * 10.0 ** rng.integers(-300, 300, shape)
                ds = with_values(ds, **{key: wild})
    write_dataset(ds, tmp_path / "file.nc", name, HERE)
    back = read_dataset(tmp_path / "file.nc", name)
    assert sorted(map(str, back.variables)) == sorted(map(str, ds.variables))
    for key in schema_of(name).variables:
        assert back[key].dims == ds[key].dims
        assert bits(back[key].values) == bits(ds[key].values), key
        if ds[key].dtype.kind not in "OU":
            assert back[key].dtype == ds[key].dtype, key
    for key, value in ds.attrs.items():
        assert back.attrs[key] == value
    assert back.attrs["Conventions"] == "CF-1.11"
    assert back.attrs["cityflux_dataset"] == name
    assert Provenance.from_attribute(back.attrs["provenance"]) == HERE


@pytest.mark.parametrize("name", NAMES)
def test_the_same_dataset_gives_the_same_bytes(name, tmp_path):
    one, two = tmp_path / "one.nc", tmp_path / "two.nc"
    ds = sample(name)
    write_dataset(ds, one, name, HERE)
    turned = xr.Dataset(
        {key: ds[key].variable for key in reversed([str(v) for v in ds.variables])},
        attrs=dict(reversed(list(ds.attrs.items()))),
    )
    write_dataset(turned, two, name, HERE)
    assert one.read_bytes() == two.read_bytes()


def test_large_arrays_are_compressed_and_survive(tmp_path):
    ds = sample("meteorology")
    big = ds.isel(time=np.zeros(1200, int))
    big = with_values(big, time=ds["time"].values[0] + np.arange(1200) * np.timedelta64(1, "h"))
    wind = np.random.default_rng(1).standard_normal(big["eastward_wind"].shape)
    big = with_values(big, eastward_wind=wind)
    write_dataset(big, tmp_path / "big.nc", "meteorology", HERE)
    back = read_dataset(tmp_path / "big.nc", "meteorology")
    assert bits(back["eastward_wind"].values) == bits(wind)
    assert (tmp_path / "big.nc").stat().st_size < sum(v.nbytes for v in big.variables.values())


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_come_back_as_nanoseconds(unit, tmp_path):
    ds = sample("station")
    coarse = ds["time"].values.astype(f"datetime64[{unit}]")
    ds = with_values(ds, time=coarse)
    write_dataset(ds, tmp_path / "file.nc", "station", HERE)
    back = read_dataset(tmp_path / "file.nc", "station")
    assert back["time"].dtype == np.dtype("datetime64[ns]")
    assert (back["time"].values == coarse).all()


def test_texts_survive_also_none_of_them(tmp_path):
    ds = with_values(sample("truths"), region=np.array(["杭州", "", "a b\n"], dtype=object))
    write_dataset(ds, tmp_path / "file.nc", "truths", HERE)
    back = read_dataset(tmp_path / "file.nc", "truths")
    assert back["region"].values.tolist() == ["杭州", "", "a b\n"]
    for kind in (object, "<U5"):
        empty = ds.isel(receptor=slice(0, 0))
        empty = with_values(empty, receptor=np.array([], dtype=kind))
        write_dataset(empty, tmp_path / "empty.nc", "truths", HERE)
        again = read_dataset(tmp_path / "empty.nc", "truths")
        assert again["receptor"].shape == (0,)
        assert again["receptor"].dtype.kind in "OUT"
        assert again["mole_fraction"].shape == (3, 0, 3)


def test_optional_variables_may_be_absent_in_a_file(tmp_path):
    ds = sample("station").drop_vars(["baseline", "baseline_standard_deviation"])
    write_dataset(ds, tmp_path / "file.nc", "station", HERE)
    assert "baseline" not in read_dataset(tmp_path / "file.nc", "station")


def test_a_broken_dataset_is_not_written_and_the_file_is_named(tmp_path):
    path = tmp_path / "file.nc"
    ds = sample("background").drop_vars("parameter")
    with pytest.raises(ContractError, match=r"got 1 violation\(s\) in .*file\.nc") as caught:
        write_dataset(ds, path, "background", HERE)
    assert str(path) in str(caught.value)
    assert "variable 'parameter': expected to be there; found nothing." in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_contract_is_refused_with_its_name(tmp_path):
    path = tmp_path / "file.nc"
    write_dataset(sample("background"), path, "background", HERE)
    with pytest.raises(ContractError, match="contract 'mismatch'") as caught:
        read_dataset(path, "mismatch")
    assert str(path) in str(caught.value)


def test_a_file_changed_by_hand_is_refused(tmp_path):
    path = tmp_path / "file.nc"
    sample("background").drop_vars("obs_id").to_netcdf(path)
    with pytest.raises(ContractError, match=r"variable 'obs_id': expected to be there") as caught:
        read_dataset(path, "background")
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "none.nc"
    with pytest.raises(FileNotFoundError, match="dataset 'prior' must be a file; got nothing at"):
        read_dataset(path, "prior")


def test_unknown_contracts_are_refused_by_reader_and_writer(tmp_path):
    path = tmp_path / "file.nc"
    write_dataset(sample("background"), path, "background", HERE)
    with pytest.raises(ValueError, match=r"contract must be one of .*; got 'air'"):
        read_dataset(path, "air")
    with pytest.raises(ValueError, match=r"contract must be one of .*; got 'air'"):
        write_dataset(sample("background"), path, "air", HERE)


@pytest.mark.parametrize("old", [False, True])
def test_half_a_file_is_never_left(old, tmp_path, monkeypatch):
    path = tmp_path / "file.nc"
    if old:
        write_dataset(sample("background"), path, "background", HERE)
    before = path.read_bytes() if old else None
    whole = xr.Dataset.to_netcdf

    def half(self, target, **options):
        whole(self, target, **options)
        raise KeyboardInterrupt("killed while writing")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", half)
    with pytest.raises(KeyboardInterrupt, match="killed while writing"):
        write_dataset(sample("background"), path, "background", Provenance())
    assert [p.name for p in tmp_path.iterdir()] == (["file.nc"] if old else [])
    assert (path.read_bytes() if old else None) == before

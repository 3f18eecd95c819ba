"""Every variable and attribute of every contract, broken in each way that its schema forbids, one way at a time."""

import numpy as np
import pytest
import xarray as xr
from contract_samples import sample, with_values

from contracts.datasets import NAMES, ContractError, check_dataset, schema_of, violations_of


def first_set(values, value):
    """Return a copy with another first value."""
    changed = np.array(values)
    changed.flat[0] = value
    return changed


def drop(ds, name, _):
    return ds.drop_vars(name)


def other_dims(ds, name, _):
    array = ds[name]
    new = tuple(f"other_{dim}" for dim in array.dims)
    return ds.drop_vars(name).assign({name: (new, array.values, array.attrs)})


def other_dtype(ds, name, rule):
    values = ds[name].values
    other = {"float": np.complex128, "int": np.float64, "text": np.int64, "time": np.int64}
    shape = values.shape
    ordered = np.arange(values.size).reshape(shape)
    return with_values(ds, **{name: ordered.astype(other[rule.kind])})


def other_unit(ds, name, _):
    ds[name].attrs["units"] = "furlong"
    return ds


def no_unit(ds, name, _):
    del ds[name].attrs["units"]
    return ds


def setting(value):
    def change(ds, name, rule):
        number = value(rule) if callable(value) else value
        return with_values(ds, **{name: first_set(ds[name].values, number)})

    return change


def below(rule):
    return rule.low - 1 if rule.kind == "int" else np.nextafter(rule.low, -np.inf)


def above(rule):
    return np.nextafter(rule.high, np.inf)


def corruptions(rule):
    """Return (what, change, what the message says was expected) for one variable of a schema."""
    words = {"float": "float numbers", "int": "int numbers", "text": "text", "time": "time"}
    if not rule.optional:
        yield "missing", drop, "to be there"
    yield "dims", other_dims, f"dims ({rule.dims})"
    yield "dtype", other_dtype, words[rule.kind]
    if rule.unit:
        yield "other unit", other_unit, f"unit '{rule.unit}'"
        yield "no unit", no_unit, f"unit '{rule.unit}'"
    if rule.kind == "float":
        yield "infinite", setting(np.inf), "finite numbers"
        if not rule.missing:
            yield "nan", setting(np.nan), "finite numbers"
    if rule.kind == "text":
        yield "not a text", setting(np.nan), "text"
    if rule.kind == "time":
        yield "not a time", setting(np.datetime64("NaT")), "times"
    if np.isfinite(rule.low):
        yield "too low", setting(below), f"values in [{rule.low}, {rule.high}]"
    if np.isfinite(rule.high):
        yield "too high", setting(above), f"values in [{rule.low}, {rule.high}]"


CASES = [
    pytest.param(name, variable, change, expected, id=f"{name}-{variable}-{what}")
    for name in NAMES
    for variable, rule in sorted(schema_of(name).variables.items())
    for what, change, expected in corruptions(rule)
]
ATTRIBUTES = [(name, key) for name in NAMES for key in ("synthetic", *schema_of(name).attributes)]


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_keeps_its_contract(name):
    assert violations_of(sample(name), name) == []


@pytest.mark.parametrize(("name", "variable", "change", "expected"), CASES)
def test_one_fault_is_told_once_with_name_found_and_expected(name, variable, change, expected):
    rule = schema_of(name).variables[variable]
    ds = change(sample(name), variable, rule)
    with pytest.raises(ContractError, match=r"1 violation\(s\) in here\.nc") as caught:
        check_dataset(ds, name, "here.nc")
    (message,) = caught.value.violations
    assert message.startswith(f"variable '{variable}': expected {expected}")
    assert "; found " in message
    assert message in str(caught.value)
    assert f"'{name}'" in str(caught.value)


@pytest.mark.parametrize(("name", "key"), ATTRIBUTES)
def test_a_missing_attribute_is_told(name, key):
    ds = sample(name)
    del ds.attrs[key]
    assert violations_of(ds, name) == [f"attribute '{key}': expected a value; found none."]


@pytest.mark.parametrize("name", NAMES)
def test_synthetic_is_yes_or_no(name):
    ds = sample(name).assign_attrs(synthetic="perhaps")
    told = "attribute 'synthetic': expected yes or no; found 'perhaps'."
    assert violations_of(ds, name) == [told]


@pytest.mark.parametrize("name", NAMES)
def test_optional_variables_may_be_absent(name):
    optional = [key for key, rule in schema_of(name).variables.items() if rule.optional]
    assert violations_of(sample(name).drop_vars(optional), name) == []


@pytest.mark.parametrize("name", NAMES)
def test_nan_stands_for_missing_where_the_schema_says_so(name):
    ds = sample(name)
    holes = [key for key, rule in schema_of(name).variables.items() if rule.missing]
    ds = with_values(ds, **{key: np.full(ds[key].shape, np.nan) for key in holes})
    if name == "station":
        ds = with_values(ds, quality_flag=np.ones(3, np.int32))
    assert violations_of(ds, name) == []


def test_all_violations_are_told_at_once():
    ds = sample("background").drop_vars("obs_id")
    ds["background"].attrs["units"] = "ppm"
    ds["background_pattern"].values[0, 0] = np.nan
    del ds.attrs["synthetic"]
    with pytest.raises(ContractError, match=r"4 violation\(s\) in memory") as caught:
        check_dataset(ds, "background")
    for words in ("'obs_id'", "'background'", "'background_pattern'", "'synthetic'", "at (0, 0)"):
        assert words in str(caught.value)


def test_the_other_spaces_are_accepted():
    ds = sample("truth")
    table = ds.drop_vars("flux").assign(
        flux=(("sector", "period", "region"), np.ones((3, 3, 3)), {"units": "umol m-2 s-1"})
    )
    assert violations_of(table, "truth") == []
    geographic = ds.rename(northing="latitude", easting="longitude")
    assert violations_of(geographic, "truth") == []
    mixed = ds.rename(northing="latitude")
    assert len(violations_of(mixed, "truth")) == 1


def test_an_unknown_contract_is_refused():
    with pytest.raises(ValueError, match=r"contract must be one of .*; got 'weather'"):
        check_dataset(xr.Dataset(), "weather")

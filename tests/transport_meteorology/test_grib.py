"""ERA5 in GRIB: the same weather as in netCDF, and a refusal that says what to install."""

import sys

import numpy as np
import pytest
import xarray as xr

from transport.meteorology.era5_grib import is_grib, open_grib

SHORT = {"t2m": "2t", "u10": "10u", "v10": "10v"}


def write_grib(path, netcdf):
    """Write a netCDF file's fields as GRIB 1 messages; fluxes as forecasts of an hour."""
    eccodes = pytest.importorskip("eccodes")
    with path.open("wb") as out:
        for file in netcdf:
            with xr.open_dataset(file) as opened:
                dataset = opened.load()
            for name, array in dataset.data_vars.items():
                for at in np.ndindex(*array.shape[:-2]):
                    where = dict(zip(array.dims, at, strict=False))
                    write_message(out, eccodes, (name, array.isel(where)))
    return path


def write_message(out, eccodes, named):
    name, field = named
    time = field["valid_time"].values.astype("datetime64[h]")
    accumulated = name == "sshf"
    start = time - np.timedelta64(1, "h") if accumulated else time
    level = "pressure_level" in field.coords
    message = eccodes.codes_grib_new_from_samples(
        "regular_ll_pl_grib1" if level else "regular_ll_sfc_grib1"
    )
    latitude, longitude = field["latitude"].values, field["longitude"].values
    keys = {
        "Ni": len(longitude),
        "Nj": len(latitude),
        "latitudeOfFirstGridPointInDegrees": latitude[0],
        "latitudeOfLastGridPointInDegrees": latitude[-1],
        "longitudeOfFirstGridPointInDegrees": longitude[0],
        "longitudeOfLastGridPointInDegrees": longitude[-1],
        "iDirectionIncrementInDegrees": 0.1,
        "jDirectionIncrementInDegrees": 0.1,
        "shortName": SHORT.get(name, name),
        "dataDate": int(str(start)[:10].replace("-", "")),
        "dataTime": 100 * int(str(start)[11:13]),
        "bitsPerValue": 24,
    }
    if level:
        keys["level"] = int(field["pressure_level"])
    if accumulated:
        keys |= {"stepType": "accum", "stepRange": "0-1"}
    for key, value in keys.items():
        eccodes.codes_set(message, key, value)
    eccodes.codes_set_values(message, field.values.ravel().astype(float))
    eccodes.codes_write(message, out)
    eccodes.codes_release(message)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_grib_is_the_same_as_netcdf(era5, prepare, tmp_path):
    pytest.importorskip("cfgrib")
    hour = np.arange(5.0)[:, None, None]
    files = era5(sl_ishf=None, sl_sshf=-3600.0 * 100.0 * hour, sl_v10=hour)
    plain = prepare("era5", files)
    path = write_grib(tmp_path / "era5.grib", files)
    assert is_grib(path)
    assert not is_grib(files[0])
    met = prepare("era5", [path])
    for name in plain.data_vars:
        np.testing.assert_allclose(met[name], plain[name], rtol=1e-4, atol=1e-5)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a_pl.nc", "a_sl.nc", "era5.grib"]


def test_without_the_packages_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cfgrib", None)
    with pytest.raises(ImportError, match=r"got neither for a\.grib\. Install the extra: pip"):
        open_grib(tmp_path / "a.grib")

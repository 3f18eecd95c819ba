"""Nothing comes in; the netCDF examples of obspack, agage and co2usa, all of invented air, go out.

Run ``python tests/stations/make_netcdf_examples.py`` from the root of the repository.
"""

import sys
from pathlib import Path

import netCDF4
import numpy as np

EXAMPLES = Path(__file__).parents[2] / "stations" / "readers" / "examples"
START = 1740787200  # 2025-03-01T00:00 UTC, s since 1970
HOURS = START + 3600 * np.arange(6)
CO2 = np.array([431.41, 431.62, np.nan, 432.05, 432.90, 432.18])  # umol mol-1
SPREAD = np.array([0.16, 0.17, np.nan, 0.11, 0.14, 0.13])
NUMBER = np.array([12, 12, 0, 11, 12, 12])
SINCE = "seconds since 1970-01-01T00:00:00Z"


def variable(parent, name, values, dimensions, fill=None, **attributes):
    """Define and fill one variable; NaN becomes the fill value."""
    values = np.asarray(values)
    made = parent.createVariable(name, values.dtype, dimensions, fill_value=fill)
    made.set_auto_maskandscale(False)
    made.setncatts(attributes)
    if fill is not None and values.dtype.kind == "f":
        values = np.where(np.isnan(values), np.asarray(fill, values.dtype), values)
    made[:] = values
    return made


def obspack(path, **changes):
    """Write an ObsPack file of two heights; a change replaces a variable's values.

    The missing one is a sentinel that was scaled with its unit, as in real releases.
    """
    heights = np.repeat([50.0, 100.0], [6, 3])
    value = np.append(CO2, [430.95, 431.03, 431.17])
    value = np.where(np.isnan(value), -999.99, value) * 1e-6
    time = np.append(HOURS, HOURS[:3])
    flags = ["..."] * 5 + ["..P"] + ["..."] * 3
    given = {
        "value": value.astype("f4"),
        "value_std_dev": (np.append(np.nan_to_num(SPREAD, nan=-9.99), [0.1] * 3) * 1e-6).astype(
            "f4"
        ),
        "nvalue": np.append(NUMBER, [12] * 3).astype("i4"),
        "time": time.astype("i4"),
        "qcflag": np.array(flags, "S10"),
        "intake_height": heights.astype("f4"),
        "obs_flag": np.array([1, 1, 1, 1, 0, 1, 1, 1, 1], "i1"),
        "icos_datalevel": np.array([2, 2, 2, 2, 1, 0, 2, 2, 2], "i1"),
        **changes,
    }
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts(
            {
                "site_code": "EXM",
                "site_name": "Example of invented air",
                "site_latitude": "30.25",
                "site_longitude": "120.17",
                "dataset_name": "co2_exm_tower-insitu_1_allvalid",
                "dataset_parameter": "co2",
                "dataset_calibration_scale": "WMO CO2 X2019",
                "dataset_data_frequency": "1.0",
                "dataset_data_frequency_unit": "hour",
                "obspack_name": "obspack_co2_1_EXAMPLE_2025-04-01",
            }
        )
        size = len(given["time"])
        for name, length in (("obs", size), ("calendar_components", 6), ("string_of_10chars", 10)):
            file.createDimension(name, length)
        reported = "Time-averaged values are reported at the beginning of the averaging interval."
        variable(file, "time", given["time"], "obs", units=SINCE, comment=reported)
        if "start_time" in given:
            variable(file, "start_time", given["start_time"], "obs", units=SINCE)
        stamps = given["time"].astype("datetime64[s]").astype(object)
        parts = np.array([t.timetuple()[:6] for t in stamps], "i2")
        variable(file, "time_components", parts, ("obs", "calendar_components"), -9)
        unit = {"units": "mol mol-1"}
        variable(file, "value", given["value"], "obs", np.float32(-999.999), **unit)
        variable(file, "value_std_dev", given["value_std_dev"], "obs", np.float32(np.nan), **unit)
        variable(file, "nvalue", given["nvalue"], "obs", -9)
        variable(file, "latitude", np.full(size, 30.25, "f4"), "obs", np.float32(np.nan))
        variable(file, "intake_height", given["intake_height"], "obs", np.float32(np.nan))
        letters = given["qcflag"].view("S1").reshape(-1, 10)
        variable(file, "qcflag", letters, ("obs", "string_of_10chars"))
        variable(
            file, "obs_flag", given["obs_flag"], "obs", 1
        )  # masks what is valid, as in releases
        variable(file, "icos_datalevel", given["icos_datalevel"], "obs", 0)


def agage(path, **attributes):
    """Write a file of the AGAGE archive; attributes replace those of the file."""
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts(
            {
                "site_code": "EXM",
                "species": "co2",
                "calibration_scale": "WMO-CO2-X2019",
                "inlet_latitude": "30.25",
                "inlet_longitude": "120.17",
                "network": "agage",
                **attributes,
            }
        )
        file.createDimension("time", 6)
        unit = {"units": "1e-6"}
        variable(file, "mf", CO2.astype("f4"), "time", np.float32(-9999), **unit)
        quiet = np.full(6, 0.08, "f4")
        variable(file, "mf_repeatability", quiet, "time", np.float32(-9999), **unit)
        variable(file, "mf_variability", SPREAD.astype("f4"), "time", np.float32(-9999), **unit)
        variable(file, "mf_count", NUMBER.astype("i4"), "time", -99)
        variable(file, "inlet_height", np.full(6, 50, "i2"), "time", -99, units="m")
        variable(file, "sampling_period", np.full(6, 2400, "i4"), "time", -9999, units="s")
        comment = "Timestamp is the start of the sampling period in UTC"
        clock = {"units": "seconds since 1970-01-01", "calendar": "proleptic_gregorian"}
        variable(file, "time", HOURS.astype("f8"), "time", np.nan, comment=comment, **clock)


def site(parent, code, values, height, gas="co2"):
    """Write one site of the CO2-USA synthesis into a group, or into the file itself."""
    far = -1e34
    parent.setncatts(
        {
            "site_code": code,
            "site_latitude": "30.2500" if height > 0 else "-1e+34",
            "site_longitude": "120.1700" if height > 0 else "-1e+34",
            "dataset_parameter": gas,
            "dataset_calibration_scale": "WMO CO2 X2019",
        }
    )
    parent.createDimension("time", values.size)
    hours = START + 3600.0 * np.arange(values.size)
    variable(parent, "time", hours, "time", far, units=SINCE)
    unit = "micromol mol-1" if gas == "co2" else "nanomol mol-1"
    variable(parent, gas, values, "time", far, units=unit)
    gap = np.isnan(values)
    variable(parent, "std_dev", np.where(gap, np.nan, 0.2), "time", far, units=unit)
    variable(parent, "n", np.where(gap, np.nan, 60.0), "time", far, units="count")
    variable(parent, "inlet_height", np.full(values.size, height), "time", far, units="meters")


def co2usa(path):
    """Write a file of a city: one site and the background."""
    with netCDF4.Dataset(path, "w") as file:
        file.title = "Hourly averaged carbon dioxide of invented air."
        site(file.createGroup("EXM_co2_50m"), "EXM", CO2, 50.0)
        site(file.createGroup("background_co2"), "background", CO2[:4] - 8.0, -1e34)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES
    obspack(folder / "obspack.nc")
    agage(folder / "agage.nc")
    co2usa(folder / "co2usa.nc")

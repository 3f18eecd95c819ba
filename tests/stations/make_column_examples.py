"""Nothing comes in; the netCDF examples of columns of air, all numbers invented, go out.

Run from the repository root: ``python tests/stations/make_column_examples.py``.
"""

from pathlib import Path

import netCDF4
import numpy as np

EXAMPLES = Path(__file__).parents[2] / "stations" / "readers" / "examples"
START = 1740787200  # 2025-03-01T00:00 UTC
SECONDS = np.array([750.0, 903.5, 1056.0, 1210.25, 4020.0, 4175.0])
VALUE = np.array([431.41, 431.22, 430.97, np.nan, 430.66, 430.58])  # umol mol-1
ALTITUDE = np.array([0.0, 1.5, 5.0, 12.0, 30.0])  # km
PRESSURE = np.array([1020.0, 850.0, 540.0, 193.0, 12.0])  # hPa
KERNEL = np.array([0.98, 1.03, 1.08, 0.95, 0.55])
PRIOR = np.array([434.0, 428.0, 424.5, 420.5, 412.0])  # umol mol-1, dry
WATER = np.array([9e-3, 4e-3, 8e-4, 2e-5, 5e-6])  # mol mol-1, moist
GROUND_HPA = 1012.0


def variable(file, name, kind, dims, values, **attrs):
    fill = attrs.pop("fill", None)
    made = file.createVariable(name, kind, dims, fill_value=fill)
    made.setncatts(attrs)
    made[:] = values


def tccon(path):
    n, levels = len(VALUE), len(ALTITUDE)
    profile = ("time", "prior_altitude")
    with netCDF4.Dataset(path, "w") as file:
        file.title = "Invented columns in the shape of a TCCON file"
        file.long_name = "invented01"
        file.data_revision = "R1"
        file.file_format_version = "2020.C"
        for name, size in (("time", n), ("prior_altitude", levels), ("ak_altitude", levels)):
            file.createDimension(name, size)
        second = "seconds since 1970-01-01 00:00:00"
        variable(file, "time", "f8", ("time",), START + SECONDS, units=second)
        for name in ("prior_altitude", "ak_altitude"):
            variable(file, name, "f4", (name,), ALTITUDE, units="km")
        variable(file, "ak_pressure", "f4", ("ak_altitude",), PRESSURE, units="hPa")
        ak = np.tile(KERNEL, (n, 1))
        variable(file, "ak_xco2", "f4", ("time", "ak_altitude"), ak, units="1")
        flags = np.array([0, 0, 1, 0, 2, -2], dtype="i1")
        variable(file, "extrapolation_flags_ak_xco2", "i1", ("time",), flags)
        pressure = np.tile(PRESSURE / 1013.25, (n, 1))
        variable(file, "prior_pressure", "f4", profile, pressure, units="atm")
        variable(file, "prior_gravity", "f4", profile, 9.81, units="m.s-2")
        variable(file, "prior_h2o", "f4", profile, np.tile(WATER, (n, 1)), units="1")
        wet = np.tile(PRIOR * (1 - WATER), (n, 1))
        variable(file, "prior_co2", "f4", profile, wet, units="ppm")
        dry_share = np.array([0.078, 0.237, 0.325, 0.263, 0.097])
        operator = np.tile(dry_share / (1 - WATER), (n, 1))
        for tail in ("", "_x2019"):
            variable(file, f"integration_operator{tail}", "f4", profile, operator, units="1")
        whole = float(dry_share @ PRIOR)
        for tail in ("", "_x2019"):
            variable(file, f"prior_xco2{tail}", "f4", ("time",), whole, units="ppm")
        variable(file, "pout", "f4", ("time",), GROUND_HPA, units="hPa")
        variable(file, "lat", "f4", ("time",), 30.25, units="degrees_north")
        variable(file, "long", "f4", ("time",), 120.17, units="degrees_east")
        variable(file, "solzen", "f4", ("time",), np.linspace(72.0, 58.0, n), units="degrees")
        scales = {"": ("X2007", -0.05), "_x2019": ("X2019", 0.0)}
        for tail, (scale, step) in scales.items():
            attrs = {"units": "ppm", "wmo_or_analogous_scale": f"WMO CO2 {scale}", "fill": np.nan}
            variable(file, f"xco2{tail}", "f4", ("time",), VALUE + step, **attrs)
            variable(file, f"xco2_error{tail}", "f4", ("time",), 0.8, units="ppm")


def coccon(path):
    n, levels = len(VALUE), len(ALTITUDE)
    fill = -900000.0
    angles = np.array([0.0, 0.9, 1.45])  # radian, as the real writer's are
    with netCDF4.Dataset(path, "w") as file:
        file.source = "Invented columns in the shape of a file of PROFFASTpylot"
        sizes = (("time", n), ("time_prior", 1), ("height_prior", levels), ("sza_avk", len(angles)))
        for name, size in sizes:
            file.createDimension(name, size)
        days = START / 86400 - 7305
        since = "days since 1990-01-01 00:00:00"

        def put(name, dims, values, unit):
            variable(file, name, "f8", dims, values, units=unit, fill=fill)

        put("time", ("time",), days + SECONDS / 86400, since)
        put("local_noon", ("time",), days + 4 / 24, since)
        put("time_prior", ("time_prior",), days + 4 / 24, since)
        put("height_prior", ("height_prior",), ALTITUDE + [0.008, 0, 0, 0, 40.0], "m")
        put("sza_avk", ("sza_avk",), angles, "degree")
        put("pres", ("time",), GROUND_HPA, "Pa")
        put("lat", ("time",), 30.25, "degrees_north")
        put("lon", ("time",), 120.17, "degrees_east")
        put("height", ("time",), 8.0, "m")
        put("sza", ("time",), np.linspace(72.0, 58.0, n), "degree")
        put("XAIR", ("time",), [0.9991, 0.9987, 0.9993, 0.9990, 0.9571, 0.9989], "1")
        put("XCO2", ("time",), np.nan_to_num(VALUE * 1e-6, nan=fill), "1")
        kernel = KERNEL[:, None] * np.array([0.95, 1.0, 1.1])
        put("XCO2_avk", ("time_prior", "height_prior", "sza_avk"), kernel[None], "1")
        put("CO2_prior", ("time_prior", "height_prior"), PRIOR[None] * 1e-6, "1")


if __name__ == "__main__":
    tccon(EXAMPLES / "tccon.nc")
    coccon(EXAMPLES / "coccon.nc")

"""Tiny footprint files of every format, with known answers, and settings to read them with."""

import json
import struct
from types import SimpleNamespace

import netCDF4
import numpy as np
import xarray as xr

from contracts.settings.footprint_files import FootprintFileSettings
from transport.readers.files import read_footprints

HOUR = np.timedelta64(3600, "s")
START = np.datetime64("2025-06-01T00:00", "ns")
ROWS, COLUMNS = 4, 5
LATITUDE = 51.05 + 0.1 * np.arange(ROWS)
LONGITUDE = -0.15 + 0.1 * np.arange(COLUMNS)
PLACE = (0.05, 51.15, 100.0)  # longitude, latitude, height
RELEASED = START + 12 * HOUR
NAMED = "202506011200_0.05_51.15_100_foot.nc"


def settings(hours_back=24, **given):
    """Return what a reader asks of the section `transport`."""
    return SimpleNamespace(
        reader="files", hours_back=hours_back, footprint_files=FootprintFileSettings(**given)
    )


def tower(hours, place=PLACE, start=START):
    """Return rows of one receptor at hours after a start."""
    time = start + np.asarray(hours) * HOUR
    longitude, latitude, height = place
    return xr.Dataset(
        {
            "obs_id": ("obs", [f"AAA_{t}" for t in time.astype("datetime64[h]").astype(str)]),
            "time": ("obs", time),
            "receptor_index": ("obs", np.zeros(len(time), np.int32)),
            "latitude": ("receptor", [latitude]),
            "longitude": ("receptor", [longitude]),
            "inlet_height": ("receptor", [height]),
        },
        coords={"receptor": ["AAA"]},
    )


def read(files, hours, section, place=PLACE, start=START):
    """Return the dataset of the files on their own grid."""
    from transport.readers.files import footprint_grid

    on = footprint_grid(files, section)
    return read_footprints(tower(hours, place, start), None, on, section, files)


def by_lag(dataset, index=0):
    """Return the dense footprint (lag, row, col) of one observation."""
    size = dataset["row_size"].to_numpy()
    part = slice(size[:index].sum(), size[: index + 1].sum())
    dense = np.zeros((dataset.sizes["lag"], dataset.sizes["latitude"], dataset.sizes["longitude"]))
    names = ("lag_index", "row_index", "column_index")
    np.add.at(
        dense,
        tuple(dataset[n].to_numpy()[part] for n in names),
        dataset["sensitivity"].to_numpy()[part],
    )
    return dense


def numbers(*shape):
    """Return small different values, exact in float32."""
    return (np.arange(1.0, np.prod(shape) + 1.0) / 1024.0).reshape(shape).astype(np.float32)


def axes(latitude="lat", longitude="lon"):
    return {latitude: LATITUDE, longitude: LONGITUDE}


def stilt(folder, name=NAMED, back=(3, 2, 1), unit="ppm (umol-1 m2 s)", **attrs):
    """Write a footprint of STILT, of PYSTILT with the attribute `receptor`."""
    foot = numbers(len(back), ROWS, COLUMNS)
    time = RELEASED - np.asarray(back) * HOUR
    dataset = xr.Dataset(
        {"foot": (("time", "lat", "lon"), foot, {"units": unit})},
        coords={"time": time, **axes()},
        attrs=attrs,
    )
    dataset.to_netcdf(folder / name)
    return folder / name


def receptor_text(**changes):
    row = {
        "type": "PointReceptor",
        "time": "2025-06-01T12:00:00",
        "longitude": PLACE[0],
        "latitude": PLACE[1],
        "altitude": PLACE[2],
        "altitude_ref": "agl",
    }
    return json.dumps({**row, **changes})


def icos(folder, name="foot2025x06x01x12x51.15Nx000.05Ex00100_aggreg.nc", backtime="240 hours"):
    unit = "ppm per (micromol m-2 s-1)"
    xr.Dataset(
        {"foot": (("time", "lat", "lon"), numbers(1, ROWS, COLUMNS), {"units": unit})},
        coords={"time": [RELEASED], **axes()},
        attrs={"backtime": backtime},
    ).to_netcdf(folder / name)
    return folder / name


def glasgow(folder, name="obs_202506011200_0.05_51.15_100.nc", **changes):
    values = {
        "yr": 2025, "mon": 6, "day": 1, "hr": 12,
        "obs_lon": PLACE[0], "obs_lat": PLACE[1], "obs_agl": PLACE[2], "jul": 1.4e14, **changes,
    }  # fmt: skip
    label = (RELEASED - np.arange(3, 0, -1) * HOUR).astype("datetime64[s]").astype(float)
    unit = {"units": "ppm/(umol*m-2*s-1)"}
    dataset = xr.Dataset(
        {n: ("info", np.array([v], np.float32)) for n, v in values.items()}
        | {"foot": (("time", "lat", "lon"), numbers(3, ROWS, COLUMNS), unit)},
        coords={"time": label, **axes()},
    )
    dataset["time"].attrs["units"] = "seconds since 1970-01-01 00:00:00Z"
    dataset.to_netcdf(folder / name)
    return folder / name


def paris(folder, name="TAC-100magl_2025.nc", change=lambda ds: ds, **attrs):
    time = START + np.arange(3) * HOUR
    unit = {"units": "(mol/mol)/(mol/m2/s)"}
    dataset = xr.Dataset(
        {"srr": (("time", "latitude", "longitude"), numbers(3, ROWS, COLUMNS), unit)}
        | {
            f"release_{n}": ("time", np.full(3, v))
            for n, v in zip(("lon", "lat", "height"), PLACE, strict=True)
        },
        coords={"time": ("time", time, {"label": "left"}), **axes("latitude", "longitude")},
        attrs={"model": "NAME", **attrs},
    )
    change(dataset).to_netcdf(folder / name)
    return folder / name


def name(folder, file="TAC-100magl_2025.nc", change=lambda ds: ds):
    """Write a NAME file of two hours with three hours back and a remainder."""
    resolved = numbers(ROWS, COLUMNS, 2, 4)
    unit = {"units": "(mol/mol)/(mol/m2/s)"}
    dataset = xr.Dataset(
        {
            "fp": (("lat", "lon", "time"), resolved.sum(axis=3), unit),
            "fp_HiTRes": (("lat", "lon", "time", "H_back"), resolved, unit),
            "release_lon": ("time", np.full(2, PLACE[0])),
            "release_lat": ("time", np.full(2, PLACE[1])),
        },
        coords={
            "time": ("time", START + np.arange(12, 14) * HOUR, {"label": "left"}),
            "H_back": np.arange(4.0),
            **axes(),
        },
    )
    change(dataset).to_netcdf(folder / file)
    return folder / file


def flexpart(folder, file="grid_time_20250601130000.nc", change=lambda ds: ds, **attrs):
    """Write a backward run: two releases, of the hours 12 and 11, 3 hours of output."""
    srr = np.zeros((1, 2, 3, 2, ROWS, COLUMNS), np.float32)
    srr[0, 0, :, 0] = numbers(3, ROWS, COLUMNS) * 1024
    srr[0, 1, 1:, 0] = numbers(2, ROWS, COLUMNS) * 512
    srr[0, :, :, 1] = 77.0  # above the lowest layer: not of the surface
    points = {
        "RELSTART": [-3600, -7200], "RELEND": [0, -3600], "RELKINDZ": [1, 1],
        "RELLNG1": [PLACE[0]] * 2, "RELLNG2": [PLACE[0]] * 2,
        "RELLAT1": [PLACE[1]] * 2, "RELLAT2": [PLACE[1]] * 2,
        "RELZZ1": [90.0] * 2, "RELZZ2": [110.0] * 2,
    }  # fmt: skip
    dims = ("nageclass", "pointspec", "time", "height", "latitude", "longitude")
    dataset = xr.Dataset(
        {"spec001_mr": (dims, srr, {"units": "s m3 kg-1"})}
        | {n: ("numpoint", np.array(v)) for n, v in points.items()},
        coords={
            "time": START + np.array([12, 11, 10]) * HOUR,
            "height": [100.0, 500.0],
            **axes("latitude", "longitude"),
        },
        attrs={
            "ldirect": -1, "ind_source": 1, "ind_receptor": 2, "loutstep": -3600,
            "iedate": "20250601", "ietime": "130000", **attrs,
        },
    )  # fmt: skip
    for seconds in ("RELSTART", "RELEND"):
        dataset[seconds].attrs["units"] = "s"
    change(dataset).to_netcdf(folder / file)
    return folder / file


def lumia(folder, file="twr.100m.2025-06.h5", intervals=None, column=1):
    """Write a file of LUMIA: one release at 11:00, intervals of three hours."""
    if intervals is None:
        intervals = {"20250601120000_20250601090000": 8.0, "20250601090000_20250601060000": 3.0,
                     "20250601060000_20250601090000": 0.75}  # fmt: skip
    with netCDF4.Dataset(folder / file, "w") as dataset:
        for axis, values in (("latitudes", LATITUDE), ("longitudes", LONGITUDE)):
            dataset.createDimension(axis, len(values))
            dataset.createVariable(axis, "f8", (axis,))[:] = values
        release = dataset.createGroup("20250601110000")
        for key, value in intervals.items():
            part = release.createGroup(key)
            part.createDimension("n", 2)
            for variable, kind, given in (
                ("ilats", "i4", [0, 2]),
                ("ilons", "i4", [0, column]),
                ("resp", "f4", [value, value / 4]),
            ):
                part.createVariable(variable, kind, ("n",))[:] = given
    return folder / file


def record(form, *values):
    content = struct.pack(">" + form, *values)
    mark = struct.pack(">i", len(content))
    return mark + content + mark


def cdump(folder, fields=None, *, packed=1, heights=(0, 100), starts=1, backward=True):
    """Write a HYSPLIT file: a start at 12:00, fields (hour, row, column, value) at the lowest level."""
    fields = [(11, 1, 2, 1e-9), (10, 0, 0, 2e-9)] if fields is None else fields
    parts = [record("4s7i", b"TEST", 25, 6, 1, 0, 0, starts, packed)]
    parts += [record("4i3fi", 25, 6, 1, 12, PLACE[1], PLACE[0], PLACE[2], 0)] * starts
    parts.append(record("2i4f", ROWS, COLUMNS, 0.1, 0.1, LATITUDE[0], LONGITUDE[0]))
    parts.append(record(f"{1 + len(heights)}i", len(heights), *heights))
    parts.append(record("i4s", 1, b"TRAC"))
    for hour, row, column, value in fields:
        early, late = (record("6i", 25, 6, 1, h, 0, 0) for h in (hour, hour + 1))
        parts += [late, early] if backward else [early, late]
        for top in heights:
            field = np.zeros((ROWS, COLUMNS), ">f4")
            field[row, column] = value if top == min(h for h in heights if h) else 5.0
            if packed:
                rows, columns = np.nonzero(field)
                entries = [(j + 1, i + 1, field[i, j]) for i, j in zip(rows, columns, strict=True)]
                flat = [number for entry in entries for number in entry]
                parts.append(
                    record(f"4s2i{'hhf' * len(entries)}", b"TRAC", top, len(entries), *flat)
                )
            else:
                parts.append(record(f"4si{field.size}f", b"TRAC", top, *field.ravel()))
    (folder / "cdump").write_bytes(b"".join(parts))
    return folder / "cdump"

"""The folder of the New Zealand case comes in; the arrays of its MATLAB files go out, their shapes checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

DAYS, PARTS, REGIONS = 1096, 144, 25
SITES = ("BHD", "LAU", "RBM")
RECORDS = "Observations/HourlyData_3sites_common_1113.mat"
BASELINE = "Observations/daily_NSbaseline_1113.mat"
FOSSIL = "Observations/FossilResponse_1113.mat"
RESPONSE = "GreensFun/GreensFun_1113.mat"
PRIOR = "Priors/RegionPrior_scalingFac_monthly_newUnc_1113.mat"
GRID = "NAMEgrid.mat"
FILES = (GRID, RECORDS, BASELINE, FOSSIL, RESPONSE, PRIOR)
_DAILY = (DAYS, len(SITES))


@dataclass(frozen=True)
class Files:
    """What the authors' files hold, in their own units.

    Attributes
    ----------
    columns : tuple of str, (c,)
        Names of the columns of ``records``.
    records : ndarray, (hours, c)
        Hourly values of the three sites [ppm]; NaN where there is none.
    baseline, baseline_sd : ndarray, (days, sites)
        Mole fraction of the air that arrives, and its standard deviation [ppm].
    fossil : ndarray, (days, sites)
        Mole fraction that fossil emissions add [ppm].
    temperature : ndarray, (days, sites)
        [degree Celsius]
    pressure : ndarray, (days, sites)
        [Pa]
    response : ndarray, (regions, days, sites)
        Response to a source of 1 Tg CO2 a year on the day and the four before it [g m-3].
    prior, prior_sd : ndarray, (regions, parts)
        Fluxes and their standard deviations [Tg yr-1].
    names : tuple of str, (regions,)
    area : ndarray, (regions,)
        [m2]
    longitude, latitude : ndarray, (columns, rows)
        Cell centres [degrees]; longitude from 0 to 360.
    region_index : ndarray of int, (columns, rows)
        Number of each cell's region, from 1.
    """

    columns: tuple[str, ...]
    records: np.ndarray
    baseline: np.ndarray
    baseline_sd: np.ndarray
    fossil: np.ndarray
    temperature: np.ndarray
    pressure: np.ndarray
    response: np.ndarray
    prior: np.ndarray
    prior_sd: np.ndarray
    names: tuple[str, ...]
    area: np.ndarray
    longitude: np.ndarray
    latitude: np.ndarray
    region_index: np.ndarray


def read_files(folder: str | Path) -> Files:
    """Return the arrays of the six files.

    Raises
    ------
    FileNotFoundError
        Where a file is not in the folder.
    ValueError
        Where a variable or field is not there, has another shape or is not finite.

    Notes
    -----
    Only the afternoon structs ``*13h`` are read, never ``*15h``, as the authors' configuration has
    it.
    """
    records, columns = _records(Path(folder) / RECORDS)
    baseline = _fields(
        folder, BASELINE, "bsl13h", dict.fromkeys(("XbslWeight", "XbslWeightSD"), _DAILY)
    )
    fossil = _fields(
        folder, FOSSIL, "fresp13h", dict.fromkeys(("xfracL", "tempL", "presL"), _DAILY)
    )
    response = _fields(folder, RESPONSE, "resp13h", {"priorPatt_wi": (REGIONS, *_DAILY)})
    fluxes = ("scaleFac_Tak_wi", "scaleFacUnc_Tak_wi")
    prior = _fields(folder, PRIOR, "regprior", dict.fromkeys(fluxes, (REGIONS, PARTS)))
    cells = dict.fromkeys(("lon", "lat", "regidx"), (391, 275))
    grid = _fields(
        folder, GRID, "NAMEgrid", {**cells, "regarea": (REGIONS,), "regname": (REGIONS,)}
    )
    return Files(
        columns=columns,
        records=records,
        baseline=baseline["XbslWeight"],
        baseline_sd=baseline["XbslWeightSD"],
        fossil=fossil["xfracL"],
        temperature=fossil["tempL"],
        pressure=fossil["presL"],
        response=response["priorPatt_wi"],
        prior=prior["scaleFac_Tak_wi"],
        prior_sd=prior["scaleFacUnc_Tak_wi"],
        names=tuple(str(name) for name in grid["regname"]),
        area=grid["regarea"],
        longitude=grid["lon"],
        latitude=grid["lat"],
        region_index=grid["regidx"].astype(np.int64),
    )


def _load(path: Path):
    """Return the variables of a MATLAB file, version 5."""
    from scipy.io import loadmat

    if not path.is_file():
        msg = (
            f"the New Zealand case must have the file {path.name}; got nothing at {path}. Point "
            "problem.folder at the folder that holds NAMEgrid.mat."
        )
        raise FileNotFoundError(msg)
    return loadmat(path, squeeze_me=True, struct_as_record=False)


def _records(path: Path):
    """Return the hourly table and the names of its columns."""
    content = _load(path)
    names = tuple(str(name).strip() for name in np.ravel(content.get("Header3sites", ())))
    table = np.asarray(content.get("Data3sites", ()), dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(names):
        msg = (
            "Data3sites must have one column for each name in Header3sites; got shape "
            f"{table.shape} and {len(names)} names in {path}. Take the authors' file unchanged."
        )
        raise ValueError(msg)
    return table, names


def _fields(folder: str | Path, file: str, struct: str, shapes: dict[str, tuple[int, ...]]):
    """Return fields of a struct; refuse what is absent, of another shape or not finite."""
    path = Path(folder) / file
    found = _load(path).get(struct)
    arrays, wrong = {}, []
    for name, shape in shapes.items():
        if not hasattr(found, name):
            wrong.append(f"no {struct}.{name}")
            continue
        array = np.asarray(getattr(found, name))
        if array.shape != shape:
            wrong.append(f"{struct}.{name} of shape {array.shape} instead of {shape}")
        elif array.dtype.kind in "fiu":
            arrays[name] = array.astype(np.float64)
            bad = int((~np.isfinite(arrays[name])).sum())
            wrong += [f"{struct}.{name} with {bad} values not finite"] if bad else []
        else:
            arrays[name] = array
    if wrong:
        msg = (
            f"a file of the New Zealand case must hold {', '.join(shapes)} in {struct}, complete; "
            f"got {'; '.join(wrong)} in {path}. Take the authors' file unchanged."
        )
        raise ValueError(msg)
    return arrays

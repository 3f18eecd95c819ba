"""A netCDF file of an ObsPack, or a NOAA flask file of the same kind, comes in; its records go out as rows.

The file's own fill values are not trusted where they mask valid data (`icos_datalevel`,
`obs_flag`), and sentinels that a change of unit scaled are seen. `datetime` is never used: its
texts are truncated.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from stations.flags import FLAGS as BITS
from stations.reading.look import Head
from stations.reading.netcdf import NetcdfFile, Records, refuse
from stations.reading.netcdf_records import Columns, instants, record_rows, without
from stations.reading.noaa import MONTH, degrees, noaa_flags, slot_seconds
from stations.reading.rows import Claims, Reading
from stations.reading.settings import ReaderSettings

SOURCE = "netcdf"
_ICOS = {
    "O": (),
    "R": (),
    "U": ("preliminary",),
    **dict.fromkeys("NKH", ("provider_bad",)),
}
_NO_FLAG = ("", "NA", "-", "(empty)")  # the flag's own fill value: nobody said anything
_SENTINELS = (999.99, 999.999, 9999.99)  # of either sign
_NEGATIVE = (9.99, 99.99, 99.999, 999.9, 9999.0, 9999.9)  # below zero only
_SCALED = (1.0, 1e-3, 1e-6, 1e-9)
_LABELS = (("beginning", "start"), ("start of", "start"), ("mid", "centre"), ("end of the", "end"))


def obspack_flags(text: str) -> tuple[str, ...] | None:
    """Return our flags for NOAA's three characters or the letter of the ICOS ATC.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of str, or None
        None where it is neither.

    Examples
    --------
    >>> [obspack_flags(text) for text in ("..P", "U", "K", "NA", "X")]
    [('preliminary',), ('preliminary',), ('provider_bad',), (), None]
    """
    if text in _NO_FLAG:
        return ()
    return _ICOS.get(text) if len(text) == 1 else noaa_flags(text)


FLAGS = obspack_flags


class Settings(ReaderSettings):
    """ObsPack netCDF (GLOBALVIEWplus, NRT, ICOS, NOAA multi-species) and NOAA flask netCDF."""

    format: Literal["obspack"] = Field(default="obspack", description="name of the reader")


def sniff(head: Head) -> bool:
    """Return whether the file has the variables and attributes that every ObsPack has.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head())
    False
    """
    file = head.netcdf
    return (
        file is not None
        and file.has("time", "value", "time_components", "latitude")
        and {"site_code", "dataset_parameter"} <= set(file.attributes)
    )


def read(source: Records, settings: Settings) -> Reading:
    """Give every record of an ObsPack file.

    Parameters
    ----------
    source : Records
    settings : Settings

    Returns
    -------
    Reading
        Where records are of several heights each carries its own.

    Raises
    ------
    FileRefusedError
        Where a variable is not there, or `start_time` is after `time`.
    """
    file = source.file
    value = _present(file.numbers("value")) if file.has("value") else None
    if value is None or value.ndim != 1 or not file.has("time"):
        found = f"variables {', '.join(file.variables)}"
        refuse("columns", found, "time and value along one dimension", "Fetch the file again.")
    value = without(value, settings.missing)
    source.count = value.size
    stamp, label = _stamps(file)
    stdev, n = _spread(file, value.size)
    heights = _numbers(file, "intake_height", value.size)
    seconds, slot = _lengths(file, stamp)
    columns = Columns(
        stamp=stamp,
        value=value,
        n=n,
        stdev=stdev,
        inlet=None if _constant(heights) else heights,
        seconds=seconds,
        flag=_bits(file, value.size),
        provider=_texts(file, ("qcflag", "qc_flag"), value.size),
        sample=_texts(
            file, ("event_number", "air_sample_container_id", "analysis_datetime"), value.size
        ),
    )
    source.table = {"time": stamp, "value": value, "intake_height": heights}
    return Reading(_claims(file, heights, label, slot), record_rows(source, columns))


def _claims(
    file: NetcdfFile, heights: np.ndarray, label: Literal["start", "centre", "end", ""], slot: float
) -> Claims:
    """Return what the file says of itself; a ship or an aircraft is where its records are."""
    said = file.attributes
    place = [degrees(said.get(f"site_{name}"), 360.0) for name in ("latitude", "longitude")]
    for k, name in enumerate(("latitude", "longitude")):
        if np.isnan(place[k]) and file.has(name):
            along = file.numbers(name)
            place[k] = float(np.nanmean(along)) if np.isfinite(along).any() else np.nan
    inlet = float(heights[0]) if _constant(heights) and heights.size else np.nan
    return Claims(
        station=str(said.get("site_code", "")),
        gas=str(said.get("dataset_parameter", "")).upper(),
        unit=str(file.attribute("value", "units", "")),
        scale=str(said.get("dataset_calibration_scale", "")),
        latitude=place[0],
        longitude=place[1],
        inlet=inlet,
        label=label,
        slot_seconds=slot,
        zone="UTC",
        basis="dry",
    )


def _stamps(file: NetcdfFile) -> tuple[np.ndarray, Literal["start", "centre", "end", ""]]:
    """Return the stamps, and which instant of the slot they name.

    Releases differ: `time` is the beginning in some and the middle in others, and only a comment
    says so. Where `start_time` is there it is taken, whatever `time` may be.
    """
    time = instants(file, "time")
    if file.has("start_time"):
        start = instants(file, "start_time")
        if (start > time).any():
            k = int(np.argmax(start > time))
            found = f"start_time {start[k]:.0f} after time {time[k]:.0f} in record {k + 1}"
            refuse("columns", found, "start_time before time", "Fetch the file again.")
        return start, "start"
    names = [name for name in ("time", "time_components", "time_decimal") if file.has(name)]
    for comment in (str(file.attribute(name, "comment", "")) for name in names):
        at = comment.find("averaged values are reported at the ")
        said = comment[at : at + 70] if at >= 0 else ""
        for word, label in _LABELS:
            if word in said:
                return time, label  # type: ignore[return-value]
    return time, ""


def _lengths(file: NetcdfFile, stamp: np.ndarray) -> tuple[np.ndarray | None, float]:
    """Return the slot's length of each record [s], None where one holds for all, and that one."""
    said = {key: str(text) for key, text in file.attributes.items()}
    slot = slot_seconds(said)
    if file.has("time_interval"):
        each = np.nan_to_num(file.numbers("time_interval"))
        each = np.where(each > 0, each, slot)
        known = each[each > 0]
        return each, slot or (float(np.median(known)) if known.size else 0.0)
    if slot == MONTH and np.isfinite(stamp).all():
        month = stamp.astype(np.int64).astype("datetime64[s]").astype("datetime64[M]")
        length = (month + 1).astype("datetime64[s]") - month.astype("datetime64[s]")
        return length.astype(np.float64), slot
    return None, slot


def _spread(file: NetcdfFile, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return standard deviation and number of samples.

    `value_unc` is an uncertainty in flask files: it is a deviation only where its comment says
    so and more than one sample was taken. A deviation of exactly 0 without a number is none.
    """
    n = _numbers(file, "nvalue", size)
    n = np.where(n > 0, n, 0.0)
    if file.has("value_std_dev"):
        stdev = _present(file.numbers("value_std_dev"))
    elif file.has("value_unc") and "standard deviation" in str(
        file.attribute("value_unc", "comment", "")
    ):
        stdev = np.where(n > 1, _present(file.numbers("value_unc")), np.nan)
    else:
        stdev = np.full(size, np.nan)
    return np.where((n == 1) | ((n == 0) & (stdev == 0)), np.nan, stdev), n


def _present(numbers: np.ndarray) -> np.ndarray:
    """Return NaN where a sentinel stands, in its own unit or scaled together with the values.

    ASSUME: no air holds 999.99 of a unit to all its digits.
    """
    seen = numbers <= -900.0
    for scale in _SCALED:
        for sentinel in _SENTINELS:
            seen |= np.isclose(np.abs(numbers), sentinel * scale, rtol=2e-7, atol=0.0)
        for sentinel in _NEGATIVE:
            seen |= np.isclose(numbers, -sentinel * scale, rtol=2e-7, atol=0.0)
    return np.where(seen, np.nan, numbers)


def _bits(file: NetcdfFile, size: int) -> np.ndarray:
    """Return what the file says beside its flag, from the values as stored: masks hide 0 and 1."""
    flag = np.zeros(size, dtype=np.int64)
    if file.has("obs_flag"):
        flag[file.values("obs_flag") == 0] |= BITS["local"]
    if file.has("icos_datalevel"):
        flag[file.values("icos_datalevel") == 1] |= BITS["preliminary"]
    if file.has("assimilation_concerns"):
        order = str(file.attribute("assimilation_concerns", "order", "")).split(",")
        concerns = file.values("assimilation_concerns")
        for k, name in enumerate(order[: concerns.shape[-1]]):
            if name.strip() == "under review":
                flag[concerns[:, k] > 0] |= BITS["suspect"]
    return flag


def _numbers(file: NetcdfFile, name: str, size: int) -> np.ndarray:
    """Return a variable, NaN where it has none; all NaN where it is not there."""
    if not file.has(name):
        return np.full(size, np.nan)
    found = file.numbers(name)
    return np.where((found <= -9000) | np.isclose(found, -999.999, rtol=1e-5), np.nan, found)


def _texts(file: NetcdfFile, names: tuple[str, ...], size: int) -> list[str]:
    """Return the texts of these variables, joined, for each record."""
    found = [file.texts(name) for name in names if file.has(name)]
    return [" ".join(parts) for parts in zip(*found, strict=True)] if found else [""] * size


def _constant(numbers: np.ndarray) -> bool:
    """Return whether all are the same number, or none is known."""
    return bool((numbers == numbers[:1]).all() or np.isnan(numbers).all())

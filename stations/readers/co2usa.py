"""A netCDF file of the CO2-USA synthesis comes in; the hourly records of one site and inlet go out as rows.

A file of a city holds one group for each site and inlet, and one for the background; a file of
one site holds the same variables without a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from stations.reading.look import Head
from stations.reading.netcdf import NetcdfFile, Records, refuse
from stations.reading.netcdf_records import Columns, instants, record_rows, without
from stations.reading.noaa import degrees
from stations.reading.rows import Claims, Reading
from stations.reading.settings import ReaderSettings

SOURCE = "netcdf"
FLAGS: dict[str, str] = {}
_BACKGROUND = "background"
_MISSING_BELOW = -900.0  # -1e34 and, in earlier releases, -9999


class Settings(ReaderSettings):
    """CO2-USA synthesis netCDF: groups such as UOU_co2_36m and background_co2, or one site."""

    format: Literal["co2usa"] = Field(default="co2usa", description="name of the reader")
    group: str | None = Field(
        default=None, description="group of the station; none: the only one that is no background"
    )


@dataclass(frozen=True)
class _Site:
    """One group, or the file itself: where its variables stand, its gas and its attributes."""

    name: str
    gas: str
    said: Mapping[str, Any]

    def path(self, variable: str) -> str:
        """Return the name of a variable in the file."""
        return f"{self.name}/{variable}" if self.name else variable


def sniff(head: Head) -> bool:
    """Return whether any group, or the file itself, is a site of the synthesis.

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
    return head.netcdf is not None and bool(_sites(head.netcdf))


def read(source: Records, settings: Settings) -> Reading:
    """Give every record of one site and inlet.

    Parameters
    ----------
    source : Records
    settings : Settings

    Returns
    -------
    Reading
        `elsewhere` counts the records of the same gas in other groups.

    Raises
    ------
    FileRefusedError
        Where the group is not there, or more than one could be meant.
    """
    file = source.file
    sites = _sites(file)
    site = _chosen(sites, settings)
    value = without(_known(file, site, site.gas), settings.missing)
    stamp = instants(file, site.path("time"))
    source.count = value.size
    n = _known(file, site, "n")
    stdev = np.where(n == 1, np.nan, _known(file, site, "std_dev"))
    height = _known(file, site, "inlet_height")
    moved = height.size == value.size and bool((height != height[:1]).any())
    source.table = {"time": stamp, site.gas: value, "std_dev": stdev, "n": n}
    columns = Columns(stamp, value, n, stdev, inlet=height if moved else None)
    others = [other for other in sites if other.gas == site.gas and other != site]
    elsewhere = sum(file.values(other.path(other.gas)).size for other in others)
    claims = _claims(file, site, height)
    return Reading(claims, record_rows(source, columns), elsewhere=elsewhere)


def _sites(file: NetcdfFile) -> list[_Site]:
    """Return the groups that hold a gas with its deviation and number, or the file where it does."""
    found = []
    for name, said in {**file.groups, "": file.attributes}.items():
        gas = str(said.get("dataset_parameter", "")).lower()
        site = _Site(name, gas, said)
        wanted = ("time", gas, "std_dev", "n", "inlet_height")
        if gas and "site_code" in said and file.has(*(site.path(text) for text in wanted)):
            found.append(site)
    return found


def _chosen(sites: list[_Site], settings: Settings) -> _Site:
    """Return the group of the station."""
    names = ", ".join(site.name or "(no group)" for site in sites) or "none"
    hint = "Declare `group` in the registry."
    if settings.group is not None:
        meant = [site for site in sites if site.name == settings.group]
        if not meant:
            refuse("group", f"groups {names}", f"also {settings.group}", hint)
        return meant[0]
    wanted = settings.gas.lower() if settings.gas else None
    meant = [site for site in sites if not site.name.startswith(_BACKGROUND)]
    meant = [site for site in meant if site.gas == wanted] or meant
    if len(meant) != 1:
        refuse("group", f"groups {names}", "one group of one site", hint)
    return meant[0]


def _claims(file: NetcdfFile, site: _Site, height: np.ndarray) -> Claims:
    """Return what the group says of itself."""
    said, known = site.said, height[np.isfinite(height)]
    return Claims(
        station=str(said["site_code"]),
        gas=site.gas.upper(),
        unit=str(file.attribute(site.path(site.gas), "units", "")),
        scale=str(said.get("dataset_calibration_scale", "")),
        latitude=degrees(said.get("site_latitude"), 90.0),
        longitude=degrees(said.get("site_longitude"), 360.0),
        inlet=float(known[0]) if known.size and (known == known[0]).all() else np.nan,
        label="start",
        slot_seconds=3600.0,
        zone="UTC",
        basis="dry",
    )


def _known(file: NetcdfFile, site: _Site, name: str) -> np.ndarray:
    """Return a variable of the site, NaN where it is not known."""
    numbers = np.atleast_1d(file.numbers(site.path(name)))
    return np.where(numbers <= _MISSING_BELOW, np.nan, numbers)

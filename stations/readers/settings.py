"""The `reader:` entry of a registry row comes in; checked, frozen reader settings go out."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from contracts.settings.base import Section
from stations.flags import FLAGS

_ZONE = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


class _Reader(Section):
    """What every reader must be told, because no file tells it reliably."""

    label: Literal["start", "centre", "end"] = Field(
        description="which instant of the slot the stamp names"
    )
    slot_seconds: int = Field(gt=0, le=86400, description="length of one averaging slot, s")
    zone: str = Field(default="UTC", description="UTC or a fixed offset such as '+08:00'")
    unit: str = Field(default="ppm", description="unit of the mole fraction and of its deviation")
    missing: tuple[str, ...] = Field(default=("nan",), description="texts that mean missing")

    @field_validator("zone")
    @classmethod
    def _fixed_offset(cls, zone: str) -> str:
        if zone != "UTC" and not _ZONE.fullmatch(zone):
            message = (
                f"zone must be 'UTC' or a fixed offset like '+08:00'; got {zone!r} in reader. "
                "Zones with daylight saving repeat an hour each year: declare the logger's offset."
            )
            raise ValueError(message)
        return zone

    @property
    def offset_seconds(self) -> int:
        """Seconds to subtract from a stamp to get UTC."""
        if self.zone == "UTC":
            return 0
        hours, minutes = self.zone[1:].split(":")
        return (int(hours) * 3600 + int(minutes) * 60) * (1 if self.zone[0] == "+" else -1)


def _known_flags(mapping: dict[str, str]) -> dict[str, str]:
    """Refuse flag names that do not exist."""
    for letter, name in mapping.items():
        if name != "ok" and name not in FLAGS:
            message = (
                f"flag must be 'ok' or one of {', '.join(FLAGS)}; got {name!r} for {letter!r} "
                "in reader. Map the letter to one of these."
            )
            raise ValueError(message)
    return mapping


class GcwerksReader(_Reader):
    """GCWerks export of a Picarro: 3 header lines, then yymmdd hhmmss type port and gases."""

    format: Literal["gcwerks"] = Field(default="gcwerks", description="name of the reader")
    gas: str = Field(default="co2", description="gas as named in the second header line")
    port: int | None = Field(
        default=None, description="valve port of the declared inlet; others are kept out"
    )
    types: dict[str, str] = Field(
        default_factory=lambda: {"air": "ok", "std": "calibration", "tank": "calibration"},
        description="sample type of the file -> 'ok' or one of our flags",
    )
    encoding: str = Field(default="utf-8", description="text encoding")

    _types = field_validator("types")(_known_flags)


class CsvColumns(Section):
    """Names of the columns, as the header line spells them."""

    time: tuple[str, ...] = Field(min_length=1, description="columns that make up the time stamp")
    value: str = Field(description="mole fraction")
    stdev: str | None = Field(default=None, description="standard deviation within the slot")
    n: str | None = Field(default=None, description="number of samples in the slot; absent: 1 each")
    flag: str | None = Field(default=None, description="provider's flag")

    @field_validator("time", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class DeclaredCsvReader(_Reader):
    """Any delimited text file, described column by column."""

    format: Literal["declared_csv"] = Field(
        default="declared_csv", description="name of the reader"
    )
    delimiter: str = Field(default=",", min_length=1, max_length=1, description="field delimiter")
    encoding: str = Field(default="utf-8", description="text encoding (gb18030 for GBK exports)")
    header_row: int = Field(default=1, ge=1, description="line number of the column names, 1-based")
    comment: str = Field(
        default="#", description="lines that start with this are comments; '' for none"
    )
    columns: CsvColumns = Field(description="which column is what")
    time_format: str = Field(description="strptime format of the time columns joined by one blank")
    flags: dict[str, str] = Field(
        default_factory=dict, description="provider's flag -> 'ok' or one of our flags"
    )

    _flags = field_validator("flags")(_known_flags)


class NetcdfColumns(Section):
    """Names of the variables, as the file spells them."""

    time: tuple[str, ...] = Field(
        min_length=1,
        max_length=6,
        description="one variable in seconds since 1970, or year, month, day, hour, ... in this order",
    )
    value: str = Field(description="mole fraction")
    stdev: str | None = Field(default=None, description="standard deviation within the slot")
    n: str | None = Field(default=None, description="number of samples in the slot; absent: 1 each")

    @field_validator("time", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("time")
    @classmethod
    def _whole_date(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(names) == 2:
            message = (
                f"time must be one variable in seconds, or year, month, day, ...; got {names} in "
                "reader.columns. Name all parts of the date."
            )
            raise ValueError(message)
        return names


class NetcdfTableReader(_Reader):
    """A netCDF file with one value of each variable for each record, of one or many stations."""

    format: Literal["netcdf_table"] = Field(
        default="netcdf_table", description="name of the reader"
    )
    dimension: str = Field(description="dimension along which the records stand")
    columns: NetcdfColumns = Field(description="which variable is what")
    select: dict[str, float] = Field(
        default_factory=dict,
        description="variables and the values that the records of this station have in them",
    )
    select_tolerance: float = Field(
        default=1e-4, ge=0, description="largest difference from these values"
    )
    missing: tuple[str, ...] = Field(
        default=("nan",), description="numbers that mean missing, beside the file's own fill value"
    )

    @field_validator("missing")
    @classmethod
    def _numbers(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            try:
                float(text)
            except ValueError as error:
                message = (
                    f"missing must be numbers, as text; got {text!r} in reader. Correct the list."
                )
                raise ValueError(message) from error
        return texts


ReaderSettings = Annotated[
    GcwerksReader | DeclaredCsvReader | NetcdfTableReader, Field(discriminator="format")
]

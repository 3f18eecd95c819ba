"""The `reader:` entry of a registry row comes in; what every reader may be told goes out, checked and frozen."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section
from stations.flags import FLAGS
from stations.reading.encoding import AUTO

_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


class Era(Section):
    """A stretch of time in which the logger's clock kept one zone."""

    until: datetime | None = Field(
        default=None, description="end of the stretch on the clock itself; none for the last one"
    )
    zone: str = Field(description="UTC, a fixed offset such as '+08:00', or an IANA name")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        return known_zone(zone)


def known_zone(zone: str) -> str:
    """Return a zone that exists, or refuse it.

    Parameters
    ----------
    zone : str
        ``UTC``, a fixed offset ``+08:00``, or an IANA name.

    Returns
    -------
    str
    """
    if zone == "UTC" or _OFFSET.fullmatch(zone):
        return zone
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        message = (
            f"zone must be 'UTC', a fixed offset like '+08:00' or an IANA name; got {zone!r} in "
            "reader. Prefer the logger's fixed offset: zones with daylight saving repeat an hour."
        )
        raise ValueError(message) from error
    return zone


class ReaderSettings(Section):
    """What any reader may be told; what a format itself fixes need not be."""

    label: Literal["start", "centre", "end"] | None = Field(
        default=None, description="which instant of the slot the stamp names; none: the format's"
    )
    slot_seconds: float | None = Field(
        default=None, gt=0, le=2_678_400, description="length of one slot, s; none: the format's"
    )
    zone: str | tuple[Era, ...] | None = Field(
        default=None,
        description="UTC, a fixed offset such as '+08:00', an IANA name, or eras with one each; "
        "none: the format's",
    )
    unit: str | None = Field(
        default=None, description="unit of the mole fraction and its deviation; none: the file's"
    )
    reference_temperature_k: float | None = Field(
        default=None, gt=200, lt=350, description="temperature that a mass per volume refers to, K"
    )
    reference_pressure_pa: float | None = Field(
        default=None, gt=3e4, lt=1.2e5, description="pressure that a mass per volume refers to, Pa"
    )
    gas: str | None = Field(default=None, description="gas as the file spells it; none: the run's")
    missing: tuple[str, ...] = Field(
        default=(), description="texts that mean missing, beside the format's own"
    )
    encoding: str = Field(
        default=AUTO, description="text encoding; auto: UTF-8, or GB18030 where fewer lines fail"
    )
    flags: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="provider's flag -> 'ok' or our flags; overrides the format's own table",
    )
    inlet_tolerance_m: float = Field(
        default=1.0,
        ge=0,
        description="largest difference of a row's inlet height from the station's, m",
    )
    members: str = Field(
        default="*", description="pattern of the members of an archive that belong to the station"
    )

    @field_validator("zone")
    @classmethod
    def _zone(cls, zone: str | tuple[Era, ...] | None) -> str | tuple[Era, ...] | None:
        if isinstance(zone, str):
            return known_zone(zone)
        if zone is not None:
            ends = [era.until for era in zone]
            if (
                not zone
                or None in ends[:-1]
                or ends[-1] is not None
                or ends[:-1] != sorted(end for end in ends[:-1] if end is not None)
            ):
                message = (
                    "eras of a zone must follow each other and all but the last have an end; got "
                    f"{[str(end) for end in ends]} in reader.zone. Order them by `until`."
                )
                raise ValueError(message)
        return zone

    @field_validator("flags")
    @classmethod
    def _known_flags(
        cls, mapping: dict[str, str | tuple[str, ...]]
    ) -> dict[str, str | tuple[str, ...]]:
        return known_flags(mapping)

    @model_validator(mode="after")
    def _reference(self) -> Self:
        if (self.reference_temperature_k is None) != (self.reference_pressure_pa is None):
            message = (
                "reference_temperature_k and reference_pressure_pa must be given together; got "
                "one of them in reader. Add the other."
            )
            raise ValueError(message)
        return self


def known_flags(
    mapping: dict[str, str | tuple[str, ...]],
) -> dict[str, str | tuple[str, ...]]:
    """Refuse flag names that do not exist.

    Parameters
    ----------
    mapping : dict
        Provider's flag -> ``ok``, one of our flags, or several.

    Returns
    -------
    dict
    """
    for letter, names in mapping.items():
        for name in (names,) if isinstance(names, str) else names:
            if name != "ok" and name not in FLAGS:
                message = (
                    f"flag must be 'ok' or one of {', '.join(FLAGS)}; got {name!r} for {letter!r} "
                    "in reader. Map the letter to one of these."
                )
                raise ValueError(message)
    return mapping

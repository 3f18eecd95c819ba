"""The registry file comes in; one checked, frozen row for each station goes out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from contracts.settings.base import Section
from stations.claims import Expected
from stations.readers import READERS, AnyReader

NO_SCALE = "none"  # not traceable: watched by the network page, never part of an inversion
Scale = Literal["WMO-CO2-X2019", "WMO-CO2-X2007", "WMO-CH4-X2004A", "none"]


class StationRow(Section):
    """Everything that must be known about a station and is not in its files."""

    name: str = Field(
        pattern=r"^[A-Za-z][A-Za-z0-9]*$", description="short name, used in file names"
    )
    title: str = Field(description="name for readers")
    latitude: float = Field(ge=-90, le=90, description="degrees north")
    longitude: float = Field(ge=-180, le=180, description="degrees east")
    ground_height_m: float = Field(ge=-500, le=9000, description="ground above the geoid, m")
    inlet_height_m: float = Field(gt=0, le=1000, description="inlet above ground, m")
    role: Literal["tower", "background"] = Field(
        default="tower", description="what the record is for"
    )
    instrument_class: Literal["crds", "midcost", "lowcost", "column"] = Field(
        default="crds", description="class of instrument"
    )
    instrument_error_umol_mol: float = Field(
        gt=0, description="sd of an hourly mean from calibration and stability"
    )
    calibration_scale: Scale = Field(
        description="scale of the values in the files; `none` where they are not traceable to any"
    )
    scale_note: str = Field(
        default="", description="how the scale is known, if the files do not name it"
    )
    convert_to: Literal["WMO-CO2-X2019"] | None = Field(
        default=None, description="scale to convert to; nothing is converted unless declared"
    )
    minimum_samples: int = Field(default=1, ge=1, description="samples that an hourly mean needs")
    files: tuple[str, ...] = Field(min_length=1, description="globs below the raw folder")
    reader: AnyReader = Field(description="how the files are written")
    synthetic: bool = Field(default=False, description="made up, not measured")

    @model_validator(mode="after")
    def _column(self) -> Self:
        columns = getattr(READERS[self.reader.format], "COLUMNS", False)
        if columns != (self.instrument_class == "column"):
            message = (
                "instrument_class must be column where, and only where, the reader gives columns "
                f"of air; got {self.instrument_class} with format {self.reader.format} in station "
                f"{self.name}. A column is no mole fraction at an inlet: correct one of the two."
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _conversion(self) -> Self:
        if self.convert_to is not None and self.convert_to == self.calibration_scale:
            message = (
                f"convert_to must name another scale; got {self.convert_to} twice in station "
                f"{self.name}. Remove convert_to."
            )
            raise ValueError(message)
        if self.calibration_scale != NO_SCALE:
            return self
        if self.convert_to is not None:
            message = (
                f"a record without a scale must stay without one; got convert_to {self.convert_to} "
                f"in station {self.name}. Remove convert_to, or state calibration_scale."
            )
            raise ValueError(message)
        if not self.scale_note.strip():
            message = (
                "calibration_scale none must come with a scale_note; got nothing in station "
                f"{self.name}. Say there why the record is not traceable."
            )
            raise ValueError(message)
        return self

    @property
    def expected(self) -> Expected:
        """What is expected of the station's files."""
        place = (self.inlet_height_m, self.latitude, self.longitude)
        return Expected(*place, self.calibration_scale)

    @property
    def scale(self) -> str:
        """Scale of the record that goes out."""
        return self.convert_to or self.calibration_scale


@dataclass(frozen=True)
class Registry:
    """All stations of a network, by name, in alphabetical order."""

    stations: Mapping[str, StationRow]
    path: str = ""


class RegistryError(ValueError):
    """A registry that breaks rules; `.problems` holds (where, found, expected) of each."""

    def __init__(self, path: str, problems: list[tuple[str, str, str]]) -> None:
        self.problems = problems
        listed = "; ".join(f"{where}: {found} ({expected})" for where, found, expected in problems)
        super().__init__(
            f"registry must describe every station; got {len(problems)} problem(s) in {path}: "
            f"{listed}. Correct the file."
        )


def load_registry(path: str | Path) -> Registry:
    """Read and check a registry.

    Parameters
    ----------
    path : str or Path
        YAML, or TOML by the end of its name: ``synthetic: bool``, ``stations: {name: {...}}``.

    Returns
    -------
    Registry

    Raises
    ------
    RegistryError
        Naming every problem at once.
    """
    table = _read_table(Path(path))
    problems: list[tuple[str, str, str]] = []
    rows: dict[str, StationRow] = {}
    for name in sorted(table["stations"]):
        entry = table["stations"][name]
        if not isinstance(entry, dict):
            problems.append((name, f"{type(entry).__name__}", "a mapping of the station's fields"))
            continue
        try:
            facts = {"synthetic": bool(table.get("synthetic", False)), **entry}
            rows[name] = StationRow.model_validate({**facts, "name": name})
        except ValidationError as error:
            problems.extend(_problems(name, error))
    problems.extend(_twins(rows))
    if problems:
        raise RegistryError(str(path), problems)
    return Registry(MappingProxyType(rows), str(path))


def _read_table(path: Path) -> dict:
    """Return the mapping of a registry file."""
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text) if path.suffix == ".toml" else _yaml(text)
    except (OSError, ValueError) as error:
        found = " ".join(str(error).split())
        kind = "TOML" if path.suffix == ".toml" else "YAML"
        expected = f"a {kind} file without repeated keys"
        raise RegistryError(str(path), [("file", found, expected)]) from error
    if not isinstance(table, dict) or not isinstance(table.get("stations"), dict):
        expected = "a mapping `stations:` with at least one station"
        raise RegistryError(str(path), [("stations", type(table).__name__, expected)])
    unknown = sorted(str(key) for key in table if key not in ("stations", "synthetic"))
    if unknown or not table["stations"]:
        expected = "only `synthetic:` and a non-empty `stations:`"
        raise RegistryError(str(path), [("file", f"keys {unknown}", expected)])
    return table


def _yaml(text: str) -> object:
    """Return the content of a YAML text; raise ValueError where it is none."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _problems(name: str, error: ValidationError) -> list[tuple[str, str, str]]:
    """Return (where, found, expected) of every violation of one row."""
    listed = []
    for item in error.errors():
        where = ".".join([name, *(str(part) for part in item["loc"])])
        found = "nothing" if item["type"] == "missing" else repr(item.get("input"))
        expected = item["msg"]
        if item["loc"] and item["loc"][-1] == "calibration_scale":
            expected += "; a series without a calibration scale is refused"
        listed.append((where, found, expected))
    return listed


def _twins(rows: dict[str, StationRow]) -> list[tuple[str, str, str]]:
    """Return pairs of stations that are the same inlet under two names."""
    seen: dict[tuple, str] = {}
    twins = []
    for name, row in rows.items():
        place = (row.latitude, row.longitude, row.inlet_height_m)
        if place in seen:
            found = f"same place and inlet as {seen[place]}"
            twins.append((name, found, "each inlet once: duplicate station"))
        seen.setdefault(place, name)
    return twins


def resolve_files(row: StationRow, raw_root: str | Path) -> list[Path]:
    """Return the raw files of a station.

    Parameters
    ----------
    row : StationRow
    raw_root : str or Path
        Folder that the globs of the row start from.

    Returns
    -------
    list of Path
        Sorted, each once.
    """
    root = Path(raw_root)
    return sorted({path for glob in row.files for path in root.glob(glob) if path.is_file()})

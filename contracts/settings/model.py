"""The whole configuration of a run: one model of all sections, each in its own file."""

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from contracts.settings.background import BackgroundSettings
from contracts.settings.base import Section
from contracts.settings.errors import ErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.grid import GridSettings
from contracts.settings.inventories import InventorySettings
from contracts.settings.of_gas import of_gas
from contracts.settings.osse import OsseSettings
from contracts.settings.preview import PreviewSettings
from contracts.settings.problem import ProblemSettings
from contracts.settings.reconcile import ReconcileSettings
from contracts.settings.regions import RegionSettings
from contracts.settings.report import ReportSettings
from contracts.settings.solver import SolverSettings
from contracts.settings.stations import StationSettings
from contracts.settings.synthetic import SyntheticSettings
from contracts.settings.synthetic_records import SyntheticRecordsSettings
from contracts.settings.time import TimeSettings
from contracts.settings.transport import TransportSettings
from contracts.settings.tune import TuneSettings


class Settings(Section):
    """Everything a run is told; every key is known, every number has its unit in its name."""

    run: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_\-]*$", description="name of the run and its folder"
    )
    title: str = Field(description="title on the page")
    target: Literal["fluxes", "network"] = Field(
        "fluxes",
        description="`fluxes`: everything; `network`: records, flags, baselines and status only",
    )
    data_root: str = Field("../shared/data", description="folder that real input is relative to")
    assumptions: tuple[str, ...] = Field((), description="what is assumed; printed in the report")
    given: dict[str, str | dict[str, str]] = Field(
        default_factory=dict,
        description="datasets brought by the user instead of computed: one file (`{period}` stands "
        "for the batch's name) or a file for each batch or station; relative to this file",
    )
    problem: ProblemSettings | None = Field(
        None, description="a whole inverse problem in the files of its authors"
    )
    gas: GasSettings = Field(default_factory=GasSettings, description="the gas")
    time: TimeSettings = Field(description="batches and local time")
    grid: GridSettings = Field(default_factory=GridSettings, description="cells")
    regions: RegionSettings = Field(default_factory=RegionSettings, description="districts")
    stations: StationSettings | None = Field(None, description="towers and their records")
    transport: TransportSettings | None = Field(None, description="footprints")
    inventories: InventorySettings | None = Field(
        None, description="prior fluxes and inventory totals"
    )
    background: BackgroundSettings | None = Field(None, description="air that enters the city")
    errors: ErrorSettings = Field(
        default_factory=ErrorSettings,
        validate_default=True,
        description="prior errors, mismatch, nuisance states",
    )
    solver: SolverSettings = Field(default_factory=SolverSettings, description="the solver")
    preview: PreviewSettings = Field(
        default_factory=PreviewSettings, description="what a run would tell and cost, foreseen"
    )
    osse: OsseSettings = Field(default_factory=OsseSettings, description="coverage certificate")
    reconcile: ReconcileSettings = Field(default_factory=ReconcileSettings, description="verdicts")
    report: ReportSettings = Field(default_factory=ReportSettings, description="the page")
    synthetic: SyntheticSettings | None = Field(None, description="a made city with a known truth")
    synthetic_records: SyntheticRecordsSettings | None = Field(
        None, description="made records with a known truth on real footprints"
    )
    tune: TuneSettings = Field(
        default_factory=TuneSettings, description="estimation of error parameters from the data"
    )

    @field_validator("stations", "background", "errors")
    @classmethod
    def _of_the_gas(cls, section: Any, info: ValidationInfo) -> Any:
        """Put defaults that are mole fractions or fluxes at the size of the gas."""
        gas = info.data.get("gas")
        return section if section is None or gas is None else of_gas(section, gas)

    def sections(self, *names: str) -> dict[str, Any]:
        """Return the named sections as plain values, for a rule's params."""
        dump = self.model_dump(mode="json", include=set(names))
        return {name: dump[name] for name in sorted(names)}

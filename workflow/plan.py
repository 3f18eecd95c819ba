"""In: checked settings. Out: the files of a run: stations, raw files, batches, where every dataset lies."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from contracts.settings.model import Settings
from inversion.published import MEASURES, READERS, problem_files
from stations.registry import Registry, load_registry, resolve_files

PER_BATCH = {
    "observations": "problem/{period}/observations.nc",
    "background": "problem/{period}/background.nc",
    "jacobian": "problem/{period}/jacobian.nc",
    "prior": "problem/{period}/prior.nc",
    "prior_covariance": "problem/{period}/prior_covariance.nc",
    "inventory": "problem/{period}/inventory.nc",
    "mismatch": "problem/{period}/mismatch.nc",
    "meteorology": "meteorology/{period}.nc",
    "posterior": "posterior/{period}.nc",
}
PROBLEM = ("observations", "background", "jacobian", "prior", "prior_covariance", "mismatch")
PER_STATION = ("stations", "footprints")
# What each section of the settings is needed for, unless that dataset is brought.
MAKES = {
    "stations": ("observations", "background"),
    "background": ("background",),
    "transport": ("jacobian",),
    "inventories": ("prior", "prior_covariance"),
}


@dataclass(frozen=True)
class Plan:
    """Names and places of a run.

    Attributes
    ----------
    settings : Settings
    """

    settings: Settings

    @property
    def root(self) -> str:
        """Folder of the run."""
        return f"results/{self.settings.run}"

    @property
    def batches(self) -> list[str]:
        """Names of the batches, sorted."""
        return sorted(self.settings.time.batches)

    @property
    def network_only(self) -> bool:
        """Whether the run ends with the network's status."""
        return self.settings.target == "network"

    @cached_property
    def registry(self) -> Registry:
        """The stations."""
        if self.settings.stations is None:
            return Registry({})
        return load_registry(self.settings.stations.registry)

    @property
    def stations(self) -> list[str]:
        """Names of all stations, sorted."""
        return sorted(self.registry.stations)

    @property
    def towers(self) -> list[str]:
        """Names of the stations that may be receptors, sorted."""
        brought = self.settings.given.get("footprints")
        if not self.stations and isinstance(brought, dict):
            return sorted(brought)
        return [n for n in self.stations if self.registry.stations[n].role == "tower"]

    @property
    def synthetic(self) -> bool:
        """Whether the city is made."""
        return self.settings.synthetic is not None

    @property
    def made(self) -> bool:
        """Whether the records are made, so that the truth is known."""
        return self.synthetic or self.settings.synthetic_records is not None

    @property
    def raw_root(self) -> str:
        """Folder that raw station files are relative to."""
        section = self.settings.stations
        if section is not None and section.raw_root:
            return section.raw_root
        return f"{self.root}/synthetic/raw" if self.made else self.settings.data_root

    def raw_files(self, station: str) -> list[str]:
        """Raw files of a station; for a made city the ones that will be made."""
        row = self.registry.stations[station]
        if self.made and self.settings.stations.raw_root is None:
            return [f"{self.raw_root}/{name}" for name in row.files]
        return [str(path) for path in resolve_files(row, self.raw_root)]

    def data(self, names: tuple[str, ...]) -> list[str]:
        """Return external files, patterns resolved, sorted."""
        root = Path(self.settings.data_root)
        return sorted(str(path) for name in names for path in root.glob(name))

    @property
    def external_footprints(self) -> list[str]:
        """Files of weather or footprints that the transport reads, patterns resolved."""
        section = self.settings.transport
        return [] if section is None else self.data(section.files)

    @property
    def receptor_files(self) -> list[str]:
        """Receptor files whose background values are compared with the records."""
        section = self.settings.stations
        return self.data(section.receptors.files) if section and section.receptors else []

    def given(self, dataset: str) -> bool:
        """Whether the user brings a dataset, by itself or inside a whole problem."""
        return dataset in self.settings.given or (
            self.settings.problem is not None and dataset in PROBLEM
        )

    @property
    def inventory(self) -> bool:
        """Whether there is an inventory to compare with."""
        makes_prior = not all(self.given(name) for name in MAKES["inventories"])
        return "inventory" in self.settings.given or makes_prior

    @property
    def adopted(self) -> list[str]:
        """Per-batch datasets that the user brings as files of their contract, sorted."""
        return sorted(frozenset(PER_BATCH) & frozenset(self.settings.given))

    def given_file(self, dataset: str, key: str, period: str = "") -> str:
        """Return the file the user brings for a batch or station."""
        given = self.settings.given[dataset]
        path = given if isinstance(given, str) else given[key]
        return path.replace("{period}", period or key)

    def given_files(self, dataset: str) -> dict[str, str]:
        """Return every file the user brings for a dataset, by its key in the settings."""
        given = self.settings.given[dataset]
        files = {"": given} if isinstance(given, str) else given
        return {
            f"{key}{f' ({period})' if '{period}' in path else ''}": path.replace("{period}", period)
            for key, path in sorted(files.items())
            for period in self.batches
        }

    @property
    def measures(self) -> bool:
        """Whether the authors of a whole problem have measures of their own."""
        section = self.settings.problem
        return section is not None and section.reader in MEASURES

    def problem_files(self) -> list[str]:
        """Return the files of a whole problem that its reader reads."""
        section = self.settings.problem
        if section is None or section.reader not in READERS:
            return []
        folder = Path(self.settings.data_root) / section.folder
        return [str(path) for path in problem_files(section, folder)]

    def manual_flags(self, station: str) -> list[str]:
        """Return the station's table of judged hours, if there is one."""
        folder = self.settings.stations.manual_flags if self.settings.stations else None
        path = Path(folder or "nowhere") / f"{station}.csv"
        return [str(path)] if folder and path.is_file() else []

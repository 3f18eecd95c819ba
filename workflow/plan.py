"""In: checked settings. Out: the files of a run: stations, raw files, batches, where every dataset lies."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from contracts.settings.model import Settings
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

    @cached_property
    def registry(self) -> Registry:
        """The stations."""
        return load_registry(self.settings.stations.registry)

    @property
    def stations(self) -> list[str]:
        """Names of all stations, sorted."""
        return sorted(self.registry.stations)

    @property
    def towers(self) -> list[str]:
        """Names of the stations that may be receptors, sorted."""
        return [n for n in self.stations if self.registry.stations[n].role == "tower"]

    @property
    def synthetic(self) -> bool:
        """Whether the city is made."""
        return self.settings.synthetic is not None

    @property
    def raw_root(self) -> str:
        """Folder that raw station files are relative to."""
        if self.settings.stations.raw_root:
            return self.settings.stations.raw_root
        return f"{self.root}/synthetic/raw" if self.synthetic else self.settings.data_root

    def raw_files(self, station: str) -> list[str]:
        """Raw files of a station; for a made city the ones that will be made."""
        row = self.registry.stations[station]
        if self.synthetic and self.settings.stations.raw_root is None:
            return [f"{self.raw_root}/{name}" for name in row.files]
        return [str(path) for path in resolve_files(row, self.raw_root)]

    def data(self, names: tuple[str, ...]) -> list[str]:
        """Return external files, patterns resolved, sorted."""
        root = Path(self.settings.data_root)
        return sorted(str(path) for name in names for path in root.glob(name))

    def given(self, dataset: str) -> bool:
        """Whether the user brings a dataset."""
        return dataset in self.settings.given

    def given_file(self, dataset: str, key: str) -> str:
        """Return the file the user brings for a batch (or station)."""
        given = self.settings.given[dataset]
        return given if isinstance(given, str) else given[key]

    def manual_flags(self, station: str) -> list[str]:
        """Return the station's table of judged hours, if there is one."""
        folder = self.settings.stations.manual_flags
        path = Path(folder or "nowhere") / f"{station}.csv"
        return [str(path)] if folder and path.is_file() else []

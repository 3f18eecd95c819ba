"""In: settings of a made city. Out: its raw station files, weather, proxies, inventory table and truths."""

from pathlib import Path

from synthetic.build import make_city
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "grid": "contracts.settings.grid:GridSettings",
            "inventories": "contracts.settings.inventories:InventorySettings",
            "regions": "contracts.settings.regions:RegionSettings",
            "stations": "contracts.settings.stations:StationSettings",
            "synthetic": "contracts.settings.synthetic:SyntheticSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    make_city(job, Path(snakemake.output.weather).parent)


main(snakemake)

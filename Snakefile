# The front door: read the settings, check them, say what a run makes, include the rules.
import os
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))
os.environ.update(PYTHONPATH=str(ROOT))
# One thread a process in libraries: rules run side by side, and bytes must not depend on cores.
for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

from contracts.code import code_hash
from contracts.settings.load import read_yaml, settings_of, with_given_paths
from contracts.settings.problems import SettingsError
from snakemake.exceptions import WorkflowError

CONFIG = (
    str(workflow.configfiles[-1])
    if workflow.configfiles
    else str(ROOT / "config/config.yaml")
)
from workflow.check import check_config
from workflow.plan import PER_BATCH, PROBLEM, Plan

try:
    PROBLEMS = check_config(CONFIG, with_given_paths(config, CONFIG))
    if PROBLEMS:
        raise SettingsError(PROBLEMS)
    SETTINGS = settings_of(
        {
            **with_given_paths(read_yaml(CONFIG), CONFIG),
            **with_given_paths(config, CONFIG),
        },
        CONFIG,
    )
except SettingsError as error:
    raise WorkflowError(str(error))

PLAN = Plan(SETTINGS)
OUT = PLAN.root


EVERYTHING = SETTINGS.model_dump(mode="json", exclude={"data_root"})
sections = SETTINGS.sections
code = lambda script: code_hash(f"workflow.scripts.{script}")


wildcard_constraints:
    period="|".join(PLAN.batches),
    station="|".join(sorted({*PLAN.stations, *PLAN.towers})) or "none",


include: "workflow/rules/given.smk"
include: "workflow/rules/synthetic.smk"
include: "workflow/rules/stations.smk"


if not PLAN.network_only:

    include: "workflow/rules/transport.smk"
    include: "workflow/rules/preview.smk"
    include: "workflow/rules/inversion.smk"
    include: "workflow/rules/report.smk"


NETWORK = [f"{OUT}/report/index.html", f"{OUT}/network_status.json"]
FLUXES = [
    f"{OUT}/report/index.html",
    f"{OUT}/run.json",
    f"{OUT}/tables/fluxes.csv",
    f"{OUT}/tables/verdicts.csv",
    f"{OUT}/tables/fit.csv",
    f"{OUT}/exchange",
]
PUBLISHED = [f"{OUT}/tables/published.csv"] if PLAN.measures else []


rule all:
    default_target: True
    input:
        NETWORK if PLAN.network_only else [*FLUXES, *PUBLISHED],


rule certificate:
    input:
        expand(
            f"{OUT}/certificate/{{period}}.json",
            period=PLAN.batches if PLAN.made else [],
        ),

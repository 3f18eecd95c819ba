"""Records made on the real footprints of Salt Lake City: what the configuration states is what is made."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from contracts.periods import batch_period
from contracts.settings.load import load_settings
from inventories.inputs import input_files
from inventories.prior import PriorInputs, build_prior
from inversion.boundary.background import build_background
from inversion.errors.mismatch import build_mismatch
from inversion.jacobian import build_jacobian
from inversion.osse import OsseSections, certify
from stations.assemble import build_observations
from stations.ingest import ingest_station
from stations.monitor import network_status
from stations.registry import load_registry
from synthetic.network import read_network
from synthetic.record_family import family_of, implied_spread
from synthetic.records import make_records
from transport.footprints import build_footprints
from transport.receptors import receptor_hours
from workflow.releases import released_hours
from workflow.space import run_space

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
CASE = DATA / "cases" / "salt_lake_city"
DRAWS = 200
FILES = sorted(str(path) for path in CASE.glob("footprints/site*/*.nc"))

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not CASE.is_dir(), reason=f"no folder {CASE}: set CITYFLUX_DATA"),
]


@pytest.fixture(scope="module")
def settings():
    return load_settings(ROOT / "config/cities/salt_lake_city.yaml")


@pytest.fixture(scope="module")
def grid(settings):
    return run_space(settings, [])[0]


@pytest.fixture(scope="module")
def prior(settings, grid):
    files = input_files(settings.inventories, lambda name: DATA / name, None)
    batch = batch_period(settings.time, "2015-09-02")
    inputs = PriorInputs(
        grid=grid,
        regions=None,
        place=settings.regions,
        batch=batch,
        time=settings.time,
        section=settings.inventories,
        gas=settings.gas,
        errors_prior=settings.errors.prior,
        files={name: Path(path) for name, path in files.items()},
    )
    return build_prior(inputs)


@pytest.fixture(scope="module")
def registry(settings):
    return load_registry(ROOT / settings.stations.registry).stations


@pytest.fixture(scope="module")
def footprints(settings, grid, registry):
    return [
        build_footprints(
            released_hours(row, FILES, settings.transport), None, grid, settings.transport, FILES
        )
        for row in registry.values()
        if row.role == "tower"
    ]


@pytest.fixture(scope="module")
def records(settings, prior, footprints):
    section = settings.synthetic_records.model_copy(update={"draws": DRAWS})
    network = read_network(ROOT / settings.stations.registry)
    return make_records(footprints, prior.prior, network, section, settings.time.utc_offset_hours)


def test_the_declared_totals_are_those_of_the_family(settings, prior):
    found = implied_spread(family_of(prior.prior, settings.synthetic_records))
    declared = settings.errors.prior.declared
    np.testing.assert_allclose(declared.city, found.whole, atol=6e-4)
    assert sorted(declared.sectors) == sorted(found.sectors)
    for sector, share in declared.sectors.items():
        np.testing.assert_allclose(share, found.sectors[sector], atol=6e-4)


def test_every_file_becomes_a_recorded_hour_and_its_share_inside_is_told(footprints, records):
    assert [part.sizes["obs"] for part in footprints] == [32, 45, 36, 32, 34, 30]
    facts = records.truths.attrs
    assert (facts["hours_recorded"], facts["hours_that_reach_before_the_periods"]) == (209, 0)
    shares = [facts[f"inside_share_{name}"] for name in ("minimum", "median", "maximum")]
    np.testing.assert_allclose(shares, [0.233, 0.540, 0.784], atol=5e-4)


def test_the_ordinary_chain_covers_the_truths(
    settings, prior, footprints, records, registry, tmp_path
):
    """Raw files to certificate, no step left out; 200 draws."""
    offset, ingested = settings.time.utc_offset_hours, {}
    for name, row in registry.items():
        path = tmp_path / row.files[0]
        path.write_text(records.texts[path.name], encoding="utf-8")
        found = ingest_station(row, [path], None, settings.stations, settings.gas)
        ingested[name] = found.dataset
    hours = receptor_hours(ingested, FILES, settings.transport)
    observations = build_observations(
        ingested,
        network_status(ingested, settings.stations),
        batch_period(settings.time, "2015-09-02"),
        settings.stations,
        offset,
        only_times=hours,
    )
    assert json.loads(observations.attrs["counts"])["kept"] == 67
    assert observations.attrs["synthetic"] == "yes"
    jacobian = build_jacobian(observations, footprints, prior.prior)
    datasets = {
        "observations": observations,
        "background": build_background(observations, ingested, settings.background, offset),
        "jacobian": jacobian,
        "prior": prior.prior,
        "prior_covariance": prior.prior_covariance,
        "mismatch": build_mismatch(observations, jacobian, prior.prior, settings.errors.mismatch),
    }
    osse = settings.osse.model_copy(update={"draws": DRAWS})
    sections = OsseSections(settings.errors, settings.solver, osse, settings.gas)
    certificate = certify(datasets, None, records.truths, sections)
    rows = {row["family"]: row for row in certificate["rows"]}
    assert 0.90 <= rows["city"]["coverage"] <= 0.985
    assert 0.90 <= rows["sectors"]["coverage"] <= 0.985
    assert rows["city"]["rmse_ratio"] < 0.85
    assert not certificate["planted"]["diagonal"]["passed"]

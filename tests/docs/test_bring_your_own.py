"""The four examples of docs/bring-your-own.md: short, right against dense algebra, and clear where one input is corrupted."""

import csv
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from ruamel.yaml import YAML

from contracts.code import ROOT
from contracts.datasets import ContractError, read_dataset, write_dataset
from contracts.provenance import Provenance
from contracts.settings.load import plain, settings_of
from contracts.settings.problem import ProblemSettings
from inversion.__main__ import main
from inversion.published import READERS, problems_of
from workflow.plan import PROBLEM, Plan

TEXT = (ROOT / "docs/bring-your-own.md").read_text(encoding="utf-8")
FOUND = re.findall(r"^## \((\w)\).*?^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
BLOCKS = dict(FOUND)
KG_PER_UMOL = 44.0095e-9


def run(code):
    """Return the names that an example leaves behind."""
    names = {}
    exec(compile(code, "bring-your-own.md", "exec"), names)
    return names


def corrupted(letter, old, new):
    """Return an example with one input changed; the input must be there once."""
    assert BLOCKS[letter].count(old) == 1, old
    return BLOCKS[letter].replace(old, new)


@pytest.fixture(scope="module")
def ran():
    return {letter: run(code) for letter, code in BLOCKS.items()}


def solve_dense(h, prior, b, data, r):
    """Return mean and covariance of a Gaussian posterior, by the information form."""
    precision = np.linalg.inv(b) + h.T @ np.linalg.inv(r) @ h
    covariance = np.linalg.inv(precision)
    return prior + covariance @ h.T @ np.linalg.inv(r) @ (data - h @ prior), covariance


def check_total(posterior, region, sector, mean, covariance, weights):
    """Compare one total and its standard deviation with weights of the states."""
    names = zip(posterior["total_region"].values, posterior["total_sector"].values, strict=True)
    at = list(names).index((region, sector))
    assert_allclose(posterior["total"].values[at], weights @ mean, rtol=1e-9)
    sd = np.sqrt(posterior["total_covariance"].values[at, at])
    assert_allclose(sd, np.sqrt(weights @ covariance @ weights), rtol=1e-9)


def exponential(places, length):
    return np.exp(-np.abs(places[:, None] - places[None, :]) / length)


def test_there_are_four_examples():
    assert sorted(BLOCKS) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("letter", sorted(BLOCKS))
def test_an_example_is_short(letter):
    lines = BLOCKS[letter].splitlines()
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 100


def test_a_jacobian_of_ones_own(ran):
    got = ran["a"]
    area = np.array([4e8, 6e8])
    h = (got["sensitivity"] * area * KG_PER_UMOL).reshape(12, 8)
    b = np.kron(exponential(np.arange(4.0), 3.0), np.eye(2)) * 2.0**2
    h, b = np.hstack([h, np.ones((12, 1))]), np.pad(b, (0, 1))
    b[8, 8] = 0.7**2
    prior = np.append(np.full(8, 5.0), 0.0)
    mean, covariance = solve_dense(h, prior, b, got["ppm"] - 420.0, 0.25 * np.eye(12))
    for region, part in (("north", [1, 0]), ("south", [0, 1]), ("all", [1, 1])):
        weights = np.append(np.tile(area * part * KG_PER_UMOL / 4.0, 4), 0.0)
        check_total(got["posterior"], region, "fossil", mean, covariance, weights)
    assert_allclose(got["posterior"]["nuisance_mean"].values, mean[8], rtol=1e-9)


def test_the_settings_on_the_page_are_settings():
    given, problem = (
        plain(YAML().load(text)) for text in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S)
    )
    settings = settings_of(given)
    assert set(settings.given) == {*PROBLEM, "inventory"}
    plan = Plan(settings)
    assert plan.given_file("jacobian", "2025-07", "2025-07") == "brought/2025-07/jacobian.nc"
    assert plan.given_file("prior", "2025-07", "2025-07") == "brought/july.nc"
    section = ProblemSettings(**problem["problem"])
    assert section.reader in READERS
    told = [p.where for p in problems_of(section, "nowhere") if "options" in p.where]
    assert told == []


def test_a_problem_folder_gives_the_same(ran, tmp_path, capsys):
    got = ran["a"]
    got["own"].write_problem(got["datasets"], got["sections"], tmp_path)
    out = tmp_path / "posterior.nc"
    words = ["solve", "--problem", tmp_path, "--settings", tmp_path / "settings.yaml", "--out", out]
    assert main([str(word) for word in words]) == 0
    assert str(out) in capsys.readouterr().out
    for name in ("total", "total_covariance", "flux"):
        assert_allclose(
            read_dataset(out, "posterior")[name].values, got["posterior"][name].values, rtol=1e-12
        )


def test_footprints_of_ones_own(ran):
    got = ran["b"]
    hours = 24 + np.arange(2, 48, 5)  # start of each observation since the first period's start
    h = np.zeros((10, 3, 12))
    for row, hour in enumerate(hours):
        for lag in range(24):
            if hour - lag >= 0:
                h[row, (hour - lag) // 24] += got["sensitivity"][row, lag].ravel()
    latitude, longitude = 51.05 + 0.1 * np.arange(3), -0.15 + 0.1 * np.arange(4)
    metres = np.deg2rad(1.0) * 6_371_008.8
    north, east = np.meshgrid(
        latitude * metres, longitude * metres * np.cos(np.deg2rad(51.15)), indexing="ij"
    )
    apart = np.hypot(*(p.reshape(-1, 1) - p.reshape(1, -1) for p in (north, east)))
    b = 2.0**2 * np.kron(exponential(np.arange(3.0), 5.0), np.exp(-apart / 10_000.0))
    h, prior = h.reshape(10, 36), np.full(36, 3.0)
    scale = (h @ prior)[:, None]
    full_h = np.hstack([h, scale])
    full_b = np.pad(b, (0, 1))
    full_b[36, 36] = 0.1**2
    r = 0.3**2 * np.eye(10) + 1.5**2 * exponential(hours.astype(float), 4.0)
    mean, covariance = solve_dense(full_h, np.append(prior, 0.0), full_b, got["ppm"] - 420.0, r)
    area = got["prior"]["cell_area"].values.ravel()
    sin2 = np.sin(np.deg2rad(51.15)) ** 2
    east_radius = 6_378_137.0 / np.sqrt(1.0 - 0.00669438 * sin2)  # WGS 84
    north_radius = 6_378_137.0 * (1.0 - 0.00669438) / (1.0 - 0.00669438 * sin2) ** 1.5
    box = np.deg2rad(0.3) * np.deg2rad(0.4) * np.cos(np.deg2rad(51.15))
    assert area.sum() == pytest.approx(box * east_radius * north_radius, rel=1e-5)
    weights = np.concatenate([np.zeros(12), np.tile(area * KG_PER_UMOL / 2.0, 2), [0.0]])
    check_total(got["posterior"], "all", "fossil", mean, covariance, weights)
    assert_allclose(got["posterior"]["flux"].values.ravel(), mean[:36], rtol=1e-8)


def test_a_prior_and_inventory_table_of_ones_own(ran):
    got = ran["c"]
    seconds, sectors, regions = 30 * 86400.0, ["power", "road"], ["east", "west"]
    rate, sd = np.zeros((2, 2)), np.zeros((2, 2))
    for row in csv.DictReader(got["path"].open(encoding="utf-8")):
        place = sectors.index(row["sector"]), regions.index(row["region"])
        rate[place] = float(row["total_t"]) * 1000.0 / seconds
        sd[place] = rate[place] * float(row["standard_deviation_percent"]) / 100.0
    area = np.tile([5e8, 9e8], 2) * KG_PER_UMOL
    h = got["sensitivity"].reshape(30, 4) / area
    common = np.kron([[1.0, 0.2], [0.2, 1.0]], np.eye(2))
    b = common * np.outer(sd.ravel(), sd.ravel())
    mean, covariance = solve_dense(h, rate.ravel(), b, got["ppm"] - 420.0, np.eye(30))
    posterior, inventory = got["posterior"], got["inventory"]
    check_total(posterior, "east", "power", mean, covariance, np.array([1.0, 0, 0, 0]))
    check_total(posterior, "west", "all", mean, covariance, np.array([0, 1.0, 0, 1.0]))
    check_total(posterior, "all", "all", mean, covariance, np.ones(4))
    assert_allclose(inventory["total"].sel(region="all", sector="all").item(), rate.sum())
    assert_allclose(
        inventory["standard_deviation"].sel(region="all", sector="road").item(), sd[1].sum()
    )


def test_observations_of_ones_own(ran):
    got = ran["d"]
    wanted = [k for k in range(72) if 12 <= k % 24 < 17]
    seen = got["seen"]
    assert seen.sizes["obs"] == len(wanted) == 15
    values = np.round(425.0 + 5.0 * np.sin(np.array(wanted)), 2)
    assert_allclose(seen["mole_fraction"].values, values)
    utc = np.datetime64("2025-06-01T00:00") + (np.array(wanted) - 8) * np.timedelta64(1, "h")
    assert (seen["time"].values == utc).all()
    h = np.column_stack([np.full(15, 0.8), np.ones(15)])
    b, r = np.diag([9.0, 1.0]), 0.3**2 * np.eye(15)
    mean, covariance = solve_dense(h, np.array([4.0, 0.0]), b, values - 420.0, r)
    check_total(
        got["posterior"], "city", "fossil", mean, covariance, np.array([1e9 * KG_PER_UMOL, 0.0])
    )
    assert got["read"].files[0]["missing"] == 1
    assert got["read"].quarantine == []


BAD = {
    "a transposed Jacobian": (
        "a",
        "prior, sensitivity, ",
        "prior, sensitivity.T, ",
        r"sensitivity must have the axes \(obs, sector, period, region\) = \(12, 1, 4, 2\); got "
        r"\(2, 4, 1, 12\) .* use numpy.transpose\(..., \(3, 2, 1, 0\)\)",
    ),
    "a Jacobian in an unknown unit": (
        "a",
        "ppm/(kg s-1)",
        "ppm/(Gg yr-1)",
        r"unit of a footprint must be one of .*got 'ppm/\(Gg yr-1\)'.* Declare the unit .*kg s-1",
    ),
    "rows out of order": (
        "a",
        "np.arange(0, 96, 8)",
        "np.arange(88, -1, -8)",
        r"rows must be sorted by receptor, then start, .*Sort with numpy.lexsort",
    ),
    "a flux with too few axes": (
        "a",
        "own.prior(state, flux, sd,",
        "own.prior(state, flux[0], sd,",
        r"flux must have the axes \(sector, period, region\) = \(1, 4, 2\).*Reshape it to 3 axes",
    ),
    "a standard deviation per cent of nothing": (
        "a",
        "np.full((1, 4, 2), 2.0)",
        "np.full((1, 4, 2), -2.0)",
        r"standard_deviation must be >= 0; got -2 .*square root of the variance",
    ),
    "a length where regions need a matrix": (
        "a",
        "place=np.eye(2)",
        "place=10.0",
        r"place must be a matrix \(region, region\); got 0 axes .*numpy.eye",
    ),
    "correlations above one": (
        "a",
        "place=np.eye(2)",
        "place=2.0 * np.eye(2)",
        r"variable 'region_correlation': expected values in \[-1, 1\]; found 0.0..2.0",
    ),
    "an unknown receptor": (
        "a",
        '{"TWR": (51.0',
        '{"TRW": (51.0',
        r"every receptor must have a place; got none for \['TWR'\] among \['TRW'\]",
    ),
    "a footprint in an unknown unit": (
        "b",
        "ppm/(umol m-2 s-1)",
        "s m3 kg-1",
        r"unit of a footprint must be one of \[.*m2 s mol-1.*\]; got 's m3 kg-1'. Declare",
    ),
    "a footprint with NaN": (
        "b",
        "rng.exponential(0.02, (10, 24, 3, 4))",
        "np.full((10, 24, 3, 4), np.nan)",
        r"sensitivity must hold finite numbers; got 2880 .* at obs 0, lag 0, latitude 0, longitude",
    ),
    "a footprint filled with -999": (
        "b",
        "rng.exponential(0.02, (10, 24, 3, 4))",
        "np.full((10, 24, 3, 4), -999.0)",
        r"sensitivity must be >= 0; got 2880 negative .*how missing values are written",
    ),
    "a footprint with columns before rows": (
        "b",
        "own.footprints(observations, sensitivity,",
        "own.footprints(observations, sensitivity.swapaxes(2, 3),",
        r"sensitivity must have the axes \(obs, lag, latitude, longitude\).*numpy.transpose",
    ),
    "a table row of an unknown region": (
        "c",
        "west,road,2025",
        "vest,road,2025",
        r"sectors and regions of the table must be those of the run; .*regions \['vest'\]",
    ),
    "a table without a declared error": (
        "c",
        "100000,20,",
        "100000,,",
        r"standard_deviation must hold finite numbers; got 1 .* sector 0, period 0, region 1",
    ),
    "a table of another month": (
        "c",
        "west,road,2025-06-01,2025-07-01",
        "west,road,2025-07-01,2025-08-01",
        r"the table's periods must cover the batch .*got 0.000 of it for west, road",
    ),
    "a time written otherwise": (
        "d",
        '"%Y-%m-%dT%H:%M"',
        '"%d.%m.%Y %H:%M"',
        r"at least one readable row; .*twr.csv, line 2: got .*Check `time_format`",
    ),
    "ppb read as ppm": (
        "d",
        "{425 + 5 * np.sin(k)",
        "{425e3 + 5 * np.sin(k)",
        r"line 2: got 72 of 72 values outside.*values of CO2 within 250 to 2000.*Check `unit`",
    ),
    "a station without its scale": (
        "d",
        '"calibration_scale": "WMO-CO2-X2019", ',
        "",
        r"an entry must describe the station; got 1 problem.*TWR: calibration_scale: Field required",
    ),
    "a scale of another gas": (
        "d",
        '"WMO-CO2-X2019"',
        '"WMO-CH4-X2004A"',
        r"the calibration scale must be one of CO2; got WMO-CH4-X2004A in station TWR",
    ),
}


@pytest.mark.parametrize("fault", sorted(BAD))
def test_a_corrupted_input_says_what_to_change(fault):
    letter, old, new, message = BAD[fault]
    with pytest.raises((ValueError, ContractError), match=re.compile(message, re.DOTALL)):
        run(corrupted(letter, old, new))


def test_an_undeclared_missing_value_goes_to_the_quarantine_with_advice():
    got = run(corrupted("d", "{425 + 5 *", "{-999 if k == 13 else 425 + 5 *"))
    (bad,) = got["read"].quarantine
    assert (bad["line"], bad["code"], bad["found"]) == (15, "out_of_gate", "-999")
    assert "declare it under `missing`" in bad["hint"]
    assert got["seen"].sizes["obs"] == 14


def test_missing_columns_are_named(ran):
    got = ran["a"]
    table = {name: got["table"][name] for name in ("receptor", "start", "mole_fraction")}
    with pytest.raises(ValueError, match="got no end, error in own_observations"):
        got["own"].observations(table, {}, "ppm", got["state"].gas, True)


def test_a_value_that_is_no_air_is_refused(ran):
    got = ran["a"]
    table = {**got["table"], "mole_fraction": np.where(np.arange(12) == 3, -999.0, 420.0)}
    with pytest.raises(ValueError, match="got 1 outside, the first -999 in row 3 of the table"):
        got["own"].observations(table, {"TWR": (51, 0, 0, 9)}, "ppm", got["state"].gas, True)


def test_periods_on_a_grid_are_whole_hours(ran):
    got = ran["b"]
    half = got["state"].period_bounds + np.timedelta64(30, "m")
    with pytest.raises(ValueError, match="must begin and end on whole hours"):
        got["own"].State({"f": "inventory"}, half, got["grid"], got["own"].Gas(), "T", True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"sectors": {"fossil": "fuel"}},
            r"sectors must have a kind of .*got \{'fossil': 'fuel'\}",
        ),
        ({"sectors": {}}, "got none in OwnState"),
        ({"period_bounds": ["2025-06-01"]}, r"must have the axes \(period, 2\)"),
        ({"apart": ["sea"]}, r"must name regions of the state; got \['sea'\]"),
    ],
)
def test_a_state_that_cannot_be_is_refused(ran, changes, message):
    own, state = ran["a"]["own"], vars(ran["a"]["state"])
    with pytest.raises(ValueError, match=message):
        own.State(**{**state, **changes})


def test_regions_apart_groups_and_outlines_reach_the_posterior(ran):
    got = ran["a"]
    own, state = got["own"], vars(got["state"])
    ring = "POLYGON ((0 51, 1 51, 1 52, 0 51))"
    groups = {"both": ["north", "south"]}
    state = own.State(
        **{**state, "apart": ["south"], "groups": groups, "outlines": {"north": ring}}
    )
    prior = own.prior(state, got["flux"], got["sd"], "umol m-2 s-1")
    assert prior["region_outline"].values.tolist() == [ring, ""]
    posterior = own.solve({**got["datasets"], "prior": prior}, got["sections"])
    rate = dict(
        zip(
            zip(posterior["total_region"].values, posterior["total_sector"].values, strict=True),
            posterior["total"].values,
            strict=True,
        )
    )
    assert posterior.attrs["regions_apart"] == '["south", "both"]'
    assert rate["all", "all"] == pytest.approx(rate["north", "all"])
    assert rate["both", "all"] == pytest.approx(rate["north", "all"] + rate["south", "all"])


def test_a_whole_covariance_equals_its_factors(ran):
    got = ran["a"]
    b = np.kron(exponential(np.arange(4.0), 3.0), np.eye(2)) * 2.0**2
    whole = got["own"].whole_prior_covariance(got["prior"], b, declared={})
    posterior = got["own"].solve({**got["datasets"], "prior_covariance": whole}, got["sections"])
    assert_allclose(posterior["total"].values, got["posterior"]["total"].values, rtol=1e-9)
    with pytest.raises(ValueError, match=r"covariance must have the axes \(state, state_2\)"):
        got["own"].whole_prior_covariance(got["prior"], b[:4, :4], declared={})


def test_a_whole_mismatch_equals_its_terms(ran):
    got = ran["b"]
    hours = np.arange(2, 48, 5).astype(float)
    r = 0.3**2 * np.eye(10) + 1.5**2 * exponential(hours, 4.0)
    whole = got["own"].mismatch(got["observations"], [], covariance=r)
    sections = got["own"].sections("CO2", 0.1, 0.0)
    posterior = got["own"].solve({**got["datasets"], "mismatch": whole}, sections)
    assert_allclose(posterior["total"].values, got["posterior"]["total"].values, rtol=1e-9)


def test_a_time_integrated_footprint_acts_on_the_period_of_its_observation(ran):
    got = ran["b"]
    summed = got["sensitivity"].sum(axis=1)
    footprints = got["own"].footprints(got["observations"], summed, got["grid"], "m2 s mol-1")
    jacobian = got["own"].jacobian_of_footprints(got["observations"], [footprints], got["prior"])
    assert_allclose(jacobian["sensitivity_inside"].values[:, 0], summed.sum(axis=(1, 2)))
    assert set((jacobian["state_index"].values // 12).tolist()) == {1, 2}


def test_declared_totals_are_met(ran):
    got = ran["c"]
    own, prior = got["own"], got["prior"]
    covariance = own.prior_covariance(
        prior, 0.2, time=1.0, place=np.eye(2), declared={("all", "all"): 90.0}
    )
    sections = own.sections("CO2", 0.0, 0.0)
    posterior = own.solve({**got["datasets"], "prior_covariance": covariance}, sections)
    names = zip(posterior["total_region"].values, posterior["total_sector"].values, strict=True)
    at = list(names).index(("all", "all"))
    assert posterior["total_prior_covariance"].values[at, at] ** 0.5 == pytest.approx(90.0)


def test_own_datasets_survive_their_files(ran, tmp_path):
    for letter, got in ran.items():
        for name, dataset in got["datasets"].items():
            write_dataset(dataset, tmp_path / f"{letter}.nc", name, Provenance())
            read_dataset(tmp_path / f"{letter}.nc", name)

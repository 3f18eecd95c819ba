"""The datasets of the New Zealand case against the check values handed over with its files."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import shapely

from contracts.datasets import check_dataset
from contracts.periods import batch_period
from contracts.settings.load import load_settings
from contracts.settings.problem import ProblemSettings
from inversion.published import problems_of, read_problem, require_batch
from inversion.published.new_zealand_files import read_files
from inversion.published.new_zealand_observations import REFERENCE_DENSITY
from inversion.published.new_zealand_parts import parts_of_months
from inversion.published.new_zealand_prior import effective_prior, yearly_sums
from inversion.published.new_zealand_transport import shares_of_parts, teragrams_per_flux

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
CASE = DATA / "cases" / "new_zealand"
CITIES = ROOT / "config" / "cities"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not CASE.is_dir(), reason=f"no folder {CASE}: set CITYFLUX_DATA"),
]


def near(found, *expected):
    """Compare to the digits that the check value shows."""
    for one, text in zip(np.atleast_1d(found), expected, strict=True):
        digits = len(text.lower().split("e")[0].replace("-", "").replace(".", "").lstrip("0"))
        assert f"{one:.{digits - 1}e}" == f"{float(text):.{digits - 1}e}", (one, text)


@pytest.fixture(scope="module")
def files():
    return read_files(CASE)


@pytest.fixture(scope="module")
def problem():
    return read_problem(load_settings(CITIES / "new_zealand.yaml").problem, CASE)


@pytest.fixture(scope="module")
def numbers(problem):
    """Return observations in ppm and g m-3, split by site where indexed by it."""
    observations, background = problem["observations"], problem["background"]
    kappa = observations["density_per_ppm"].to_numpy()
    fossil = problem["jacobian"]["fixed_mole_fraction"].to_numpy()
    base = background["background"].to_numpy()
    value = observations["mole_fraction"].to_numpy()
    sigma = observations["instrument_error"].to_numpy()
    return {
        "X": value,
        "baseline": base,
        "fossil": fossil,
        "anomaly": value - base - fossil,
        "sigma_ppm": sigma,
        "kappa": kappa,
        "y": kappa * (value - base - fossil),
        "sigma": kappa * sigma,
        "site": observations["receptor_index"].to_numpy(),
        "time": observations["time"].to_numpy(),
    }


def by_site(numbers, name, function=np.mean):
    return [function(numbers[name][numbers["site"] == site]) for site in (0, 1)]


def test_all_datasets_keep_their_contracts(problem):
    for name, dataset in problem.items():
        check_dataset(dataset, name)
    settings = load_settings(CITIES / "new_zealand.yaml")
    require_batch(problem, batch_period(settings.time, "2011-2013"))
    assert problems_of(settings.problem, CASE) == []


def test_counts_of_step_1_2_5_and_7(problem):
    counts = json.loads(problem["observations"].attrs["counts"])
    assert counts["days"] == 1096
    assert (counts["days_standard_time"], counts["days_daylight_saving"]) == (532, 564)
    sites = [counts["values"][site] for site in ("BHD", "LAU")]
    assert [site["finite"] for site in sites] == [897, 954]
    assert [site["finite"] - site["standard_deviation_missing"] for site in sites] == [884, 953]
    assert [site["standard_deviation_raised_to_floor"] for site in sites] == [530, 242]
    assert [site["standard_deviation_missing"] for site in sites] == [13, 1]
    assert counts["kept"] == 1851 == sum(counts["kept_by_receptor"].values())
    assert counts["kept"] + counts["dropped"]["missing"] == 2 * 1096
    assert counts["sites_switched_off"] == ["RBM"]


def test_means_in_ppm_of_steps_2_to_7(numbers):
    raw = numbers["X"].copy()
    for site, (a, b) in enumerate(((1.00286417, -1.15254309), (0.99904604, 0.45969191))):
        raw[numbers["site"] == site] = (raw[numbers["site"] == site] - b) / a
    near(by_site(numbers | {"raw": raw}, "raw"), "390.062252", "389.1791824")
    near(by_site(numbers, "X"), "390.0269135", "389.2676129")
    near(by_site(numbers, "baseline"), "390.0020054", "390.0586282")
    near(by_site(numbers, "fossil"), "0.1361918791", "0.08833000617")
    near(by_site(numbers, "anomaly"), "-0.111283831", "-0.8793452966")
    near(by_site(numbers, "anomaly", np.min), "-9.6870", "-13.9686")
    near(by_site(numbers, "anomaly", np.max), "31.5056", "28.2063")
    near(by_site(numbers, "sigma_ppm"), "1.798121001", "2.189133264")
    floor = [int((by == 2.9 * 0.4).sum()) for by in by_site(numbers, "sigma_ppm", np.array)]
    assert floor == [530, 242]
    assert [int((by == 10.0).sum()) for by in by_site(numbers, "sigma_ppm", np.array)] == [13, 1]


def test_vectors_of_steps_8_and_9(numbers):
    near(by_site(numbers, "kappa"), "1.859745951e-3", "1.774865119e-3")
    y, sigma = numbers["y"], numbers["sigma"]
    near(y.mean(), "-8.653155567e-4")
    near(np.linalg.norm(y), "0.3008810118")
    near(sigma.mean(), "3.626991628e-3")
    near(np.mean(sigma**2), "2.186725115e-5")
    near(np.sum(1 / sigma**2), "2.70587013e8")
    near(
        y[[0, 1, 897, 898]],
        "-1.129121995e-3",
        "-3.617970653e-3",
        "-4.625039589e-3",
        "-2.079641746e-4",
    )
    near(
        sigma[[0, 1, 897, 898]],
        "2.153930662e-3",
        "2.118516638e-3",
        "4.148450791e-3",
        "1.972964529e-3",
    )
    local = numbers["time"] + np.timedelta64(12, "h")
    year = local.astype("datetime64[Y]").astype(int) + 1970
    found = [
        [int(((numbers["site"] == s) & (year == y)).sum()) for y in (2011, 2012, 2013)]
        for s in (0, 1)
    ]
    assert found == [[325, 302, 270], [353, 322, 279]]


def test_hours_are_standard_time_and_those_of_the_published_code(numbers):
    hour = (numbers["time"] + np.timedelta64(12, "h")).astype("datetime64[h]").astype(int) % 24
    assert set(hour.tolist()) == {13, 14}


def test_parts_of_months():
    parts = parts_of_months()
    part = parts.of_day(np.arange(1, 1097))
    held = np.bincount(part)
    assert (len(held), (held == 7).sum(), (held == 8).sum()) == (144, 56, 88)
    assert held[:16].tolist() == [7, 8, 8, 8, 7, 7, 7, 7, 7, 8, 8, 8, 7, 8, 7, 8]
    for year in (2011, 2012, 2013):
        assert parts.year_share[parts.year == year].sum() == pytest.approx(1.0, abs=1e-14)
    assert str(parts.bounds[0, 0]) == "2010-12-31T12:00:00.000000000"
    assert str(parts.bounds[0, 1]) == "2011-01-08T06:00:00.000000000"
    assert str(parts.bounds[-1, 1]) == "2013-12-31T12:00:00.000000000"
    number = np.array([len(shares_of_parts(day, parts)[0]) for day in range(1096)])
    assert ((number == 1).sum(), (number == 2).sum()) == (524, 572)


@pytest.fixture(scope="module")
def operator(problem, files, numbers):
    """Return G [g m-3 / (Tg yr-1)], its rows, columns (part, region), and s0 in that order."""
    jacobian = problem["jacobian"]
    rows = np.repeat(np.arange(1851), np.diff(jacobian["row_start"].to_numpy()))
    index = jacobian["state_index"].to_numpy()
    per_flux = teragrams_per_flux(parts_of_months(), files.area).ravel()
    G = jacobian["sensitivity"].to_numpy() / per_flux[index] * numbers["kappa"][rows]
    s0 = problem["prior"]["published_flux"].to_numpy().ravel() * per_flux
    u = problem["prior"]["published_flux_standard_deviation"].to_numpy().ravel() * per_flux
    return rows, index, G, s0, u


def test_transport_operator(problem, operator):
    rows, _, G, _, _ = operator
    counts = json.loads(problem["jacobian"].attrs["counts"])
    assert (counts["observations_in_one_part"], counts["observations_in_two_parts"]) == (888, 963)
    assert len(G) == counts["nonzeros"] == 44082
    near(np.linalg.norm(G), "0.7309501929")
    near(
        [np.linalg.norm(G[rows < 897]), np.linalg.norm(G[rows >= 897])],
        "7.587879551e-3",
        "0.7309108075",
    )
    near(np.abs(G).sum(), "1.423927836")
    largest = np.zeros(1851)
    np.maximum.at(largest, rows, np.abs(G))
    near(np.median(largest), "5.052286e-5")


def test_the_two_extreme_responses(files):
    day = (
        np.array(["2012-09-23", "2013-04-19"], dtype="datetime64[D]") - np.datetime64("2011-01-01")
    ).astype(int)
    assert files.names[13] == "Local LAU"
    near(files.response[13, day[1], 1], "-0.8810")
    largest = np.sort(np.abs(files.response[:, :, 1]).max(axis=0))[-2:]
    np.testing.assert_array_equal(np.sort(np.abs(files.response[13, day, 1])), largest)


def test_blocks_of_the_stacked_matrix(numbers, operator):
    rows, index, G, _, u = operator
    offset = 1e-4 * REFERENCE_DENSITY
    near(offset, "1.796205599e-7")
    observed = np.sum((G * u[index] / numbers["sigma"][rows]) ** 2)
    near(np.sqrt(observed + np.sum((offset / numbers["sigma"]) ** 2)), "7143.621586")


def test_offsets_are_constant_in_grams(problem, numbers):
    pattern = problem["background"]["background_pattern"].to_numpy()
    grams = pattern * numbers["kappa"][:, None] / REFERENCE_DENSITY
    expected = (numbers["site"][:, None] == np.arange(3)).astype(float)
    np.testing.assert_allclose(grams, expected, rtol=1e-14)
    assert (problem["background"]["parameter_standard_deviation"].to_numpy() == 1e-4).all()


def test_prior_of_the_file(files, operator, numbers):
    rows, index, G, s0, _ = operator
    near(files.prior.sum(), "-98202.96413")
    near(np.sqrt(np.mean(files.prior_sd**2)), "425.0943049")
    np.testing.assert_allclose(s0, files.prior.T.ravel(), rtol=1e-14)
    modelled = np.bincount(rows, G * s0[index], minlength=1851)
    near(modelled.mean(), "-2.412294504e-4")
    near(np.linalg.norm(modelled), "0.2161757968")
    near(by_site(numbers | {"m": modelled}, "m"), "-1.529730727e-4", "-3.242126484e-4")


def test_extra_equations(files):
    near(files.area[0], "2.04595e10")
    near(5e-9 * files.area[0], "102.2975")
    parts = parts_of_months()
    rows, sums, deviation = yearly_sums(20, files.prior[19], parts)
    assert rows.shape == (3, 144)
    near(sums / 48, "-107.168858", "-107.577735", "-107.986611")
    np.testing.assert_allclose(deviation, 10 * np.abs(sums))
    assert yearly_sums(16, files.prior[15], parts)[2].tolist() == [48_000.0] * 3


def test_norms_of_the_extra_equations(files):
    smooth = 5e-9 * files.area
    near(smooth.sum(), "50768.79933")
    u2 = files.prior_sd**2
    near(np.sqrt(np.sum((u2 + np.roll(u2, -1, axis=1)) / smooth[:, None] ** 2)), "64.15676781")
    total = 0.0
    for number in (16, *range(20, 26)):
        rows, _, deviation = yearly_sums(number, files.prior[number - 1], parts_of_months())
        total += np.sum((rows / deviation[:, None]) ** 2 * u2[number - 1])
    near(np.sqrt(total), "0.5278550731")


def test_the_effective_prior_solves_its_equations(files):
    """Without extra equations it is the file's; with them the quadratic is least at its mean."""
    parts = parts_of_months()
    mean, covariance = effective_prior(files, parts)

    def cost(region, s):
        value = np.sum(((s - files.prior[region]) / files.prior_sd[region]) ** 2)
        value += np.sum((s - np.roll(s, -1)) ** 2) / (5e-9 * files.area[region]) ** 2
        if region + 1 in {16, *range(20, 26)}:
            for year in range(3):
                block = slice(48 * year, 48 * (year + 1))
                m = files.prior[region, block].mean()
                v = 1000.0 if region == 15 else 10 * abs(m)
                value += (s[block].sum() - 48 * m) ** 2 / (48 * v) ** 2
        return value

    rng = np.random.default_rng(3)
    for region in (0, 13, 15, 19):
        step = rng.standard_normal(144) * files.prior_sd[region]
        least = cost(region, mean[region])
        up, down = cost(region, mean[region] + step), cost(region, mean[region] - step)
        curvature = step @ np.linalg.solve(covariance[region], step)
        assert up - least == pytest.approx(curvature, rel=1e-7)
        assert up == pytest.approx(down, rel=1e-9)
    assert (np.diagonal(covariance, axis1=1, axis2=2) < files.prior_sd**2).all()


def test_covariance_order_is_part_then_region(problem, files):
    parts = parts_of_months()
    _, covariance = effective_prior(files, parts)
    per_flux = teragrams_per_flux(parts, files.area)
    whole = problem["prior_covariance"]["covariance"].to_numpy().reshape(144, 25, 144, 25)
    assert whole[3, 7, 4, 7] == covariance[7, 3, 4] / (per_flux[3, 7] * per_flux[4, 7])
    assert not whole[:, 7, :, 8].any()


def test_regions_and_groups(problem):
    prior = problem["prior"]
    assert prior["region_inside"].to_numpy().tolist() == [1] * 15 + [0] * 10
    weight = dict(zip(prior["group"].to_numpy(), prior["group_weight"].to_numpy(), strict=True))
    assert np.flatnonzero(weight["coastal"]).tolist() == [16, 17, 18]
    np.testing.assert_array_equal(weight["land"], weight["north_island"] + weight["south_island"])


def test_outlines_are_the_cells_of_the_map(problem, files):
    shapes = shapely.from_wkt(problem["prior"]["region_outline"].to_numpy().astype(str))
    assert shapely.is_valid(shapes).all()
    cells = np.bincount(files.region_index.ravel(), minlength=26)[1:]
    np.testing.assert_allclose(shapely.area(shapes) / 0.01, cells, rtol=1e-9)
    assert shapely.area(shapely.unary_union(shapes)) == pytest.approx(39.1 * 27.5)
    points = shapely.points([174.871, 169.684], [-41.408, -45.038])
    inside = [
        [name for name, shape in zip(files.names, shapes, strict=True) if shape.covers(p)]
        for p in points
    ]
    assert inside[1] == ["Local LAU"]
    coordinates = shapely.get_coordinates(shapes)
    np.testing.assert_allclose(coordinates * 20, np.rint(coordinates * 20), atol=1e-9)


def test_the_other_reading_of_daylight_saving():
    settings = load_settings(CITIES / "new_zealand_standard_time.yaml")
    observations = read_problem(settings.problem, CASE)["observations"]
    counts = json.loads(observations.attrs["counts"])
    assert counts["kept_by_receptor"] == {"BHD": 896, "LAU": 953}
    hour = observations["time"].to_numpy().astype("datetime64[h]").astype(int) % 24
    assert set(hour.tolist()) == {0, 1}


def test_dropped_responses_are_counted():
    section = ProblemSettings(
        reader="new_zealand", folder=str(CASE), options={"extreme_responses": "drop"}
    )
    counts = json.loads(read_problem(section, CASE)["observations"].attrs["counts"])
    assert counts["dropped"] == {"missing": 341, "extreme_response": 2}
    assert counts["kept"] == 1849

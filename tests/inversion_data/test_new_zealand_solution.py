"""New Zealand solved by the product, against the stacked solution of all equations written here."""

import os
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import scipy.linalg

from contracts.datasets import check_dataset
from contracts.settings.load import load_settings
from inversion.published import MEASURE_COLUMNS, published_measures, read_problem
from inversion.published.new_zealand_measures import published_variance_of
from inversion.solve import solve_batch, solve_problem

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
CASE = DATA / "cases" / "new_zealand"
SECONDS_TO_TG = 1e-9  # kg to Tg
GROUPS = {
    "all": range(15),
    "land": range(15),
    "north_island": range(8),
    "south_island": range(8, 15),
    "coastal": range(16, 19),
    "ocean": range(19, 25),
}
YEARS = ("2011", "2012", "2013")

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not CASE.is_dir(), reason=f"no folder {CASE}: set CITYFLUX_DATA"),
]


# --- the witness: straight from the MATLAB files, region-major, g m-3 and Tg a year -------------


def struct(file, name):
    return scipy.io.loadmat(CASE / file, squeeze_me=True, struct_as_record=False)[name]


class Witness:
    """All 5472 equations for 3603 unknowns, solved as one least squares problem."""

    def __init__(self):
        lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        lengths = lengths + [31, 29] + lengths[2:] + lengths
        length = [month / 4 for month in lengths for _ in range(4)]
        ends = np.cumsum(length)
        self.week = [next(w for w in range(144) if day <= ends[w]) for day in range(1, 1097)]
        self.share = np.array(
            [span / (366 if 48 <= w < 96 else 365) for w, span in enumerate(length)]
        )
        self.y, self.sigma, self.day, self.site = self.observations()
        self.G = self.responses()
        prior = struct("Priors/RegionPrior_scalingFac_monthly_newUnc_1113.mat", "regprior")
        self.s0, self.u = prior.scaleFac_Tak_wi.ravel(), prior.scaleFacUnc_Tak_wi.ravel()
        self.area = struct("NAMEgrid.mat", "NAMEgrid").regarea
        offset = 1e-4 * 1e-6 * (44.01 / 8.31) * 97000 / 286
        self.x0 = np.concatenate([self.s0, np.zeros(3)])
        self.sd0 = np.concatenate([self.u, np.full(3, offset)])
        self.extra()
        H = np.vstack([self.G, self.D, self.A])
        b = np.concatenate([self.y, np.zeros(3600), self.held])
        v = np.concatenate([self.sigma, self.smooth, self.held_sd])
        K = H / v[:, None] * self.sd0
        self.norms = [np.linalg.norm(part) for part in np.split(K, [1851, 5451])]
        right = K.T @ ((b - H @ self.x0) / v)
        self.factor = scipy.linalg.cholesky(np.eye(3603) + K.T @ K, lower=True)
        self.x = self.x0 + self.sd0 * scipy.linalg.cho_solve((self.factor, True), right)

    def observations(self):
        files = scipy.io.loadmat(CASE / "Observations/HourlyData_3sites_common_1113.mat")
        names = [str(name[0]) for name in files["Header3sites"].ravel()]
        table = files["Data3sites"]
        start, saving = (
            table[:, names.index("StartHour(NZST)")],
            table[:, names.index("Daylight Saving")],
        )
        table = table[((start == 13) & (saving == 0)) | ((start == 14) & (saving == 1))]
        baseline = struct("Observations/daily_NSbaseline_1113.mat", "bsl13h")
        fossil = struct("Observations/FossilResponse_1113.mat", "fresp13h")
        y, sigma, day, site = [], [], [], []
        columns = (("BHD: co2", "BHD: sd"), ("LAU: CO2_1", "LAU: Sigma_1"))
        scales = ((1.00286417, -1.15254309), (0.99904604, 0.45969191))
        for s, ((value, deviation), (a, b)) in enumerate(zip(columns, scales, strict=True)):
            for d in range(1096):
                X, sd = table[d, names.index(value)], table[d, names.index(deviation)]
                if np.isnan(X):
                    continue
                X = a * X + b - baseline.XbslWeight[d, s] - fossil.xfracL[d, s]
                tau = np.sqrt(sd**2 + baseline.XbslWeightSD[d, s] ** 2)
                tau = 10.0 if np.isnan(tau) else 2.9 * max(tau, 0.4)
                kappa = (44 / 8.31) * 1e-6 * fossil.presL[d, s] / (fossil.tempL[d, s] + 273.15)
                y.append(kappa * X)
                sigma.append(kappa * tau)
                day.append(d)
                site.append(s)
        return tuple(np.array(part) for part in (y, sigma, day, site))

    def responses(self):
        pattern = struct("GreensFun/GreensFun_1113.mat", "resp13h").priorPatt_wi
        G = np.zeros((len(self.y), 3603))
        for row, (d, s) in enumerate(zip(self.day, self.site, strict=True)):
            back = [self.week[k] for k in range(d - 4, d + 1) if k >= 0]
            for w in sorted(set(back)):
                G[row, np.arange(25) * 144 + w] = pattern[:, d, s] * back.count(w) / len(back)
            G[row, 3600 + s] = 1.0
        return G

    def extra(self):
        self.D = np.zeros((3600, 3603))
        rows = np.arange(3600)
        self.D[rows, rows] = 1.0
        self.D[rows, rows - rows % 144 + (rows + 1) % 144] = -1.0
        self.smooth = np.repeat(5e-9 * self.area, 144)
        self.A, self.held, self.held_sd = np.zeros((21, 3603)), np.zeros(21), np.zeros(21)
        held = [(region, year) for region in (16, 20, 21, 22, 23, 24, 25) for year in range(3)]
        for row, (region, year) in enumerate(held):
            weeks = slice((region - 1) * 144 + 48 * year, (region - 1) * 144 + 48 * (year + 1))
            mean = self.s0[weeks].mean()
            self.A[row, weeks] = 1.0
            self.held[row] = 48 * mean
            self.held_sd[row] = 48 * (1000.0 if region == 16 else 10 * abs(mean))

    def weights(self, regions, years):
        """Return weights of the mean annual flux of regions over years, (3603,)."""
        weights = np.zeros((25, 144))
        for year in years:
            weeks = slice(48 * year, 48 * (year + 1))
            weights[list(regions), weeks] = self.share[weeks] / len(years)
        return np.concatenate([weights.ravel(), np.zeros(3)])

    def covariance(self, columns):
        """Return W^T P W."""
        half = scipy.linalg.solve_triangular(self.factor, self.sd0[:, None] * columns, lower=True)
        return half.T @ half


@pytest.fixture(scope="module")
def witness():
    return Witness()


def solved(config):
    settings = load_settings(ROOT / "config" / "cities" / f"{config}.yaml")
    datasets = read_problem(settings.problem, CASE)
    posterior = solve_problem(datasets, settings)
    return settings, datasets, posterior


@pytest.fixture(scope="module")
def product():
    return solved("new_zealand")


@pytest.fixture(scope="module")
def dataset(product):
    settings, datasets, _ = product
    return solve_batch(datasets, settings)


@pytest.fixture(scope="module")
def rows(product):
    settings, datasets, posterior = product
    return published_measures(settings.problem, posterior, datasets)


def teragrams(prior):
    """Return Tg a year for the flux of each part and region, (part, region)."""
    days = np.repeat([365.0, 366.0, 365.0], 48)[:, None]
    return prior["region_area"].to_numpy() * 44.0095e-9 * days * 86400 * 1e-9


def value(rows, quantity, region="", period=""):
    (row,) = [
        row
        for row in rows
        if (row["quantity"], row["region"], row["period"]) == (quantity, region, period)
    ]
    return row


def test_the_witness_is_the_problem_of_the_rules(witness):
    assert len(witness.y) == 1851
    np.testing.assert_allclose(witness.norms, [7143.621586, 64.15676781, 0.5278550731], rtol=1e-9)


def test_the_posterior_keeps_its_contract(dataset):
    check_dataset(dataset, "posterior")
    assert dataset.attrs["n_state"] == 3600
    assert dataset.attrs["n_observations"] == 1851


def test_every_flux_is_that_of_the_stacked_solution(witness, product, dataset):
    prior = product[1]["prior"]
    flux = (dataset["flux"].to_numpy()[0] * teragrams(prior)).T.ravel()
    scale = np.abs(witness.x[:3600]).max()
    assert np.abs(flux - witness.x[:3600]).max() < 1e-8 * scale
    np.testing.assert_allclose(flux, witness.x[:3600], rtol=1e-8, atol=1e-8)


def test_every_standard_deviation_is_that_of_the_stacked_solution(witness, product):
    _, datasets, posterior = product
    before = posterior.prior_variance_of(np.eye(3600))
    white = posterior.whitened(np.eye(3600))
    after = (before - np.einsum("ij,ij->j", white, white)).reshape(144, 25)
    sd = (np.sqrt(after) * teragrams(datasets["prior"])).T.ravel()
    inverse = scipy.linalg.solve_triangular(witness.factor, np.diag(witness.sd0), lower=True)
    expected = np.sqrt(np.einsum("ij,ij->j", inverse, inverse))[:3600]
    np.testing.assert_allclose(sd, expected, rtol=1e-10)


def test_the_sites_offsets_are_those_of_the_stacked_solution(witness, dataset):
    per_ppm = 1e-6 * (44.01 / 8.31) * 97000 / 286
    mean = dataset["nuisance_mean"].to_numpy() * per_ppm
    sd = dataset["nuisance_standard_deviation"].to_numpy() * per_ppm
    expected = np.sqrt(np.diagonal(witness.covariance(np.eye(3603)[:, 3600:])))
    np.testing.assert_allclose(mean, witness.x[3600:], rtol=1e-6, atol=1e-20)
    np.testing.assert_allclose(sd, expected, rtol=1e-12)


def test_totals_by_region_and_year_are_those_of_the_stacked_solution(witness, product, dataset):
    names = product[1]["prior"]["region"].to_numpy().tolist()
    members = {name: [index] for index, name in enumerate(names)} | GROUPS
    length = np.diff(dataset["total_bounds"].to_numpy(), axis=1)[:, 0]
    scale = length / np.timedelta64(1, "s") * SECONDS_TO_TG
    total = dataset["total"].to_numpy() * scale
    sd = np.sqrt(np.diagonal(dataset["total_covariance"].to_numpy())) * scale
    columns = []
    for region, interval in zip(
        dataset["total_region"].to_numpy(), dataset["total_interval"].to_numpy(), strict=True
    ):
        years = range(3) if interval == "" else [YEARS.index(interval)]
        columns.append(witness.weights(members[region], years) * len(years))
    columns = np.array(columns).T
    assert columns.shape[1] == 31 * 3 * 4
    assert set(dataset["total_sector"].to_numpy()) == {"natural", "all", "net"}
    expected = np.sqrt(np.diagonal(witness.covariance(columns)))
    np.testing.assert_allclose(total, witness.x @ columns, rtol=1e-10)
    np.testing.assert_allclose(sd, expected, rtol=1e-10)


def test_the_fit_is_that_of_the_stacked_solution(witness, rows, dataset):
    before = np.sqrt(np.mean((witness.y - witness.G @ witness.x0) ** 2))
    residual = witness.y - witness.G @ witness.x
    squares = np.sum((residual / witness.sigma) ** 2)
    squares += np.sum(((witness.x[:3600] - witness.s0) / witness.u) ** 2)
    found = {name: value(rows, name)["value"] for name in ("misfit_prior", "misfit_posterior")}
    assert found["misfit_prior"] == pytest.approx(before, rel=1e-12)
    assert found["misfit_posterior"] == pytest.approx(np.sqrt(np.mean(residual**2)), rel=1e-9)
    assert value(rows, "reduced_chi_square")["value"] == pytest.approx(squares / 1851, rel=1e-9)
    own = value(rows, "reduced_chi_square_of_innovations")["value"]
    assert own == dataset.attrs["reduced_chi_square"]


def test_yearly_fluxes_and_their_two_standard_deviations(witness, rows):
    for year, name in enumerate(YEARS):
        weights = witness.weights(GROUPS["land"], [year])
        row = value(rows, "annual_flux", "land", name)
        assert row["value"] == pytest.approx(weights @ witness.x, rel=1e-8)
        full = np.sqrt(witness.covariance(weights[:, None])[0, 0])
        assert row["sd_full"] == pytest.approx(full, rel=1e-8)
        columns = np.zeros((3603, 180))
        for region in range(15):
            for week in range(48 * year, 48 * (year + 1)):
                month = (week - 48 * year) // 4
                columns[region * 144 + week, region * 12 + month] = witness.share[week]
        blocks = witness.covariance(columns).reshape(15, 12, 15, 12)
        variance = 0.0
        for r in range(15):
            variance += blocks[r, :, r, :].sum()
            for q in range(r):
                for m in range(12):
                    variance += 2 * blocks[r, m, q, : m + 1].sum()
        assert row["sd_as_published_code"] == pytest.approx(np.sqrt(variance), rel=1e-8)
        assert abs(row["sd_as_published_code"] / full - 1) > 1e-3


def test_a_mean_of_three_years_weighs_each_by_a_third(witness, rows):
    weights = witness.weights(GROUPS["land"], range(3))
    row = value(rows, "annual_flux", "land", "2011-2013")
    assert row["value"] == pytest.approx(weights @ witness.x, rel=1e-8)
    years = [value(rows, "annual_flux", "land", year)["value"] for year in YEARS]
    assert row["value"] == pytest.approx(np.mean(years), rel=1e-12)
    full = np.sqrt(witness.covariance(weights[:, None])[0, 0])
    assert row["sd_full"] == row["sd_as_published_code"] == pytest.approx(full, rel=1e-8)
    assert value(rows, "annual_flux", "ocean", "2011-2013")["sd_as_published_code"] is None


def test_the_prior_of_the_file_stands_beside_the_solution(rows):
    expected = {
        "land": (-80.65591070, -81.13754610, -13.19173271),
        "north_island": (-27.67242, -37.28979, -6.23167),
        "coastal": (-23.74099641, -23.74436382, -23.80796564),
        "ocean": (-600.1178596, -599.9497538, -601.1343713),
    }
    for region, values in expected.items():
        found = [value(rows, "annual_flux", region, year)["prior"] for year in YEARS]
        np.testing.assert_allclose(found, values, atol=5.1e-6 if "_" in region else 5.1e-8)
    deviations = [value(rows, "annual_flux", "land", year)["prior_sd"] for year in YEARS]
    np.testing.assert_allclose(deviations, (65.65070946, 65.63239737, 65.68188780), atol=5.1e-9)
    effective = value(rows, "effective_prior_annual_flux", "land", "2011")
    assert effective["value"] != effective["prior"]
    assert all(set(row) == set(MEASURE_COLUMNS) for row in rows)
    assert len(rows) == (25 + 5) * 4 * 2 + 5 + 3


def test_the_published_pattern_drops_what_the_rule_drops():
    """Two regions, two months: of the pair, only (later region, earlier month) blocks stay."""
    covariance = np.zeros((2, 2, 2, 2))
    weights = np.ones((2, 2))
    covariance[1, 0, 0, 1] = covariance[0, 1, 1, 0] = -5.0  # month of r before that of q: dropped
    assert published_variance_of(covariance, weights) == 0.0
    covariance[1, 1, 0, 0] = covariance[0, 0, 1, 1] = -5.0  # kept, and no variance any more
    assert published_variance_of(covariance, weights) == -10.0


def test_without_the_two_extreme_responses():
    _, datasets, posterior = solved("new_zealand_without_extremes")
    observations = datasets["observations"]
    assert observations.sizes["obs"] == 1849
    assert not {"LAU_2013-04-19", "LAU_2012-09-23"} & set(observations["obs_id"].to_numpy())
    per_flux = teragrams(datasets["prior"]).ravel()
    jacobian = datasets["jacobian"]
    density = np.repeat(
        observations["density_per_ppm"].to_numpy(), np.diff(jacobian["row_start"].to_numpy())
    )
    index = jacobian["state_index"].to_numpy()
    G = jacobian["sensitivity"].to_numpy() / per_flux[index] * density
    assert np.linalg.norm(G) == pytest.approx(0.0144698, abs=5.1e-8)
    sigma = observations["instrument_error"].to_numpy() * observations["density_per_ppm"].to_numpy()
    row = np.repeat(np.arange(1849), np.diff(jacobian["row_start"].to_numpy()))
    u = datasets["prior"]["published_flux_standard_deviation"].to_numpy().ravel() * per_flux
    offset = 1e-4 * 1e-6 * (44.01 / 8.31) * 97000 / 286
    norm = np.sqrt(np.sum((G * u[index] / sigma[row]) ** 2) + np.sum((offset / sigma) ** 2))
    assert norm == pytest.approx(223.517, abs=5.1e-4)
    assert np.isfinite(posterior.state_mean).all()

"""The prior carries the inventory's totals, its profiles keep means of 1, and refusals speak."""

import numpy as np
import pytest
from inventories_fakes import CODES, batch_totals, grid, inputs, proxies, rows

from contracts.grid import Grid
from inventories.disaggregate import spread_totals
from inventories.places import places_on_grid
from inventories.prior import build_prior
from inventories.profiles import hourly_profile, weekday_factors

MONTH = 30 * 86400.0


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return build_prior(inputs(tmp_path_factory.mktemp("prior")))


def test_totals_equal_the_inventory(result):
    totals = batch_totals(result.prior)
    expected = np.array([[3000.0, 500.0], [1000.0, 2500.0]]) * 1000.0 / MONTH
    np.testing.assert_allclose(totals[:2, :2], expected, rtol=1e-9)
    assert result.prior.attrs["total_error_max_relative"] <= 1e-9
    assert (result.prior["flux"].to_numpy()[:2] >= 0).all()


def test_the_margin_has_the_city_mean_intensity_of_the_proxy(result, tmp_path):
    import xarray as xr

    people = xr.open_dataset(proxies(tmp_path / "p.nc"))["population"].to_numpy()
    fraction = result.prior["region_fraction"].to_numpy()
    amount = result.prior["flux"].to_numpy()[0, 1] * result.prior["cell_area"].to_numpy()
    beyond = fraction[-1] == 1.0
    assert beyond.sum() > 10
    city = 3500e3 / MONTH / 44.0095e-9 / (people * (1 - fraction[-1])).sum()
    np.testing.assert_allclose(amount[beyond], city * people[beyond], rtol=1e-9)


def test_inside_a_district_amounts_are_proportional_to_the_proxy(result, tmp_path):
    import xarray as xr

    roads = xr.open_dataset(proxies(tmp_path / "p.nc"))["roads"].to_numpy()
    flux = result.prior["flux"].to_numpy()[1, 1]
    for fraction in result.prior["region_fraction"].to_numpy()[:2]:
        ratio = (flux / roads)[fraction == 1.0]
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)


def test_daily_profiles_have_mean_one_in_each_period(result):
    profile = result.prior["hourly_profile"].to_numpy().reshape(4, 31, 24)
    np.testing.assert_allclose(profile.mean(axis=2), 1.0, rtol=1e-14)
    # local midnight begins each period: the first six factors are the night's
    np.testing.assert_allclose(profile[0, 3, [0, 7, 20]], np.array([0.5, 1.5, 1.0]) / 1.125)
    assert (profile[2, :, :6] == 0).all()
    assert (profile[2, :, 6:18] == 2).all()


def test_weekdays_go_to_the_periods_with_mean_one_over_the_batch(result):
    flux = result.prior["flux"].to_numpy()[1, :, 2, 2]
    assert result.prior["period"].to_numpy()[1] == "2025-06-01"  # a Sunday
    np.testing.assert_allclose(flux[1] / flux[2], 0.7 / 1.1)
    np.testing.assert_allclose(flux[0] / flux[2], 0.8 / 1.1)  # spin-up: Saturday
    assert result.prior["period_in_batch"].to_numpy().tolist() == [0] + [1] * 30
    alone = result.prior["flux"].to_numpy()[0, :, 2, 2]
    np.testing.assert_allclose(alone, alone[0])


def test_partial_periods_keep_the_mean():
    bounds = np.array(
        [["2025-06-01T20", "2025-06-02T16"], ["2025-06-02T16", "2025-06-03T16"]], "datetime64[ns]"
    )
    found = hourly_profile(np.arange(24.0), bounds, 8.0, "x")
    np.testing.assert_allclose([found[:20].mean(), found[20:].mean()], 1.0)
    factor = weekday_factors([1, 2, 3, 4, 5, 6, 7], bounds, [1, 1], 8.0)
    np.testing.assert_allclose(factor @ [20, 24] / 44, 1.0)


def test_a_period_without_any_factor_is_refused():
    night = np.array([["2025-06-01T16", "2025-06-01T19"]], "datetime64[ns]")
    with pytest.raises(ValueError, match=r"not be 0 in every hour of a period; got 0 from .* gpp"):
        hourly_profile([0] * 6 + [1] * 18, night, 8.0, "gpp")


def test_deviations_follow_the_error_settings(tmp_path):
    errors = {
        "cell_relative": 0.5,
        "cell_relative_by_sector": {"gpp": 0.2},
        "cell_floor_umol_m2_s": 0.1,
    }
    prior = build_prior(inputs(tmp_path, errors=errors)).prior
    flux, deviation = (prior[n].to_numpy() for n in ("flux", "flux_standard_deviation"))
    np.testing.assert_allclose(deviation[0], np.hypot(0.5 * flux[0], 0.1))
    np.testing.assert_allclose(deviation[2], np.hypot(0.2 * flux[2], 0.1))


def test_human_respiration_is_the_known_amount(result):
    prior = result.prior
    people = (prior["fixed_flux"] * prior["cell_area"]).to_numpy() * 1e-6 * 12.011 * 86400 / 246
    assert 100 < people.min() < people.max() < 4100
    assert prior.attrs["fixed_name"] == "human_respiration"
    assert prior.attrs["fixed_relative_standard_deviation"] == 0.1
    assert (prior["fixed_hourly_profile"] == 1).all()


def test_without_people_the_fixed_part_is_zero(tmp_path):
    prior = build_prior(inputs(tmp_path, human_respiration=None)).prior
    assert (prior["fixed_flux"] == 0).all()
    assert prior.attrs["fixed_name"] == "none"


def test_declared_totals_are_shares_of_the_prior(result):
    covariance = result.prior_covariance
    declared = {
        (str(r), str(s)): float(sd)
        for r, s, sd in zip(
            covariance["declared_region"].to_numpy(),
            covariance["declared_sector"].to_numpy(),
            covariance["declared_standard_deviation"].to_numpy(),
            strict=True,
        )
    }
    per_month = 1000.0 / MONTH
    assert set(declared) == {
        ("all", "all"), ("110001", "all"), ("110002", "all"), ("all", "buildings"),
        ("all", "transport"), ("all", "gpp"), ("all", "respiration"),
    }  # fmt: skip
    np.testing.assert_allclose(declared["all", "all"], 0.2 * 7000 * per_month)
    np.testing.assert_allclose(declared["110002", "all"], 0.4 * 3000 * per_month)
    np.testing.assert_allclose(declared["all", "transport"], 0.35 * 3500 * per_month)
    gpp = batch_totals(result.prior)[2, :2].sum()
    np.testing.assert_allclose(declared["all", "gpp"], -0.3 * gpp)


def test_declared_totals_can_be_changed_and_switched_off(tmp_path):
    errors = {"declared": {"districts": {"110001": 1.0}, "sectors": {"transport": 0.1}}}
    covariance = build_prior(inputs(tmp_path, errors=errors)).prior_covariance
    np.testing.assert_allclose(
        covariance["declared_standard_deviation"].to_numpy()[[1, 4]],
        np.array([4000.0, 350.0]) * 1000 / MONTH,
    )
    off = build_prior(inputs(tmp_path, errors={"declared": {"enabled": False}})).prior_covariance
    assert off.sizes["declared"] == 0


def test_correlations_and_lengths_are_written(tmp_path):
    errors = {
        "sector_correlations": [{"sectors": ["gpp", "respiration"], "correlation": -0.3}],
        "spatial_efolding_km_by_sector": {"transport": 2.0},
    }
    covariance = build_prior(inputs(tmp_path, errors=errors)).prior_covariance
    matrix = covariance["sector_correlation"].to_numpy()
    assert matrix[2, 3] == matrix[3, 2] == -0.3
    assert np.trace(matrix) == 4.0
    assert covariance["spatial_efolding_m"].to_numpy().tolist() == [5000.0, 2000.0, 5000.0, 5000.0]


def test_the_inventory_holds_its_own_totals_and_deviations(result):
    inventory = result.inventory
    assert inventory["sector"].to_numpy().tolist() == ["buildings", "transport", "all"]
    assert inventory["region"].to_numpy().tolist() == [*CODES, "all"]
    total = inventory["total"].to_numpy()[:, 0] * MONTH / 1000.0
    np.testing.assert_allclose(total, [[3000, 1000, 4000], [500, 2500, 3000], [3500, 3500, 7000]])
    deviation = inventory["standard_deviation"].to_numpy()[:, 0] * MONTH / 1000.0
    np.testing.assert_allclose(deviation[:2, 0], [600, 100])
    np.testing.assert_allclose(deviation[2, :2], [700, 525])  # districts: fully correlated
    np.testing.assert_allclose(deviation[:, 2], np.hypot(deviation[:, 0], deviation[:, 1]))
    assert inventory.attrs["period_like"] == "yes"
    assert (inventory.attrs["scope"], inventory.attrs["gas"]) == ("1", "CO2")


def test_an_undeclared_deviation_stays_undeclared_in_every_sum(tmp_path):
    lines = [line.replace(",20,", ",,") if "110001" in line else line for line in rows()]
    deviation = build_prior(inputs(tmp_path, lines)).inventory["standard_deviation"].to_numpy()
    undeclared = np.isnan(deviation[:, 0])
    assert undeclared.tolist() == [[True, False, True], [False] * 3, [True, False, True]]


def test_given_totals_of_the_margin_are_met(tmp_path):
    extra = ["outside,buildings,2025-06-01,2025-07-01,77,,1,CO2,office"]
    totals = batch_totals(build_prior(inputs(tmp_path, rows() + extra)).prior)
    expected = np.array([3000, 500, 77.0]) * 1000 / MONTH
    np.testing.assert_allclose(totals[0], expected, rtol=1e-9)


def test_rows_of_other_scopes_gases_and_periods_are_counted(tmp_path):
    lines = rows() + rows(scope="2") + rows(gas="CH4")[:3] + rows("2025-07-01", "2025-08-01")[:2]
    attrs = build_prior(inputs(tmp_path, lines)).inventory.attrs
    assert attrs["rows_left_out"] == '{"another scope": 4, "another gas": 3, "another period": 2}'


def test_a_table_of_half_months_is_weighted_by_time(tmp_path):
    lines = rows("2025-06-01", "2025-06-11") + rows("2025-06-11", "2025-07-01")
    totals = batch_totals(build_prior(inputs(tmp_path, lines)).prior)
    np.testing.assert_allclose(totals[0, :2], 2 * np.array([3000, 500]) * 1000 / MONTH, rtol=1e-9)


def test_a_table_of_another_year_must_be_declared(tmp_path):
    old = rows("2024-06-01", "2024-07-01")
    with pytest.raises(ValueError, match=r"periods must cover the batch .* got 0.000 of it"):
        build_prior(inputs(tmp_path, old))
    result = build_prior(inputs(tmp_path, old, table_repeat="constant"))
    assert result.inventory.attrs["period_like"] == "no"
    np.testing.assert_allclose(batch_totals(result.prior)[0, 0], 3e6 / MONTH, rtol=1e-9)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (rows()[1:], r"every district must have a total of every sector; got none for 1: 110001"),
        ([*rows(), rows()[0].replace("buildings", "ships")], r"got sectors \['ships'\]"),
        ([*rows(), rows()[0].replace("110001", "110000")], r"regions \['110000'\]"),
        (rows("2025-06-01", "2025-06-20"), "must cover the batch .* got 0.633 of it"),
        (rows() + rows("2025-05-20", "2025-06-10"), "got 1.300 of it"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, lines, message):
    with pytest.raises(ValueError, match=message):
        build_prior(inputs(tmp_path, lines))


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ({"cell_relative_by_sector": {"ships": 1}}, "cell_relative_by_sector: ships"),
        ({"declared": {"districts": {"110009": 1}}}, "declared.districts: 110009"),
    ],
)
def test_error_settings_of_unknown_names_are_refused(tmp_path, errors, message):
    with pytest.raises(ValueError, match=message):
        build_prior(inputs(tmp_path, errors=errors))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"gpp": (np.ones((8, 10)), "umol m-2 s-1")},
            r"flux of gpp must be <= 0 .* got 2480 values",
        ),
        ({"respiration": (-np.ones((8, 10)), "umol m-2 s-1")}, "flux of respiration must be >= 0"),
        ({"gpp": (-np.ones((8, 10)), "g m-2 d-1")}, "unit of a flux field must be umol"),
        ({"roads": (np.zeros((8, 10)), "1")}, ">= 0 and not all 0; got roads"),
        ({"roads": (np.full((8, 10), np.nan), "1")}, "finite; got 80 other values in roads"),
    ],
)
def test_a_wrong_field_is_refused(tmp_path, change, message):
    made = inputs(tmp_path)
    proxies(tmp_path / "proxies.nc", **change)
    with pytest.raises(ValueError, match=message):
        build_prior(made)


def test_an_unknown_proxy_and_another_grid_are_refused(tmp_path):
    made = inputs(tmp_path)
    import xarray as xr

    with xr.open_dataset(tmp_path / "proxies.nc") as dataset:
        whole = dataset.load()
    whole.drop_vars("roads").to_netcdf(tmp_path / "proxies.nc")
    with pytest.raises(ValueError, match="one of gpp, population, respiration; got 'roads'"):
        build_prior(made)
    whole.transpose("easting", ...).to_netcdf(tmp_path / "proxies.nc")
    with pytest.raises(ValueError, match="a proxy must have dims"):
        build_prior(made)
    whole.isel(easting=slice(1, None)).to_netcdf(tmp_path / "proxies.nc")
    with pytest.raises(ValueError, match="proxies must lie on the run's grid"):
        build_prior(made)


def test_a_field_with_time_must_have_every_period(tmp_path):
    import xarray as xr

    made = inputs(tmp_path)
    with xr.open_dataset(tmp_path / "proxies.nc") as dataset:
        whole = dataset.load()
    days = np.datetime64("2025-05-30T16", "ns") + np.arange(31) * np.timedelta64(24, "h")
    daily = whole["gpp"].expand_dims(time=days) * xr.DataArray(np.arange(31), dims="time")
    daily.attrs = whole["gpp"].attrs
    whole.assign(gpp=daily).to_netcdf(tmp_path / "proxies.nc")
    flux = build_prior(made).prior["flux"].to_numpy()[2]
    np.testing.assert_allclose(flux[5], 5 * whole["gpp"].to_numpy())
    whole.assign(gpp=daily.isel(time=slice(1, None))).to_netcdf(tmp_path / "proxies.nc")
    with pytest.raises(ValueError, match="entry at the start of every period; got none for 1"):
        build_prior(made)


def test_totals_in_shared_cells_that_no_amounts_meet_are_refused():
    fraction = np.array([[[0.5]], [[0.5]], [[0.0]]])
    met = spread_totals(np.array([1.0, 1.0, np.nan]), np.ones((1, 1)), fraction, "x")
    np.testing.assert_allclose(met, 2.0)
    with pytest.raises(ValueError, match=r"must be met within 1e-09 by amounts >= 0; got"):
        spread_totals(np.array([1.0, 2.0, np.nan]), np.ones((1, 1)), fraction, "x")


def test_a_total_without_any_proxy_is_refused():
    fraction = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]])
    with pytest.raises(
        ValueError, match=r"some of the proxy; got none in the regions number \[1\]"
    ):
        spread_totals(np.array([1.0, 2.0, np.nan]), np.array([[1.0, 0.0]]), fraction, "power")


def test_zero_totals_give_zero():
    fraction = np.array([[[1.0, 0.5]], [[0.0, 0.5]], [[0.0, 0.0]]])
    found = spread_totals(np.array([3.0, 0.0, np.nan]), np.ones((1, 2)), fraction, "x")
    np.testing.assert_allclose(found, [[3.0, 0.0]])
    nothing = spread_totals(np.array([0.0, 0.0, np.nan]), np.ones((1, 2)), fraction, "x")
    assert not nothing.any()


def test_districts_that_overlap_are_refused():
    class Twice:
        codes = ("a", "b")

        def fractions(self, on):
            return np.ones((2, *on.shape))

    with pytest.raises(ValueError, match=r"must not overlap; got area fractions that sum to 2\.0"):
        places_on_grid(Twice(), None, grid())


def test_a_domain_is_one_region():
    from contracts.settings.regions import RegionSettings

    on = Grid("EPSG:4326", [51.0, 52.0], [0.0, 1.0])
    places = places_on_grid(None, RegionSettings(name="East", name_local="East"), on)
    assert places.codes == ("domain",)
    assert places.names == ("East", "outside")
    np.testing.assert_array_equal(places.fraction.sum(axis=0), 1.0)


def test_a_flux_that_loses_its_total_is_refused(tmp_path, monkeypatch):
    from inventories import sector_flux

    def lossy(*given):
        return spread_totals(*given) * (1 + 1e-8)

    monkeypatch.setattr(sector_flux, "spread_totals", lossy)
    with pytest.raises(
        ValueError, match=r"totals must equal the inventory's within 1e-09; got 1\.0"
    ):
        build_prior(inputs(tmp_path))

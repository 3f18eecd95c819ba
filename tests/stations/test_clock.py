"""Clocks of networks made by a box model of the city's air, right and wrong on purpose."""

import json

import numpy as np
import pytest
import xarray as xr
from station_fakes import SECTION, station

from contracts.datasets import check_dataset
from stations.clock import clock_evidence
from stations.clock_words import clock_findings, spans
from stations.daily_cycle import half_daylight
from stations.evidence import NONE_SEEN, SUSPECTED, UNTOLD, Evidence, Limits, Profile, judge
from stations.lag import lag_profile
from stations.network import inspect_network
from stations.window import window_edges, zone_of_months

CLOCK = SECTION.clock
LONGITUDE = -105.0  # the sun keeps UTC-7


def air(days=40, seed=0, flat=False):
    """Return hours of a box: fluxes into a layer whose depth follows the sun, blown out by weather.

    An independent witness: no shape of `stations.daily_cycle` enters.
    """
    rng = np.random.default_rng(seed)
    hour = (np.arange(days * 24) + 5 + round(LONGITUDE / 15)) % 24  # starts at 05 UTC
    depth = np.where((hour > 9) & (hour < 18), 1200.0, 200.0)
    flux = np.where((hour >= 6) & (hour < 22), 20.0, 8.0) + 10 * np.isin(hour, (7, 8, 17, 18))
    wind = np.exp(np.convolve(rng.normal(0, 1, hour.size + 60), np.ones(24) / 12, "valid"))[
        : hour.size
    ]
    weather = 2.0 * np.convolve(rng.normal(0, 1, hour.size + 60), np.ones(12) / 3, "valid")
    weather = weather[: hour.size]
    value, out = 0.0, []
    for k in range(hour.size):
        rate = 0.05 * wind[k] + (0.6 if hour[k] in (10, 11) else 0.0)
        source = 10.0 if flat else flux[k] * 600.0 / depth[k]
        value += -min(rate, 0.9) * value + 0.1 * source
        out.append(value)
    return np.array(out) + weather + 420, weather + 420


def network(shift=0, only=None, seed=0, days=40, towers=4, **kinds):
    made = {}
    common, clean = air(days, seed, **kinds)
    rng = np.random.default_rng(seed + 100)
    for k in range(towers):
        name = f"T{k}"
        late = shift if only in (None, name) else 0
        start = str(np.datetime64("2025-03-10T05") + late)
        noise = rng.normal(0, 0.5, common.size)
        made[name] = station(
            name, start, common + 5 * k + noise, longitude=LONGITUDE + k / 100, latitude=40.0
        )
    made["BGD"] = station(
        "BGD", "2025-03-10T05", clean, role="background", longitude=LONGITUDE, latitude=40.5
    )
    return made


def by_kind(made):
    found = {}
    for item in clock_evidence(made, CLOCK):
        found.setdefault(item.kind, []).append(item)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_right_clocks_raise_nothing(seed):
    made = network(seed=seed)
    evidence = clock_evidence(made, CLOCK)
    assert [item.verdict for item in evidence].count(SUSPECTED) == 0
    assert by_kind(made)["daily_cycle"][0].verdict == NONE_SEEN
    assert clock_findings(evidence) == []
    kinds = inspect_network(made, SECTION).get("finding_kind", xr.DataArray([])).values.tolist()
    assert "clock" not in kinds


@pytest.mark.parametrize("shift", [8, -8, 6, -5])
def test_a_network_with_a_common_offset_is_suspected(shift):
    found = by_kind(network(shift))
    (sun,) = found["daily_cycle"]
    assert sun.verdict == SUSPECTED
    assert abs(sun.offset - shift) <= 2.0
    assert sun.low <= sun.offset <= sun.high
    assert all(item.verdict != SUSPECTED for item in found["neighbours"])
    (finding,) = [f for f in clock_findings(clock_evidence(network(shift), CLOCK)) if not f.station]
    assert "the air itself contradicts the stamps" in finding.text


def test_the_incoming_air_tells_a_common_offset_too():
    (right,) = by_kind(network())["background"]
    (wrong,) = by_kind(network(8))["background"]
    assert abs(wrong.offset - right.offset - 8) <= 1
    assert wrong.verdict == SUSPECTED
    assert right.verdict == NONE_SEEN
    assert 8 not in right.unseen


def test_one_tower_with_another_clock_is_named_alone():
    found = by_kind(network(8, only="T2"))
    suspected = [item for item in found["neighbours"] if item.verdict == SUSPECTED]
    assert [(item.station, item.offset) for item in suspected] == [("T2", 8.0)]
    made = network(8, only="T2", towers=3)
    (finding,) = [f for f in clock_findings(clock_evidence(made, CLOCK)) if f.station]
    assert finding.station == "T2"
    assert "+8 h" in finding.text
    assert "+8 小时" in finding.text_local
    assert "neighbours" not in by_kind(network(8, only="T1", towers=2))


def test_what_it_would_have_missed_is_what_it_misses():
    """The power stated for a right network is that of the same network shifted on purpose."""
    (right,) = by_kind(network())["daily_cycle"]
    for shift in (-9, -2, 3, 5, 9):
        (moved,) = by_kind(network(shift))["daily_cycle"]
        assert (moved.verdict == SUSPECTED) == (shift not in right.unseen)


def test_short_flat_and_empty_records_cannot_tell():
    assert by_kind(network(days=15))["daily_cycle"][0].verdict == UNTOLD
    rng = np.random.default_rng(5)
    noise = {f"T{k}": station(f"T{k}", "2025-03-10T00", 420 + rng.normal(0, 1, 960)) for k in "123"}
    assert all(item.verdict == UNTOLD for item in clock_evidence(noise, CLOCK))
    gaps = {"T1": station("T1", "2025-03-10T00", np.full(960, np.nan))}
    assert all(item.verdict == UNTOLD for item in clock_evidence(gaps, CLOCK))
    nothing = np.full((30, 24), np.nan)
    assert lag_profile(nothing, nothing, 3, (100, 1)) is None
    still = np.full((30, 24), 420.0)
    assert lag_profile(still, still, 3, (100, 1)) is None


def month(start, hours=744, **changes):
    rng = np.random.default_rng(1)
    return station("T", start, 420 + rng.normal(0, 1, hours), **{"longitude": -4.0, **changes})


def test_edges_of_months():
    cut = window_edges({"A": month("2022-01-01T08"), "B": month("2022-01-01T08")})
    assert (cut.verdict, cut.offset) == (SUSPECTED, 8)
    assert window_edges({"A": month("2022-01-01T00")}).verdict == NONE_SEEN
    local = window_edges({"A": month("2021-12-31T16", longitude=120.0)})
    assert local.verdict == NONE_SEEN
    assert window_edges({"A": month("2022-01-01T08", 743)}).verdict == UNTOLD
    mixed = {"A": month("2022-01-01T08"), "B": month("2022-01-01T09"), "C": month("2022-01-01T07")}
    assert window_edges(mixed).verdict == UNTOLD
    only = {"B": month("2022-01-01T08", role="background")}
    assert window_edges(only).verdict == UNTOLD
    assert (
        zone_of_months(np.datetime64("2021-12-31T18:30"), np.datetime64("2022-01-31T18:30")) == 5.5
    )


def test_the_window_is_weighed_against_the_air():
    window = Evidence("window", "", SUSPECTED, offset=8.0, note="8|8|a|b|-8|0")
    sees = Evidence("daily_cycle", "", NONE_SEEN, 0.5, 0.0, 1.0, 0.8, (-1, 0, 1), "30")
    blind = Evidence("daily_cycle", "", NONE_SEEN, 0.5, 0.0, 1.0, 0.8, (0, 8), "30")
    untold = Evidence("background", "BKG", UNTOLD, note="3")
    (finding,) = clock_findings([window, sees, untold])
    assert "the stamps are right" in finding.text
    assert "cannot be told." in finding.text
    (finding,) = clock_findings([window, blind, untold])
    assert "cannot tell whether the stamps are +8 h late" in finding.text
    (finding,) = clock_findings(
        [
            Evidence("window", "", UNTOLD),
            sees,
            *[Evidence("background", "BKG", SUSPECTED, -7.0, -8.0, -6.0, 0.6, (0,), "30")],
        ]
    )
    assert "contradicts the stamps, -7 h (-8 to -6)" in finding.text


def test_a_profile_is_judged_by_hand():
    lag = np.arange(-12.0, 12.0)
    peak = np.where(np.abs(lag - 5) < 0.5, 0.9, 0.3)
    limits = Limits(3.0, 0.9, 0.5, 0.05, 0.1)
    sure = Profile(lag, peak, np.tile(peak, (10, 1)), periodic=True)
    got = judge(sure, limits, "daily_cycle", "")
    assert (got.verdict, got.offset, got.low, got.high) == (SUSPECTED, 5.0, 5.0, 5.0)
    assert got.unseen == tuple(range(-8, -1))  # 5 + k within 3 h of none
    home = np.where(np.abs(lag) < 0.5, 0.9, 0.3)
    torn = np.concatenate([np.tile(peak, (8, 1)), np.tile(home, (2, 1))])
    assert judge(Profile(lag, peak, torn, periodic=True), limits, "x", "").verdict == UNTOLD
    weak = Profile(lag, 0.5 * peak, np.tile(0.5 * peak, (10, 1)), periodic=True)
    assert judge(weak, limits, "x", "").verdict == UNTOLD
    edge = np.where(lag == lag[-1], 0.9, 0.3)
    cut = Profile(lag, edge, np.tile(edge, (10, 1)), periodic=False)
    assert judge(cut, limits, "x", "").verdict == UNTOLD


def test_daylight_and_spans():
    np.testing.assert_allclose(
        half_daylight(55.9, np.array([0.0])), 3.5, atol=0.2
    )  # Glasgow, almanac
    assert half_daylight(80.0, np.array([171.0]))[0] == 12.0
    assert spans([-11, -10, -2, -1, 0, 1, 12]) == "-2 to +1, +12 to -10"
    assert spans(range(-11, 13)) == "-11 to +12"
    assert spans([]) == "no"


def test_order_and_shift_of_levels_change_nothing():
    made = network()
    levels = {
        name: ds.assign(mole_fraction=ds["mole_fraction"] * 1.1 - 20) for name, ds in made.items()
    }
    first = inspect_network(made, SECTION)
    assert first.identical(inspect_network(dict(reversed(made.items())), SECTION))
    second = inspect_network(levels, SECTION)
    for name in ("clock_verdict", "clock_offset"):
        xr.testing.assert_equal(first[name], second[name])
    check_dataset(first, "network_status")


def test_towers_far_from_the_others_are_named():
    made = network(days=30)
    made["T3"] = made["T3"].assign(mole_fraction=made["T3"]["mole_fraction"] + 30)
    status = inspect_network(made, SECTION)
    texts = dict(zip(status["finding_kind"].values, status["finding_text"].values, strict=True))
    assert "T3 +4" in str(texts["level"])


def test_a_background_record_of_years_does_not_stretch_the_network():
    made = network(days=30)
    long = 420 + np.random.default_rng(2).normal(0, 1, 24 * 200)
    made["BGD"] = station("BGD", "2025-03-01T00", long, role="background", longitude=LONGITUDE)
    status = inspect_network(made, SECTION)
    assert status.sizes["day"] <= 31
    outside = json.loads(status.attrs["hours_outside_towers"])
    assert outside == {"BGD": 24 * 200 - 24 * status.sizes["day"]}

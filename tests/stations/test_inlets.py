"""Swapped inlets: planted nights are found, quiet and ordinary ones are not, in masts and in networks."""

import os
from pathlib import Path

import numpy as np
import pytest
from station_fakes import GAS, SECTION, station

from contracts.settings.stations import DetectorSettings
from report.findings import list_findings
from stations.averaging import average_hourly
from stations.flags import usable
from stations.ingest import collect
from stations.inlets import Inlet, find_swaps, nightly
from stations.network import inspect_network
from stations.slots import make_slots

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
CABAUW = "icos_obspack_cabauw/co2_cbw_tower-insitu_445_allvalid-{}magl.nc"
SETTINGS = SECTION.detectors
START = np.datetime64("2025-03-01T00", "ns")
DAYS = 40
EAST = 120.0  # night is 13 to 21 UTC
HEIGHTS = (20.0, 60.0, 100.0)


def mast(seed=0, longitude=EAST, calm=0.6):
    """Three inlets: the lower, the more at night; four nights in ten are windy."""
    rng = np.random.default_rng(seed)
    hour = np.arange(24 * DAYS)
    solar = (hour + longitude / 15) % 24
    night = (solar >= 20) | (solar < 6)
    still = (rng.random(DAYS + 2) < calm)[(hour + round(longitude / 15) + 12) // 24]
    time = START + hour * np.timedelta64(1, "h")
    return [
        Inlet(
            height, time, 425 + night * still * 400 / (height + 20) + rng.normal(0, 0.15, hour.size)
        )
        for height in HEIGHTS
    ]


def swapped(inlets, pair, first, days):
    """The same with the lines of two inlets exchanged for some days."""
    hour = np.arange(24 * DAYS)
    during = (hour >= 24 * first) & (hour < 24 * (first + days))
    changed = list(inlets)
    for here, there in (pair, pair[::-1]):
        value = np.where(during, inlets[there].value, inlets[here].value)
        changed[here] = Inlet(inlets[here].height, inlets[here].time, value)
    return changed


def pairs(swaps):
    return [(swap.low.height, swap.high.height) for swap in swaps]


def test_an_ordinary_mast_is_left_alone():
    assert not any(find_swaps(mast(seed), EAST, SETTINGS) for seed in range(20))


@pytest.mark.parametrize("pair", [(0, 1), (1, 2), (0, 2)])
def test_the_swapped_pair_is_named_with_its_nights(pair):
    for seed in range(5):
        (swap,) = find_swaps(swapped(mast(seed), pair, 15, 9), EAST, SETTINGS)
        assert (swap.low.height, swap.high.height) == (HEIGHTS[pair[0]], HEIGHTS[pair[1]])
        assert START + np.timedelta64(15, "D") <= swap.first
        assert swap.last < START + np.timedelta64(24, "D")
        assert swap.nights >= 3
        assert swap.size < -0.5 < 0.5 < swap.usual


def test_two_nights_are_no_run_and_windy_nights_do_not_end_one():
    inlets = mast()
    night, more = nightly(inlets[0], inlets[1], EAST)
    telling = np.flatnonzero(np.abs(more) > 0.5)
    gap = next(k for k in telling[3:] if k + 1 not in telling and k - 1 in telling)
    first = int((night[gap - 1] - START) / np.timedelta64(24, "h"))
    assert (
        find_swaps(swapped(inlets, (0, 1), first, 3), EAST, SETTINGS) == []
    )  # two telling, one windy
    after = int(telling[telling > gap][0] - gap)
    (swap,) = find_swaps(swapped(inlets, (0, 1), first, 2 + after), EAST, SETTINGS)
    assert swap.nights == 3


def test_a_run_does_not_reach_over_a_long_silence():
    changed = swapped(mast(calm=1.0), (0, 1), 15, 16)
    hour = np.arange(24 * DAYS)
    silent = (hour >= 24 * 17) & (hour < 24 * 29)
    muted = [Inlet(i.height, i.time, np.where(silent, np.nan, i.value)) for i in changed]
    (swap,) = find_swaps(changed, EAST, SETTINGS)
    assert swap.nights == 16
    assert find_swaps(muted, EAST, SETTINGS) == []  # two nights before, two behind


def test_the_settings_do_what_they_say():
    changed = swapped(mast(), (0, 1), 15, 9)
    assert find_swaps(changed, EAST, DetectorSettings(inlet_swap_nights=12)) == []
    assert find_swaps(changed, EAST, DetectorSettings(inlet_swap_umol_mol=30.0)) == []


def test_a_record_that_is_swapped_throughout_is_one_finding():
    (swap,) = find_swaps(swapped(mast(), (0, 2), 0, DAYS), EAST, SETTINGS)
    assert pairs([swap]) == [(20.0, 100.0)]
    assert np.isnan(swap.usual)


def test_no_usual_sign_no_finding():
    rng = np.random.default_rng(1)
    time = mast()[0].time
    nights = np.repeat(rng.normal(0, 3, DAYS), 24)
    both = [Inlet(20.0, time, 425 + nights), Inlet(60.0, time, np.full(time.size, 425.0))]
    assert find_swaps(both, EAST, SETTINGS) == []
    assert find_swaps([both[0]], EAST, SETTINGS) == []


def test_few_nights_say_nothing():
    short = [Inlet(i.height, i.time[:240], i.value[:240]) for i in swapped(mast(), (0, 2), 4, 4)]
    assert find_swaps(short, EAST, SETTINGS) == []


@pytest.mark.parametrize("longitude", [-75.0, 0.0, 120.0])
def test_night_is_that_of_the_place_or_when_the_inlets_differ(longitude):
    inlets = mast(2, longitude)
    known, more = nightly(inlets[0], inlets[2], longitude)
    solar = (known.astype("datetime64[h]").astype(int) + longitude / 15) % 24
    assert set(solar.tolist()) == {21.0}
    found, unknown = nightly(inlets[0], inlets[2], np.nan)
    assert abs(np.median(unknown[unknown > 0.5]) - np.median(more[more > 0.5])) < 0.3
    apart = (found[5] - known[5]) / np.timedelta64(1, "h")
    assert abs((apart + 12) % 24 - 12) <= 2


def test_order_and_gaps_of_the_axes_change_nothing():
    changed = swapped(mast(), (0, 1), 15, 9)
    (swap,) = find_swaps(changed, EAST, SETTINGS)
    (again,) = find_swaps(changed[::-1], EAST, SETTINGS)
    assert (again.first, again.last, again.nights) == (swap.first, swap.last, swap.nights)
    late = [Inlet(i.height, i.time[24 * k :], i.value[24 * k :]) for k, i in enumerate(changed)]
    (again,) = find_swaps(late, EAST, SETTINGS)
    assert (again.first, again.nights) == (swap.first, swap.nights)


def network(inlets, place=0.0):
    made = {}
    for k, inlet in enumerate(inlets):
        facts = {"longitude": EAST + k * place, "latitude": 30.0, "inlet_height_m": inlet.height}
        made[f"M{k}"] = station(f"M{k}", "2025-03-01", inlet.value, **facts)
    return made


def found(made):
    return [f for f in list_findings(inspect_network(made, SECTION)) if f.kind == "inlet_swap"]


def test_the_network_page_names_both_stations():
    (finding,) = found(network(swapped(mast(), (0, 2), 15, 9)))
    assert finding.station == "M0"
    assert "M0 (20 m) has less than M2 (100 m)" in finding.text.en
    assert "on other nights +" in finding.text.en
    assert "进气口" in finding.text.zh
    assert found(network(mast())) == []
    made = network(swapped(mast(), (0, 2), 15, 9)[::2])
    assert len(found(made)) == 1
    made["M1"].attrs["instrument_class"] = "column"  # of air: no inlet
    assert found(made) == []


def test_stations_of_other_places_are_no_mast():
    assert found(network(swapped(mast(), (0, 2), 15, 9), place=0.1)) == []


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")
def test_a_real_mast_has_its_usual_sign_and_a_bad_beginning():
    inlets = []
    for height in (27, 67, 127, 207):
        rows = collect([DATA / CABAUW.format(height)], None, GAS).rows
        hourly = average_hourly(make_slots(rows))
        value = np.where(usable(hourly.flag), hourly.value, np.nan)
        inlets.append(Inlet(float(height), hourly.time, value))
    swaps = find_swaps(inlets, 4.927, SETTINGS)
    late = [swap for swap in swaps if swap.first >= np.datetime64("2005-01-01")]
    assert (len(swaps), len(late)) == (42, 7)
    assert max(swap.nights for swap in late) == 4
    assert pairs(late).count((127.0, 207.0)) == 5
    assert all(swap.usual > 1.5 for swap in swaps)

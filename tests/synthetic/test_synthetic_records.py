"""Errors of the records, instruments, formats: what is stated is in the numbers and in the files."""

import numpy as np
import pytest

from contracts.settings.synthetic import BackgroundAirSettings, NoiseSettings
from synthetic.formats import csv_text, gcwerks_text, writer
from synthetic.instruments import Fault, broken_lines, record
from synthetic.network import read_network
from synthetic.noise import NoiseSource, air_at, background_air

START = np.datetime64("2025-05-31T16:00", "ns")
HOURS = START + np.arange(24 * 30) * np.timedelta64(1, "h")
STEADY = np.full(len(HOURS), 430.0)


def slots_of(drift=0.0, noise=0.12, seed=4):
    fault = Fault(noise, drift / (30 * 86400.0), START)
    return record(STEADY, HOURS, fault, np.random.default_rng(seed))


def test_drift_is_in_the_record():
    slots = slots_of(drift=6.0, noise=1.0)
    air = ~slots.tank
    days = (slots.centre - START.astype("datetime64[s]")).astype(float) / 86400.0
    slope = np.polyfit(days[air], slots.value[air], 1)[0]
    assert slope * 30 == pytest.approx(6.0, abs=0.3)


def test_hourly_noise_is_the_stated_one():
    slots = slots_of()
    hour = slots.centre.astype("datetime64[h]").astype(int)
    means = [slots.value[hour == h].mean() for h in np.unique(hour) if (hour == h).sum() == 3]
    means = [m for m in means if m > 420]
    assert np.std(means) == pytest.approx(0.12, rel=0.1)


def test_tank_gas_flows_for_whole_hours_and_is_steady():
    slots = slots_of(seed=7)
    assert slots.tank.sum() >= 6
    assert (slots.spread[slots.tank] < 0.1).all()
    np.testing.assert_allclose(slots.value[slots.tank], 400.12, atol=0.1)
    assert set(slots.centre[slots.tank].astype("datetime64[h]").astype(int) % 24) == {2}


def test_gaps_exist_and_stamps_are_centres():
    slots = slots_of()
    assert 36 < 3 * len(HOURS) - len(slots.centre) < 200
    minutes = slots.centre.astype("datetime64[m]").astype(int) % 60
    assert set(minutes.tolist()) == {10, 30, 50}


def test_gcwerks_file_has_aligned_fields_and_three_broken_lines():
    text = gcwerks_text(slots_of(), "XIH", np.random.default_rng(1))
    lines = text.splitlines()
    assert lines[0].startswith("Created:")
    assert "SYNTHETIC" in lines[0]
    assert lines[2].split()[:4] == ["date", "time", "type", "port"]
    whole = [line for line in lines[3:] if len(line) == len(lines[2]) and "#" not in line]
    assert len(lines) - 3 - len(whole) == 3
    assert whole[0].split()[:4] == ["250531", "161000", "air", "9"]
    assert text.endswith("\n")


def test_csv_file_is_in_local_time_with_flags_and_sentinel():
    text = csv_text(slots_of(), "TLU", np.random.default_rng(1), 8.0)
    lines = text.splitlines()
    assert "SYNTHETIC" in lines[0]
    assert lines[1] == "time;co2_ppm;co2_stdev;n;flag"
    assert lines[2].startswith("2025-06-01 00:10:00;")
    letters = {line.split(";")[-1] for line in lines[2:] if line.count(";") == 4}
    assert {"V", "C", "M"} <= letters
    assert any(";-999.99;-999.99;0;M" in line for line in lines)


def test_unknown_reader_is_refused():
    with pytest.raises(ValueError, match="must be gcwerks or declared_csv; got 'xls'"):
        writer("xls", 8.0)


def test_broken_lines_are_three():
    lines = [f"{i:04d} 430.12 0.1 5" for i in range(50)]
    broken = broken_lines(lines, np.random.default_rng(0))
    assert sum(a != b for a, b in zip(lines, broken, strict=True)) == 3
    assert sum("#" in line for line in broken) == 1


def test_noise_has_the_stated_sizes_and_correlations():
    s = NoiseSettings()
    draws = [NoiseSource(1, s, ("AAA", "BBB"), 30).draw("n", i) for i in range(60)]
    transport = np.stack([n.transport for n in draws])
    assert transport.std() == pytest.approx(0.15, rel=0.05)
    pair = np.corrcoef(transport[:, 0].ravel(), transport[:, 1].ravel())[0, 1]
    assert pair == pytest.approx(0.25, abs=0.06)
    later = (transport[..., :-7] * transport[..., 7:]).mean() / transport.var()
    assert later == pytest.approx(np.exp(-1.0), abs=0.05)
    common = np.stack([n.common for n in draws])
    assert common.std() == pytest.approx(np.hypot(0.6, 0.2), rel=0.05)
    assert np.stack([n.local for n in draws]).std() == pytest.approx(0.5, rel=0.05)


def test_noise_of_a_station_does_not_depend_on_the_others():
    both = NoiseSource(1, NoiseSettings(), ("AAA", "BBB"), 3).draw("n")
    swapped = NoiseSource(1, NoiseSettings(), ("BBB", "AAA"), 3).draw("n")
    alone = NoiseSource(1, NoiseSettings(), ("BBB",), 3).draw("n")
    np.testing.assert_array_equal(both.transport[1], swapped.transport[0])
    np.testing.assert_array_equal(both.local[1], alone.local[0])


def test_air_is_the_sum_of_its_parts():
    noise = NoiseSource(1, NoiseSettings(), ("AAA",), 1).draw("n")
    air = air_at(noise, np.full(24, 420.0), np.full((1, 24), 2.0))
    expected = 420.0 + noise.common + 2.0 * (1 + noise.transport[0]) + noise.local[0]
    np.testing.assert_allclose(air[0], expected)
    part = noise.at(slice(3, 5))
    np.testing.assert_array_equal(part.common, noise.common[3:5])


def test_inflow_is_smooth_and_of_the_stated_size():
    inflow = background_air(36, 1, BackgroundAirSettings())
    assert inflow.mean() == pytest.approx(422.0, abs=1.0)
    assert inflow.std() == pytest.approx(1.2, rel=1e-6)
    assert np.abs(np.diff(inflow)).max() < 0.2


def test_registry_rows_without_a_file_are_refused(tmp_path):
    path = tmp_path / "stations.yaml"
    path.write_text(
        "synthetic: true\nstations:\n  AAA: {longitude: 120, latitude: 30, files: ['*.csv']}\n"
    )
    with pytest.raises(ValueError, match=r"station AAA must have .* no \['inlet_height_m'"):
        read_network(path)
    path.write_text("stations: {}\n")
    with pytest.raises(ValueError, match="must say `synthetic: true`"):
        read_network(path)

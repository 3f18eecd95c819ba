"""The benchmarks at their tiny size: every rival gives the product's answer. No time is tested."""

import dataclasses
import doctest
import json

import numpy as np
import pytest

from benchmarks import agreement, page, plan, run_one
from benchmarks import targets as reached
from benchmarks.agreement import differences
from benchmarks.city import LAGS, SIZES, make_city
from benchmarks.limits import rates, seconds_at, work_of
from benchmarks.memory import peak_gib
from benchmarks.methods import LABELS, METHODS
from benchmarks.plan import PLANS, ours_at, reference_of
from benchmarks.rivals.written_out import written_out
from benchmarks.table import limit_lines, row_line, size_lines, target_lines
from benchmarks.targets import Target, targets

ALIKE = [name for name in METHODS if not name.endswith("bare") and name != "conjugate gradients"]
RATES = {"sgemm": 100.0, "sgemm_blocks": 50.0, "dgemm": 40.0, "stream": 20.0}


@pytest.fixture(scope="module")
def city():
    return make_city("least")


@pytest.fixture(scope="module")
def exact(city):
    return METHODS["double"](city)[0]


@pytest.mark.parametrize("method", ALIKE)
def test_every_method_gives_one_answer(method, city, exact):
    found = differences(METHODS[method](city)[0], exact)
    close = 1e-6 if "single" in method and "reach" not in method else 1e-10
    close = 2e-4 if "reach" in method else close
    assert found["sd"] < close
    assert found["mean"] < max(close, 1e-10)


def test_conjugate_gradients_give_the_mean_alone(city, exact):
    answer, facts = METHODS["conjugate gradients"](city)
    assert set(answer) == {"mean"}
    assert differences(answer, exact)["mean"] < 1e-5
    assert 1 < facts["iterations"] < 500


def test_the_problem_written_out_has_the_same_answer_by_the_textbook(city, exact):
    given = written_out(city)
    S = given["H"] @ given["B"] @ given["H"].T + given["R"]
    gain = np.linalg.solve(S, given["H"] @ given["B"]).T
    P = given["B"] - gain @ given["H"] @ given["B"]
    answer = {
        "mean": given["prior"] + gain @ (given["y"] - given["H"] @ given["prior"]),
        "covariance": given["W"].T @ P @ given["W"],
    }
    assert max(differences(answer, exact).values()) < 1e-10


def test_the_declared_totals_hold_in_the_problem_written_out(city):
    given = written_out(city)
    g, c = len(city.sector_correlation), city.districts.shape[1]
    prior = given["W"].T @ given["B"] @ given["W"]
    districts, sectors = np.tile(np.eye(c), (g, 1)), np.repeat(np.eye(g), c, axis=0)
    mix = np.hstack([districts, sectors, np.ones((g * c, 1))])
    sd = np.sqrt(np.einsum("ij,ik,kj->j", mix, prior, mix))
    np.testing.assert_allclose(sd, city.declared, rtol=1e-6)


def test_the_bare_kernel_is_another_problem_and_agrees_with_itself(city, exact):
    single, double = (METHODS[f"{name}, bare"](city)[0] for name in ("single", "double"))
    assert differences(single, double)["sd"] < 1e-6
    with pytest.raises(ValueError, match=r"must have one shape; got \(3072,\) and \(3077,\)"):
        differences(single, exact)


def test_a_rival_with_another_problem_is_seen(city, exact):
    other = dataclasses.replace(city, sigma=1.01 * city.sigma)
    assert differences(METHODS["rows by FFT"](other)[0], exact)["mean"] > 1e-4


@pytest.mark.parametrize("size", ["least", "tiny"])
def test_footprints_are_as_said(size):
    city = make_city(size)
    n, g, r = len(city.observations), len(city.prior), city.side**2
    assert city.jacobian.has_sorted_indices
    assert city.jacobian.nnz >= 0.05 * n * g * LAGS * r
    assert (city.last - city.first + 1 == LAGS).all()
    periods = np.unique(city.jacobian[3].indices // r % city.prior.shape[1])
    assert periods.tolist() == list(range(city.first[3], city.last[3] + 1))


def test_work_is_what_a_count_of_pairs_says(city):
    work, r, g = work_of(city), city.side**2, len(city.prior)
    windows = [set(range(a, b + 1)) for a, b in zip(city.first, city.last, strict=True)]
    both = sum(len(one & other) for one in windows for other in windows)
    apart = sum(not one & other for one in windows for other in windows) / 2
    assert work["overlapping windows"] == 2 * r * both
    assert work["windows apart"] == 2 * g * r * apart
    assert work["convolutions of observations"] == len(windows) * LAGS * g * 6 * city.side**3


def test_the_limit_takes_the_best_rate():
    work = {"some": 2e11, "factor in double": 4e10, "bytes": 4e10}
    assert seconds_at(work, RATES) == pytest.approx(2.0 + 1.0 + 2.0)
    assert seconds_at(work, RATES | {"sgemm_blocks": 200.0}) == pytest.approx(1.0 + 1.0 + 2.0)


def test_a_process_of_its_own_tells_time_memory_and_answer(exact):
    facts, answer = run_one.run_method("double", "least", repeats=2)
    assert differences(answer, exact)["mean"] < 1e-12
    assert facts["repeats"] == 2
    assert facts["wall_s"] > 0.0
    assert 0.02 < facts["peak_gib"] < 1.0
    assert peak_gib() > 0.02


def test_a_method_that_fails_says_so():
    facts, answer = run_one.run_method("nothing of the kind", "least")
    assert "KeyError" in facts["failed"]
    assert answer == {}
    assert "KeyError" in row_line(facts | {"method": "dense"}, 1.0)


def test_a_package_that_is_absent_is_skipped_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(run_one, "interpreter_with", lambda package: None)
    facts, _ = run_one.run_package("fips", tmp_path / "problem.npz")
    assert facts["failed"] == "fips is not installed; docs/benchmarks.md says how"


@pytest.mark.parametrize("package", sorted(run_one.PACKAGES))
def test_a_public_package_gives_the_same_mean(package, city, exact, tmp_path):
    if run_one.interpreter_with(package) is None:
        pytest.skip(f"{package} is not installed; docs/benchmarks.md says how")
    if package == "cuqi":
        pytest.skip("takes half a minute; python -m benchmarks medium runs it")
    np.savez(tmp_path / "problem.npz", **written_out(city))
    facts, answer = run_one.run_package(package, tmp_path / "problem.npz")
    assert max(differences(answer, exact).values()) < 1e-10, facts


def test_plans_name_methods_and_sizes_that_there_are():
    assert set(METHODS) == set(LABELS)
    for rows in PLANS.values():
        for size, method, repeats in rows:
            assert size in SIZES
            assert method in METHODS or method in run_one.PACKAGES
            assert repeats >= 1
    assert (ours_at("small"), ours_at("large")) == ("double", "single")


def made_rows(city):
    work = work_of(city)
    row = {"wall_s": 2.0, "cpu_s": 2.0, "peak_gib": 1.5, "work": work, "parts": {"mean": 0.5}}
    return [
        row | {"size": "tiny", "method": "double", "cpu_s": 0.05},
        {"size": "tiny", "method": "fips", "wall_s": 10.0, "cpu_s": 10.0, "version": "1"},
        {"size": "tiny", "method": "cuqi", "failed": "not installed"},
        row | {"size": "large", "method": "single", "sd": 2e-5},
        row | {"size": "large", "method": "single, 2 threads", "wall_s": 1.0},
        row | {"size": "month", "method": "single", "cpu_s": 1.0, "wall_s": 1.0},
        row | {"size": "four_months", "method": "single", "cpu_s": 5.0, "wall_s": 9.0},
    ]


def test_targets_say_what_was_reached_and_what_was_not(city):
    found = {one.what: one for one in targets(made_rows(city), RATES)}
    assert found["fips / ours, 7e3"].value == pytest.approx(200.0)
    assert found["fips / ours, 7e3"].share == pytest.approx(2.0)
    assert found["one core / two cores, 1e7"].value == pytest.approx(2.0)
    assert found["four months / one, reach 1e-6"].share == pytest.approx(4.4 / 5.0)
    assert found["sd, single against double, 1e7"].share == pytest.approx(0.5)
    assert "literal Kronecker / ours, 1e5" not in found
    lines = "\n".join(target_lines([*found.values()]))
    assert lines.count("not met") == sum(one.share < 1.0 for one in found.values())
    assert Target("more", 1.0, 2.0, True).share == Target("less", 2.0, 1.0, False).share == 0.5


def test_the_table_marks_a_busy_machine(city):
    *_, quiet, busy = made_rows(city)
    assert "busy" not in row_line(quiet, 1.0)
    assert row_line(busy, 1.0).endswith("busy")
    assert "3072 fluxes, 60 observations" in size_lines("least")
    assert any(line.startswith("large: limit") for line in limit_lines(made_rows(city), RATES))


def test_the_page_takes_the_last_run_between_its_marks(city, tmp_path, monkeypatch):
    rows = made_rows(city)
    kept = [dataclasses.asdict(one) | {"share": one.share} for one in targets(rows, RATES)]
    about = {"cores": 2, "numpy": "2", "products_made_for": "Zen"}
    latest, shown = tmp_path / "latest.json", tmp_path / "page.md"
    latest.write_text(json.dumps({"machine": about, "rates": RATES, "rows": rows, "targets": kept}))
    shown.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    monkeypatch.setattr(page, "PAGE", shown)
    page.write_page(latest)
    text = shown.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| fips 1 | 10.000 | 200.00 |" in text
    assert "| four months / one, reach 1e-6 | 5 | ≤ 4.4 | 88% |" in text


def test_rates_are_measured():
    assert all(1.0 < value < 1e5 for value in rates().values())


def test_a_reference_is_a_method_of_the_same_problem():
    assert reference_of("single, bare") == "double, bare"


@pytest.mark.parametrize("module", [agreement, plan, reached])
def test_examples_hold(module):
    found = doctest.testmod(module)
    assert (found.failed, found.attempted > 0) == (0, True)

"""Made files of the New Zealand case: what is refused, and that it says what to do."""

import numpy as np
import pytest
import scipy.io

from contracts.datasets import check_dataset
from contracts.periods import Period
from contracts.settings.problem import ProblemSettings
from inversion.published import (
    folder_of,
    problem_files,
    problems_of,
    published_measures,
    read_problem,
    require_batch,
)
from inversion.published.new_zealand_files import FILES, read_files

NAMES = [
    *("Year", "Month", "Day", "StartHour(NZST)", "Daylight Saving"),
    *("BHD: co2", "BHD: sd", "LAU: CO2_1", "LAU: Sigma_1"),
]


def section(reader="new_zealand", **options):
    return ProblemSettings(reader=reader, folder="case", options=options)


def made_files():
    """Return the content of all six files: small numbers in the right shapes."""
    rng = np.random.default_rng(1)
    hours = np.arange("2011-01-01", "2014-01-01", dtype="datetime64[h]")
    day = hours.astype("datetime64[D]")
    month = hours.astype("datetime64[M]")
    dates = (
        hours.astype("datetime64[Y]").astype(int) + 1970,
        month.astype(int) % 12 + 1,
        (day - month.astype("datetime64[D]")).astype(int) + 1,
    )
    saving = (month.astype(int) % 12 < 3).astype(float)
    values = 390 + rng.standard_normal((4, hours.size))
    values[1], values[3] = 0.3, 0.5
    table = np.array([*dates, hours.astype(int) % 24, saving, *values], dtype=float).T
    daily = (1096, 3)
    longitude, latitude = np.meshgrid(
        146.8 + 0.1 * np.arange(391), -53.4 + 0.1 * np.arange(275), indexing="ij"
    )
    index = np.broadcast_to(np.arange(391)[:, None] * 25 // 391 + 1, (391, 275))
    header = np.empty((1, len(NAMES)), dtype=object)
    header[0] = NAMES
    region = np.empty(25, dtype=object)
    region[:] = [f"Region {number}" for number in range(1, 26)]
    grid, records, baseline, fossil, response, prior = FILES
    return {
        grid: {
            "NAMEgrid": {
                "lon": longitude,
                "lat": latitude,
                "regidx": index.astype(np.uint8),
                "regarea": np.full(25, 2e10),
                "regname": region,
            }
        },
        records: {"Header3sites": header, "Data3sites": table},
        baseline: {
            "bsl13h": {"XbslWeight": np.full(daily, 390.0), "XbslWeightSD": np.full(daily, 0.2)}
        },
        fossil: {
            "fresp13h": {
                "xfracL": np.full(daily, 0.1),
                "tempL": np.full(daily, 12.0),
                "presL": np.full(daily, 97000.0),
            }
        },
        response: {"resp13h": {"priorPatt_wi": 1e-5 * rng.standard_normal((25, 1096, 3))}},
        prior: {
            "regprior": {
                "scaleFac_Tak_wi": np.full((25, 144), -5.0),
                "scaleFacUnc_Tak_wi": np.full((25, 144), 80.0),
            }
        },
    }


def write(folder, content):
    for name, variables in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        scipy.io.savemat(folder / name, variables)
    return folder


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return write(tmp_path_factory.mktemp("case"), made_files())


def corrupted(tmp_path, case, file, change):
    """Return a folder with all files, one of them changed."""
    content = made_files()[file]
    change(content)
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if name != file:
            (tmp_path / name).symlink_to(case / name)
    return write(tmp_path, {file: content})


def test_made_files_make_a_problem(case):
    problem = read_problem(section(), case)
    for name, dataset in problem.items():
        check_dataset(dataset, name)
    assert problem["observations"].sizes["obs"] == 2 * 1096
    assert problem["jacobian"].attrs["state_size"] == 3600
    assert problems_of(section(), case) == []
    start, end = np.datetime64("2010-12-31T12", "ns"), np.datetime64("2013-12-31T12", "ns")
    require_batch(problem, Period("b", start, end))
    with pytest.raises(ValueError, match=r"batch must span .*time\.batches\.b\. Write these"):
        require_batch(problem, Period("b", start, end - np.timedelta64(1, "h")))


def test_the_option_of_daylight_saving_moves_the_hour(case):
    hours = [
        read_problem(section(daylight_saving=choice), case)["observations"]["time"].values[0]
        for choice in ("as_published", "standard_time")
    ]
    assert (hours[0] - hours[1]) / np.timedelta64(1, "h") == 2


@pytest.mark.parametrize("options", [{"daylight_saving": "local"}, {"extremes": "drop"}])
def test_an_unknown_option_is_refused(case, options):
    with pytest.raises(ValueError, match=r"must be known \(daylight_saving is as_published or"):
        read_problem(section(**options), case)
    (problem,) = problems_of(section(**options), case)
    assert problem.where == f"problem.options.{next(iter(options))}"


def test_an_unknown_reader_is_refused(case):
    with pytest.raises(ValueError, match=r"problem\.reader must be one of \['new_zealand'\]"):
        read_problem(section("old_zealand"), case)
    (problem,) = problems_of(section("old_zealand"), case)
    assert problem.where == "problem.reader"
    assert published_measures(section("old_zealand"), None, {}) == []


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"HourlyData.*Point problem\.folder"):
        read_problem(section(), tmp_path)
    assert len(problems_of(section(), tmp_path)) == 6
    files = problem_files(section(), tmp_path)
    assert folder_of(section(), files[::-1]) == tmp_path
    with pytest.raises(ValueError, match=r"must hold NAMEgrid\.mat; got 5 others"):
        folder_of(section(), files[1:])


def without(name, field):
    return lambda content: content[name].pop(field)


def put(name, field, array):
    return lambda content: content[name].update({field: array})


GRID, RECORDS, BASELINE, FOSSIL, RESPONSE, PRIOR = FILES


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        (BASELINE, without("bsl13h", "XbslWeightSD"), r"got no bsl13h\.XbslWeightSD in .*baseline"),
        (
            RESPONSE,
            put("resp13h", "priorPatt_wi", np.ones((25, 1095, 3))),
            r"instead of \(25, 1096",
        ),
        (FOSSIL, put("fresp13h", "presL", np.full((1096, 3), np.nan)), r"3288 values not finite"),
        (
            RECORDS,
            lambda content: content.update(Data3sites=np.ones((5, 3))),
            r"\(5, 3\) and 9 names",
        ),
        (
            RECORDS,
            lambda content: content["Header3sites"].__setitem__((0, 7), "LAU: CO2"),
            r"must hold the column 'LAU: CO2_1'",
        ),
        (
            RECORDS,
            lambda content: content.update(Data3sites=content["Data3sites"][24:]),
            r"for each of 1096 days in order; got 1095 rows",
        ),
        (
            GRID,
            lambda content: content["NAMEgrid"].update(lon=content["NAMEgrid"]["lon"] * 1.01),
            r"regular grid of 0\.1 degrees",
        ),
    ],
)
def test_a_changed_file_is_refused(tmp_path, case, file, change, message):
    with pytest.raises(ValueError, match=message):
        read_problem(section(), corrupted(tmp_path, case, file, change))


def test_values_are_read_as_they_are(case):
    files = read_files(case)
    assert files.names[24] == "Region 25"
    assert files.columns == tuple(NAMES)

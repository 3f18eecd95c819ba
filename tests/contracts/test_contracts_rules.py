"""For every rule of every contract, datasets in which that rule alone fails."""

import numpy as np
import pytest
from contract_samples import HOUR, sample, with_values

from contracts.datasets import NAMES, ContractError, check_dataset, schema_of, violations_of

UNIQUE, ASCENDING = "unique values", "strictly ascending values"
BOUNDED = "half-open intervals labelled by their start"
DISJOINT = "intervals in order without overlap"
MATRIX = "a symmetric positive semidefinite matrix"
CORRELATION = "a correlation matrix: symmetric, positive semidefinite, 1 on its diagonal"


def set_at(variable, index, value):
    """Return a change that sets one value."""

    def change(ds):
        values = np.array(ds[variable].values)
        values[index] = value(values) if callable(value) else value
        return with_values(ds, **{variable: values})

    return change


def both(*changes):
    """Return the changes one after the other."""

    def change(ds):
        for one in changes:
            ds = one(ds)
        return ds

    return change


def state_size(value):
    return lambda ds: ds.assign_attrs(state_size=value)


def short_row_start(ds):
    """Leave out the last edge, so that a row has no end."""
    start = ds["row_start"]
    shorter = ("row_edge", np.array([0, 2, 4]), start.attrs)
    return ds.drop_vars("row_start").assign(row_start=shorter)


def rectangular(variable):
    def change(ds):
        array = ds[variable]
        new = (array.dims, np.zeros((3, 2)), array.attrs)
        sharing = [key for key in ds.variables if array.dims[1] in ds[key].dims]
        rest = ds.drop_vars(sharing)
        others = {k: ((*ds[k].dims[:-1], ds[k].dims[-1]), np.zeros((3, 2)), ds[k].attrs) for k in sharing if k != variable}  # fmt: skip
        return rest.assign({variable: new, **others})

    return change


def shifted(values):
    return values[0] + HOUR // 2


def repeat(variable):
    """Give the first value twice."""
    return [set_at(variable, 1, lambda values: values[0])]


def matrices(variable):
    indefinite = np.array([[1.0, 1.0, -1.0], [1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])
    return [
        set_at(variable, (0, 1), lambda values: values[0, 1] * 0.9),
        lambda ds: with_values(ds, **{variable: indefinite}),
    ]


def intervals(variable):
    """Overlap, disorder, and an interval without length."""
    return [
        set_at(variable, (1, 0), lambda values: values[0, 0]),
        lambda ds: with_values(ds, **{variable: ds[variable].values[::-1]}),
        set_at(variable, (2, 1), lambda values: values[2, 0]),
    ]


def labels(time):
    del time
    return [
        set_at("time_bounds", (2, 1), lambda values: values[2, 0]),
        set_at("time_bounds", (2, 0), lambda values: values[2, 0] + HOUR // 2),
    ]


RECEPTORS = [
    set_at("receptor_index", 2, 3),
    lambda ds: with_values(ds, receptor_index=np.array([2, 0, 0])),
    lambda ds: with_values(ds, receptor=ds["receptor"].values[::-1]),
    both(
        set_at("time", 1, lambda values: values[0]),
        set_at("time_bounds", 1, lambda values: values[0]),
    ),
]
ROW_SUMS = [
    set_at("sensitivity_inside", (0, 0), 1.0 + 1e-11),
    set_at("sensitivity_inside", (1, 1), 1e-11),
    set_at("row_start", 0, 1),
    set_at("row_start", 3, 3),
    lambda ds: with_values(ds, row_start=np.array([0, 3, 2, 4])),
    short_row_start,
    set_at("state_index", 3, 12),
    state_size(13),
    state_size(0),
    state_size("twelve"),
]
FOOTPRINTS = [
    set_at("sensitivity_total", 0, 3.5 + 1e-6),
    set_at("sensitivity_outside", 1, 1e-6),
    set_at("row_size", 1, 1),
]
GAPS = [set_at("quality_flag", 1, 0), set_at("mole_fraction", 0, np.nan)]


def station_time_repeated(ds):
    """Give the first hour twice, label and interval."""
    return both(*repeat("time"), set_at("time_bounds", 1, lambda values: values[0]))(ds)


# (contract, variable, what is expected) -> datasets in which that rule alone fails
BROKEN = {
    ("background", "obs_id", UNIQUE): repeat("obs_id"),
    ("background", "parameter", UNIQUE): repeat("parameter"),
    ("footprints", "obs_id", UNIQUE): repeat("obs_id"),
    ("footprints", "sensitivity_total", "inside + outside = total"): FOOTPRINTS,
    ("footprints", "lag_bounds", DISJOINT): intervals("lag_bounds"),
    ("footprints", "layer_bounds", DISJOINT): intervals("layer_bounds"),
    ("footprints", "aloft_row_size", "sizes that sum to the length of nonzero_aloft"): [
        set_at("aloft_row_size", 1, 1),
        set_at("aloft_row_size", 0, 0),
    ],
    ("inventory", "region", UNIQUE): repeat("region"),
    ("inventory", "sector", UNIQUE): repeat("sector"),
    ("inventory", "period_bounds", DISJOINT): intervals("period_bounds"),
    ("jacobian", "obs_id", UNIQUE): repeat("obs_id"),
    (
        "jacobian",
        "sensitivity_inside",
        "row sums per sector equal to the recorded ones within 1e-12",
    ): ROW_SUMS,
    ("meteorology", "time", ASCENDING): repeat("time"),
    ("meteorology", "level", ASCENDING): repeat("level"),
    ("mismatch", "obs_id", UNIQUE): repeat("obs_id"),
    ("mismatch", "term", UNIQUE): repeat("term"),
    ("network_status", "station", ASCENDING): repeat("station"),
    ("network_status", "day", ASCENDING): repeat("day"),
    ("observations", "obs_id", UNIQUE): repeat("obs_id"),
    ("observations", "instrument_error", "values > 0"): [
        set_at("instrument_error", 1, 0.0),
        set_at("instrument_error", 1, -0.1),
    ],
    ("observations", "time_bounds", BOUNDED): labels("time"),
    (
        "observations",
        "receptor_index",
        "unique observations sorted by receptor, then time",
    ): RECEPTORS,
    ("posterior", "obs_id", UNIQUE): repeat("obs_id"),
    ("posterior", "total_covariance", MATRIX): matrices("total_covariance"),
    ("posterior", "total_prior_covariance", MATRIX): matrices("total_prior_covariance"),
    ("prior", "sector", UNIQUE): repeat("sector"),
    ("prior", "period_bounds", DISJOINT): intervals("period_bounds"),
    ("prior", "region_fraction", "fractions of each cell that sum to 1"): [
        set_at("region_fraction", (1, 0, 1), 0.2501)
    ],
    **{
        ("prior_covariance", name, CORRELATION): [
            *matrices(name),
            rectangular(name),
            set_at(name, (1, 1), 0.99),
        ]
        for name in ("sector_correlation", "region_correlation", "period_correlation")
    },
    ("prior_covariance", "covariance", MATRIX): [
        *matrices("covariance"),
        rectangular("covariance"),
    ],
    ("mismatch", "covariance", MATRIX): [*matrices("covariance"), rectangular("covariance")],
    ("reconciliation", "row_id", UNIQUE): repeat("row_id"),
    ("station", "time", ASCENDING): [station_time_repeated],
    ("station", "time_bounds", BOUNDED): labels("time"),
    ("station", "mole_fraction", "a flag wherever a value is missing"): GAPS,
    ("truth", "region", UNIQUE): repeat("region"),
    ("truth", "total_sector", UNIQUE): repeat("total_sector"),
    ("truths", "receptor", UNIQUE): repeat("receptor"),
    ("truths", "time", ASCENDING): repeat("time"),
    ("truths", "region", UNIQUE): repeat("region"),
}
CASES = [
    pytest.param(*key, change, id=f"{key[0]}-{key[1]}-{number}")
    for key, changes in sorted(BROKEN.items())
    for number, change in enumerate(changes)
]


def test_every_rule_has_a_dataset_in_which_it_fails():
    rules = [(n, rule.variable, rule.expected) for n in NAMES for rule in schema_of(n).rules]
    assert sorted(rules) == sorted(BROKEN)
    assert all(BROKEN.values())


@pytest.mark.parametrize(("name", "variable", "expected", "change"), CASES)
def test_the_rule_alone_fails(name, variable, expected, change):
    with pytest.raises(ContractError, match=r"1 violation\(s\) in here\.nc") as caught:
        check_dataset(change(sample(name)), name, "here.nc")
    (message,) = caught.value.violations
    assert message.startswith(f"variable '{variable}': expected {expected}; found ")
    assert len(message) > len(f"variable '{variable}': expected {expected}; found .")


@pytest.mark.parametrize("name", ["prior_covariance", "posterior"])
def test_rounding_is_no_fault_of_a_matrix(name):
    variable = {"prior_covariance": "sector_correlation", "posterior": "total_covariance"}[name]
    ds = sample(name)
    values = ds[variable].values.copy()
    values[0, 1] *= 1.0 + 1e-14
    assert violations_of(with_values(ds, **{variable: values}), name) == []


def test_row_sums_allow_rounding():
    ds = set_at("sensitivity_inside", (2, 2), 7.0 * (1.0 + 2e-16))(sample("jacobian"))
    assert violations_of(ds, "jacobian") == []


def test_no_declared_regions_are_a_matrix_too():
    ds = sample("prior_covariance").isel(region=slice(0, 0), region_2=slice(0, 0))
    assert violations_of(ds, "prior_covariance") == []

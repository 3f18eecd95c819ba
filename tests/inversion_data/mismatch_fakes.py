"""Settings and observations come in; a mismatch, or the correlations of one of its terms, goes out."""

import numpy as np
import xarray as xr
from inversion_fakes import prior
from test_jacobian import random_case

from contracts.settings.mismatch import MismatchSettings
from inversion.errors.mismatch import (
    build_mismatch,
    mismatch_covariance,
)
from inversion.jacobian import build_jacobian

CORRELATED = ("representation", "transport", "background")


def built(section=None, **changes):
    """Return observations, their mismatch, the Jacobian and the prior."""
    obs, made, before = random_case()
    obs = obs.assign(**changes)
    jacobian = build_jacobian(obs, made, before)
    mismatch = build_mismatch(obs, jacobian, before, section or MismatchSettings())
    return obs, mismatch, jacobian, before


def known(obs, rng):
    """Return observations at scattered places, with a class and wind sectors."""
    n, receptors = obs.sizes["obs"], obs.sizes["receptor"]
    classes = np.where(np.arange(receptors) % 2, "midcost", "crds").astype(object)
    places = 30.0 + rng.uniform(0.0, 0.5, receptors)
    return obs.assign(
        instrument_class=("receptor", classes),
        wind_sector=("obs", rng.integers(0, 3, n).astype(np.int32)),
        latitude=("receptor", places, {"units": "degrees_north"}),
        longitude=("receptor", places[::-1] + 90.0, {"units": "degrees_east"}),
    )


def empty_jacobian(n, fixed):
    """Return a Jacobian without entries, so that the fixed part is the enhancement."""
    return xr.Dataset(
        {
            "sensitivity": ("nonzero", np.zeros(0)),
            "state_index": ("nonzero", np.zeros(0, dtype=np.int32)),
            "row_start": ("row_edge", np.zeros(n + 1, dtype=np.int64)),
            "fixed_mole_fraction": ("obs", fixed),
        }
    )


def case_of(obs):
    n = obs.sizes["obs"]
    return empty_jacobian(n, np.linspace(1.0, 9.0, n)), prior(np.random.default_rng(0))


def only(name, **changes):
    """Return settings with one correlated term, and a tiny instrument error."""
    off = {other: {"enabled": False} for other in CORRELATED if other != name}
    return MismatchSettings(**off, **{name: changes}, instrument={"floor_umol_mol": 1e-9})


def correlations(section, obs):
    """Return the correlation matrix of the one correlated term."""
    mismatch = build_mismatch(obs, *case_of(obs), section)
    covariance = mismatch_covariance(mismatch, obs) - np.diag(
        mismatch["standard_deviation"][0].to_numpy() ** 2
    )
    deviation = mismatch["standard_deviation"][1].to_numpy()
    return covariance / np.outer(deviation, deviation)

"""One seeded generator for each test; fakes of the datasets are those of tests/inversion_core."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(20260107)

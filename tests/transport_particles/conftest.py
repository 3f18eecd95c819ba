"""Laboratories for the tests of the particle model."""

import pytest
from planting import planted, sound


@pytest.fixture(scope="session")
def lab():
    return sound()


@pytest.fixture(scope="session")
def defect(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    return lambda name: planted(folder, name)

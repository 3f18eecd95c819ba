"""Units at the door, one order of the state, code hashes that follow imports."""

import numpy as np
import pytest

from contracts.code import closure, imports_of
from contracts.spaces import StateSpace
from contracts.units import factor_to_canonical, mass_rate_of_flux, to_canonical


def test_units():
    np.testing.assert_allclose(to_canonical(1.0, "mol m-2 s-1", "flux"), 1e6)
    with pytest.raises(ValueError, match="unit of a flux"):
        factor_to_canonical("kg m-2 s-1", "flux")
    with pytest.raises(ValueError, match="quantity must be"):
        factor_to_canonical("m", "colour")


def test_one_micromole_over_a_hectare():
    """1 umol m-2 s-1 over 1e10 m2 for a year is 13.888 Mt CO2 (by hand: 1e4 mol s-1)."""
    rate = mass_rate_of_flux(44.0095) * 1e10
    np.testing.assert_allclose(rate * 365 * 86400 / 1e9, 13.8788, rtol=1e-4)


def test_order_of_the_state():
    space = StateSpace(("a", "b"), ("x", "y", "z"), (2, 2))
    vector = np.arange(space.size)
    assert space.reshape(vector)[1, 2, 1, 0] == space.index(1, 2, 2)
    with pytest.raises(ValueError, match="shape"):
        space.reshape(np.zeros(3))


def test_closure_follows_imports():
    assert "contracts.files" in closure("contracts.datasets")
    assert "contracts.datasets" not in closure("contracts.files")
    with pytest.raises(ValueError, match="one of ours"):
        imports_of("numpy")


def test_a_package_that_imports_what_lies_in_it_holds_all_of_it():
    assert "stations.readers.gcwerks" in imports_of("stations.readers")
    assert "stations.readers.gcwerks" in closure("workflow.scripts.ingest_station")
    assert "transport.readers.stilt" not in imports_of("transport.readers")

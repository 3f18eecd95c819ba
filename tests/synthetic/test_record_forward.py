"""The certificate's forward model: every element counted by hand, and against the inversion's own."""

import numpy as np
import pytest
import record_fakes as fake
import xarray as xr

from inversion.jacobian import build_jacobian
from synthetic.forward import forward_of


def by_hand(footprint, prior, flux):
    """Return the enhancement of each hour, element by element."""
    result, start = [], 0
    hours = prior["hour"].values.tolist()
    for obs, size in enumerate(footprint["row_size"].values):
        total = 0.0
        for k in range(start, start + size):
            lag_end = footprint["lag_bounds"].values[footprint["lag_index"].values[k], 1]
            end = footprint["time"].values[obs] + fake.HOUR
            emitted = end - np.timedelta64(int(lag_end), "s")
            if emitted.astype("datetime64[ns]").astype(int) not in hours:
                continue
            hour = hours.index(emitted.astype("datetime64[ns]").astype(int))
            period = hour // 24
            for sector in range(len(flux)):
                row, column = (int(footprint[f"{d}_index"][k]) for d in ("row", "column"))
                there = flux[sector, period, row, column]
                profile = prior["hourly_profile"].values[sector, hour]
                total += float(footprint["sensitivity"][k]) * profile * there
        result.append(total)
        start += size
    return np.array(result)


@pytest.fixture
def uneven():
    """A prior whose sectors have profiles of their own."""
    rng = np.random.default_rng(0)
    return fake.prior(profile=rng.gamma(4.0, 0.25, (2, 72)))


def test_every_element_acts_through_the_flux_and_the_profile_of_its_own_hour(uneven):
    flux = uneven["flux"].values
    expected = np.concatenate([by_hand(part, uneven, flux) for part in fake.both()])
    np.testing.assert_allclose(
        forward_of(fake.both(), uneven).enhancement(flux), expected, rtol=1e-12
    )


def test_it_agrees_with_the_jacobian_it_shares_no_code_with(uneven):
    one = fake.footprints("ONE", fake.HOURS["ONE"])
    rows = xr.Dataset({"obs_id": one["obs_id"], "time": one["time"]})
    jacobian = build_jacobian(rows, [one], uneven)
    flux = uneven["flux"].values.ravel()
    parts = np.split(np.arange(jacobian.sizes["nonzero"]), jacobian["row_start"].values[1:-1])
    expected = [
        jacobian["sensitivity"].values[k] @ flux[jacobian["state_index"].values[k]] for k in parts
    ]
    made = forward_of([one], uneven).enhancement(uneven["flux"].values)
    np.testing.assert_allclose(made, expected, rtol=1e-12)


def test_equal_profiles_share_a_matrix_and_the_fixed_flux_is_added():
    flat, fixed = fake.prior(), fake.prior(fixed=2.0)
    plain, more = (forward_of(fake.both(), prior) for prior in (flat, fixed))
    assert len(plain.matrices) == 1
    seen = np.concatenate([(p["sensitivity_total"] - 0.1).values for p in fake.both()])
    flux = flat["flux"].values
    difference = more.enhancement(flux) - plain.enhancement(flux)
    np.testing.assert_allclose(difference, 2.0 * seen, rtol=1e-12)


def test_what_nobody_emits_is_counted():
    early = fake.footprints("ONE", [2])  # lags reach back before the first period
    known = forward_of([early], fake.prior())
    inside = float((early["sensitivity_total"] - 0.1).item())
    assert 0.0 < known.before[0] < inside
    np.testing.assert_allclose(known.inside + known.before, inside, rtol=1e-12)
    np.testing.assert_allclose(known.matrices[0].sum(), known.inside[0], rtol=1e-12)
    later = forward_of([fake.footprints("ONE", [40])], fake.prior())
    assert (later.before[0], later.beyond[0]) == (0.0, 0.1)


def test_integrated_footprints_another_grid_and_a_prior_without_hours_are_refused():
    good = fake.footprints("ONE", [30])
    with pytest.raises(ValueError, match=r"must be told by hour; got time_integrated=yes .* ONE"):
        forward_of([good.assign_attrs(time_integrated="yes")], fake.prior())
    with pytest.raises(ValueError, match="must lie on the prior's grid"):
        forward_of([good.isel(longitude=slice(1, None))], fake.prior())
    with pytest.raises(ValueError, match="must hold cells and hours"):
        forward_of([good], fake.prior().drop_vars("hour"))

"""The fixed part's standard deviation comes in; its share in Σ_d goes out.

People breathe where people live: the air cannot tell their respiration from the sectors the
inventory counts. It is a fixed part of the prior mean, so its error moves the totals one to one.
"""

from collections.abc import Mapping

import numpy as np

from reconcile.families import Family


def fixed_deviations(
    family: Family, deviation_by_region: Mapping[str, float], sectors: tuple[str, ...]
) -> np.ndarray:
    """Return the standard deviation that the fixed part adds to each total.

    Parameters
    ----------
    family : Family
        k totals of (region, sector).
    deviation_by_region : mapping
        Standard deviation of the fixed part of each region, kg s-1.
    sectors : tuple of str
        Sectors that cannot be told from human respiration.

    Returns
    -------
    ndarray (k,)
        kg s-1; add its outer product to Σ_d, the error being one factor common to all regions.

    Notes
    -----
    ASSUME: the whole error falls on `all`, and within the sectors on those named; where the family
    holds none of them it falls on each in full. ASSUME: the biosphere's totals are told apart by
    their daily cycle, so nothing is added there.
    """
    if family.name == "biosphere":
        return np.zeros(len(family.pairs))
    present = {sector for _, sector in family.pairs}
    bearing = present & set(sectors) or present
    return np.array(
        [
            _deviation(region, deviation_by_region) if sector in bearing else 0.0
            for region, sector in family.pairs
        ]
    )


def _deviation(region: str, deviation_by_region: Mapping[str, float]):
    if region not in deviation_by_region:
        known = ", ".join(sorted(deviation_by_region))
        msg = (
            f"the fixed part must have a standard deviation for every region; got none for "
            f"{region} in the posterior (it has {known}). Build the posterior again."
        )
        raise ValueError(msg)
    return deviation_by_region[region]

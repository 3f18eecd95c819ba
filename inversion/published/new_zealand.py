"""The files of the CO2 inversion of New Zealand, 2011 to 2013, come in; the six datasets of its problem go out.

A reproduction of the code and configuration of Steinkamp and others as published with their
files (MIT licence), peculiarities included; two of them can be switched by options.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from inversion.published.new_zealand_files import read_files
from inversion.published.new_zealand_observations import (
    background_of,
    density_per_ppm,
    mismatch_of,
    observations_of,
)
from inversion.published.new_zealand_parts import parts_of_months
from inversion.published.new_zealand_prior import prior_of
from inversion.published.new_zealand_records import SUMMER_HOUR, daily_values
from inversion.published.new_zealand_transport import jacobian_of

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from contracts.settings.problem import ProblemSettings

logger = logging.getLogger(__name__)

KEEP, DROP = "keep", "drop"
# Options and their values; the first is the authors'.
OPTIONS = {"daylight_saving": tuple(SUMMER_HOUR), "extreme_responses": (KEEP, DROP)}


def read_problem(section: ProblemSettings, folder: str | Path) -> dict[str, xr.Dataset]:
    """Return the six datasets of the problem.

    Parameters
    ----------
    section : ProblemSettings
        ``options``: ``daylight_saving`` is ``as_published`` (14 h New Zealand standard time on days
        with daylight saving, as the authors' code has it) or ``standard_time`` (12 h, which is
        13 h on the clock); ``extreme_responses`` is ``keep`` or ``drop`` (two observations of
        Lauder).
    folder : str or Path
        Holds ``NAMEgrid.mat`` and the folders beside it.

    Returns
    -------
    dict of Dataset
        State: one sector, 144 quarters of months, 25 regions; then three offsets of sites.
    """
    chosen = _options(section.options)
    files = read_files(folder)
    parts = parts_of_months()
    daily = daily_values(
        files, chosen["daylight_saving"], keep_extreme=chosen["extreme_responses"] == KEEP
    )
    density = density_per_ppm(files, daily)
    prior, prior_covariance = prior_of(files, parts)
    logger.info("New Zealand: options %s, counts %s", chosen, daily.counts)
    datasets = {
        "observations": observations_of(files, daily),
        "background": background_of(files, daily, density),
        "jacobian": jacobian_of(files, daily, parts, density),
        "prior": prior,
        "prior_covariance": prior_covariance,
        "mismatch": mismatch_of(daily),
    }
    return {name: dataset.assign_attrs(**chosen) for name, dataset in datasets.items()}


def _options(given: dict[str, str]):
    """Return every option's value, the authors' where it is not given; refuse all that is unknown."""
    wrong = [
        f"{name}: {value}"
        for name, value in sorted(given.items())
        if value not in OPTIONS.get(name, ())
    ]
    if wrong:
        known = "; ".join(f"{name} is {' or '.join(values)}" for name, values in OPTIONS.items())
        msg = (
            f"problem.options of the reader new_zealand must be known ({known}); got "
            f"{', '.join(wrong)} in the settings. Use these names and values."
        )
        raise ValueError(msg)
    return {name: given.get(name, values[0]) for name, values in OPTIONS.items()}

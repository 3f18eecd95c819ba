"""A run's name, its gas and the datasets of a batch come in; what every exchange file says of its origin goes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from contracts.files import canonical_hash


@dataclass(frozen=True)
class Origin:
    """Where the numbers of one batch come from.

    Attributes
    ----------
    run, batch, gas : str
        Names.
    start, end : datetime64[ns]
        The batch [start, end), UTC, its spin-up left out.
    synthetic : bool
        Whether any dataset of the batch is made of synthetic data.
    posterior : str
        SHA-256 of the posterior's provenance; "" where it carries none.
    """

    run: str
    batch: str
    gas: str
    start: np.datetime64
    end: np.datetime64
    synthetic: bool
    posterior: str

    @property
    def mark(self) -> str:
        """Return ``"SYNTHETIC "`` or nothing, to stand before a description."""
        return "SYNTHETIC " if self.synthetic else ""

    @property
    def yes_no(self) -> str:
        """Return the mark of a table's column."""
        return "yes" if self.synthetic else "no"


def origin_of(batch: Any, run: str, gas: str) -> Origin:
    """Return the origin of one batch.

    Parameters
    ----------
    batch : object
        ``name``, and the datasets ``posterior``, ``prior`` and ``reconciliation`` (or None).
    run, gas : str
        Names of the run and of the gas.

    Returns
    -------
    Origin
    """
    posterior = batch.posterior
    used = posterior["period_in_batch"].to_numpy() != 0
    bounds = posterior["period_bounds"].to_numpy().astype("datetime64[ns]")[used]
    if not len(bounds):
        msg = (
            f"a batch must hold at least one period; got {used.size} periods, none of them in the "
            f"batch, in posterior {batch.name}. Check period_in_batch."
        )
        raise ValueError(msg)
    datasets = (posterior, batch.prior, batch.reconciliation)
    marks = [str(ds.attrs.get("synthetic", "no")) for ds in datasets if ds is not None]
    provenance = posterior.attrs.get("provenance")
    return Origin(
        run=run,
        batch=batch.name,
        gas=gas,
        start=bounds.min(),
        end=bounds.max(),
        synthetic="yes" in marks,
        posterior=canonical_hash(json.loads(provenance)) if provenance else "",
    )


def iso_time(time: np.datetime64) -> str:
    """Return a UTC time as ISO 8601 to the second with Z.

    Examples
    --------
    >>> iso_time(np.datetime64("2026-05-31T16:00:00", "ns"))
    '2026-05-31T16:00:00Z'
    """
    return f"{np.datetime_as_string(time, unit='s')}Z"

"""What a check noticed comes in; sentences in two languages, as variables of the network's status, go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Finding:
    """One thing that a person should look at.

    Attributes
    ----------
    kind : str
        Stable name of the cause, for example ``clock``.
    station : str
        Empty where it concerns the network.
    text, text_local : str
        What was found, what was expected, what to do: English, Chinese.
    """

    kind: str
    station: str
    text: str
    text_local: str


def with_findings(status: xr.Dataset, findings: Sequence[Finding]) -> xr.Dataset:
    """Add findings to a status.

    Parameters
    ----------
    status : Dataset
        Contract `network_status`.
    findings : sequence of Finding
        In the order in which people should read them.

    Returns
    -------
    Dataset
        With `finding_*` along `finding`; unchanged where there is none.
    """
    if not findings:
        return status

    def column(name: str) -> tuple[str, np.ndarray]:
        return "finding", np.array([getattr(item, name) for item in findings], dtype=np.str_)

    return status.assign(
        finding_kind=column("kind"),
        finding_station=column("station"),
        finding_text=column("text"),
        finding_text_local=column("text_local"),
    )


def listed(status: xr.Dataset) -> list[dict[str, str]]:
    """Return the findings of a status as plain values.

    Parameters
    ----------
    status : Dataset

    Returns
    -------
    list of dict
        kind, station, text, text_local.
    """
    names = ("kind", "station", "text", "text_local")
    if "finding" not in status.dims:
        return []
    columns = [status[f"finding_{name}"].values.tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

"""Rows with their providers' flags come in; what the provider wrote, kept as text, goes out."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import xarray as xr

from stations.reading.rows import Claims, Rows

_LISTED = 6  # different texts of one hour that are kept in full
_EMPTY = "(empty)"


def provider_flag_counts(rows: Rows) -> dict[str, int]:
    """Return how many rows carry each text of the provider's flag.

    Parameters
    ----------
    rows : Rows

    Returns
    -------
    dict
        Text -> rows, sorted by text.
    """
    counts = np.bincount(rows.provider, minlength=len(rows.provider_names))
    named = zip(rows.provider_names, counts.tolist(), strict=True)
    return {name or _EMPTY: n for name, n in sorted(named) if n and (name or len(counts) > 1)}


def with_provider_flags(dataset: xr.Dataset, rows: Rows) -> xr.Dataset:
    """Add the provider's own flags to an hourly record, where its files carry any.

    Parameters
    ----------
    dataset : Dataset
        Contract `station`.
    rows : Rows
        The rows behind it, in UTC.

    Returns
    -------
    Dataset
        With ``provider_flag(time)``: the texts of the hour's rows, joined by blanks, each once,
        in their order of the alphabet.
    """
    if len(rows.provider_names) < 2:
        return dataset
    time = dataset["time"].values.astype("datetime64[s]").astype(np.int64)
    hour = np.floor((rows.stamp + rows.seconds / 2) / 3600).astype(np.int64) - time[0] // 3600
    pairs = np.unique(np.stack([hour, rows.provider], axis=1), axis=0)
    listed: list[list[str]] = [[] for _ in time]
    for at, code in pairs.tolist():
        text = rows.provider_names[code]
        if 0 <= at < len(listed) and text:
            listed[at].append(text)
    texts = [" ".join(sorted(found)[:_LISTED]) for found in listed]
    attrs = {"long_name": "flags of the provider as written", "comment": "see quality_flag"}
    return dataset.assign(provider_flag=("time", np.array(texts, dtype=str), attrs))


def spoken_claims(claims: Claims) -> dict[str, object]:
    """Return what a file says about itself, without what it does not say.

    Parameters
    ----------
    claims : Claims

    Returns
    -------
    dict
    """
    return {
        key: value
        for key, value in asdict(claims).items()
        if value not in ("", 0.0) and not (isinstance(value, float) and math.isnan(value))
    }

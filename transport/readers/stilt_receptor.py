"""The text by which PYSTILT says a receptor comes in; the receptor goes out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from transport.readers.receptor import Receptor


def receptor_in_text(text: Any, where: str) -> Receptor:
    """Return the receptor that PYSTILT writes as JSON; nothing where there is none.

    Parameters
    ----------
    text : str or None
        Attribute of a footprint, or metadata of a particle file.
    where : str
        For the error.

    Returns
    -------
    Receptor

    Raises
    ------
    ValueError
        Where the text says no single point above ground.

    Examples
    --------
    >>> receptor_in_text(None, "here").known()
    ()
    """
    if text is None:
        return Receptor()
    try:
        said = json.loads(text)
        if said["type"] != "PointReceptor" or said["altitude_ref"] != "agl":
            raise KeyError(said["type"], said["altitude_ref"])
        return Receptor(
            np.datetime64(said["time"], "ns"),
            *(float(said[name]) for name in ("longitude", "latitude", "altitude")),
        )
    except (ValueError, KeyError, TypeError) as error:
        msg = (
            "a receptor must be the JSON of a PointReceptor above ground with time, longitude, "
            f"latitude and altitude; got {text!r} in {where}. Give the footprint of one point."
        )
        raise ValueError(msg) from error

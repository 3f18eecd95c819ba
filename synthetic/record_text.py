"""Hours and mole fractions of a made record come in; the text of its raw file goes out.

The registry must declare the reader that is stated here; nothing else reads such a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

SAMPLES_PER_HOUR = 720
DECLARATION: dict[str, Any] = {
    "format": "declared_csv",
    "label": "start",
    "slot_seconds": 3600,
    "header_row": 2,
    "columns": {
        "time": "time",
        "value": "mole_fraction_ppm",
        "stdev": "stdev_ppm",
        "n": "samples",
    },
    "time_format": "%Y-%m-%d %H:%M:%S",
}
_MAY_BE_SAID = {"delimiter": ",", "zone": "UTC", "unit": "ppm", "comment": "#"}


def record_text(station: str, time: np.ndarray, value: np.ndarray, rng: np.random.Generator) -> str:
    """Write a made hourly record.

    Parameters
    ----------
    station : str
    time : ndarray (hour,), datetime64, UTC
        Starts of hours.
    value : ndarray (hour,), umol mol-1
        With all errors.
    rng : numpy.random.Generator
        For the spread within each hour.

    Returns
    -------
    str
        One comment that says SYNTHETIC, one line of names, one line per hour.
    """
    spread = 0.4 * np.exp(0.3 * rng.standard_normal(len(time)))
    stamps = np.char.replace(np.datetime_as_string(time, unit="s"), "T", " ").tolist()
    lines = [
        f"{stamp},{mole_fraction:.3f},{deviation:.3f},{SAMPLES_PER_HOUR}"
        for stamp, mole_fraction, deviation in zip(
            stamps, value.tolist(), spread.tolist(), strict=True
        )
    ]
    header = [
        f"# SYNTHETIC record of station {station}: made from a drawn truth, nothing was measured",
        ",".join(str(name) for name in DECLARATION["columns"].values()),
    ]
    return "\n".join([*header, *lines]) + "\n"


def unlike_declaration(path: str | Path) -> list[str]:
    """Return the stations whose declared reader would not read a made record.

    Parameters
    ----------
    path : str or Path
        Registry, YAML with a mapping `stations`.

    Returns
    -------
    list of str
        Names, sorted.
    """
    rows = YAML(typ="safe", pure=True).load(Path(path).read_text(encoding="utf-8"))["stations"]
    wanted = {**_MAY_BE_SAID, **DECLARATION}
    return [name for name in sorted(rows) if {**_MAY_BE_SAID, **rows[name]["reader"]} != wanted]

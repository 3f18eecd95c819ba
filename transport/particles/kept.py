"""Footprints of single hours and a folder come in; those that were computed before, from the same inputs, go out.

A run that is cut off computes only what is not there yet, and a day that is added leaves the month alone.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from contracts.code import code_hash
from contracts.files import canonical_hash, write_bytes
from transport.particles.air import HOUR, Weather
from transport.particles.product import Flown

logger = logging.getLogger(__name__)
_ENTRIES = ("lag", "row", "column", "value")
_ALOFT = ("layer", "lag", "row", "column", "value")
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class Kept:
    """Hours of one receptor on disk, each under the hash of all that decides it.

    Parameters
    ----------
    folder : Path
        One file for each hour lies in it.
    about : mapping
        Settings, grid and receptor, as plain values: all that decides an hour beside the weather.
    weather : Weather
    hours_back : int
        Clock hours of the window, the observed one included.
    """

    def __init__(
        self, folder: Path, about: Mapping[str, Any], weather: Weather, hours_back: int
    ) -> None:
        self.folder = Path(folder)
        self._about = canonical_hash({**about, "code": code_hash("transport.particles")})
        self._weather = weather
        self._back = hours_back
        self._instants: dict[int, str] = {}
        self.found = 0

    def path(self, time: np.datetime64) -> Path:
        """Return where the hour that starts at `time` lies."""
        start, end = time - (self._back - 1) * HOUR, time + HOUR
        step = self._weather.spacing * HOUR
        inside = (self._weather.time > start - step) & (self._weather.time < end + step)
        seen = [self._instant(int(k)) for k in np.flatnonzero(inside)]
        name = canonical_hash({"about": self._about, "time": str(time), "weather": seen})
        return self.folder / f"{time.astype('datetime64[h]').item():%Y%m%dT%H}_{name[:24]}.npz"

    def _instant(self, k: int) -> str:
        """Return the hash of the weather of one instant."""
        if k not in self._instants:
            digest = hashlib.sha256()
            dataset = self._weather.dataset
            for name in sorted(map(str, dataset.variables)):
                variable = dataset[name]
                part = variable.isel(time=k) if "time" in variable.dims else variable
                digest.update(name.encode())
                digest.update(np.ascontiguousarray(part.to_numpy()).tobytes())
            self._instants[k] = digest.hexdigest()
        return self._instants[k]

    def load(self, time: np.datetime64) -> Flown | None:
        """Return an hour that was computed before; None where there is none, or no whole one."""
        path = self.path(time)
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                flown = _unpacked({name: file[name] for name in file.files})
        except _DAMAGE as error:
            logger.warning("footprint %s is damaged (%s); it is computed again", path.name, error)
            return None
        self.found += 1
        return flown

    def save(self, time: np.datetime64, flown: Flown) -> None:
        """Write an hour, whole or not at all."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **_packed(flown))
        write_bytes(self.path(time), buffer.getvalue())


def _packed(flown: Flown) -> dict[str, np.ndarray]:
    """Return an hour as arrays."""
    numbers = [flown.entries["total"], flown.entries["outside"], flown.noise, flown.cell_noise]
    return {
        **{name: np.asarray(flown.entries[name]) for name in _ENTRIES},
        **{f"aloft_{name}": np.asarray(flown.aloft[name]) for name in _ALOFT},
        "numbers": np.array(numbers, dtype=np.float64),
        "end": flown.end,
        "reason": flown.reason,
        "steps": np.array([flown.steps, int(flown.above)], dtype=np.int64),
    }


def _unpacked(arrays: Mapping[str, np.ndarray]) -> Flown:
    """Return arrays as an hour."""
    total, outside, noise, cell_noise = (float(number) for number in arrays["numbers"])
    entries = {name: arrays[name] for name in _ENTRIES}
    steps, above = (int(number) for number in arrays["steps"])
    return Flown(
        entries={**entries, "total": total, "outside": outside},
        aloft={name: arrays[f"aloft_{name}"] for name in _ALOFT},
        noise=noise,
        cell_noise=cell_noise,
        end=arrays["end"],
        reason=arrays["reason"],
        steps=steps,
        above=bool(above),
    )

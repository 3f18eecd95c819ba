"""What a run would know and cost comes in; the limits of the settings that it breaks go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.settings.preview import PreviewSettings
    from inversion.previewing.cost import Cost
    from inversion.previewing.expected import Expected

GB = 1e9
_MORE_DATA = "Add stations or hours"
_MORE_ROOM = "Use coarser cells, a shorter batch or a larger machine"


def broken_limits(expected: Expected, cost: Cost | None, section: PreviewSettings) -> list[str]:
    """Return a sentence for each limit that a run breaks.

    Parameters
    ----------
    expected : Expected
    cost : Cost or None
        Where it is not known, limits of cost are not judged.
    section : PreviewSettings

    Examples
    --------
    A sentence reads like "preview.least_dofs: a run must have at least 10; got 7.2. ...".
    """
    broken = []
    for name, found, smallest, todo in _found(expected, cost):
        limit = getattr(section, name)
        if limit is None or (found >= limit if smallest else found <= limit):
            continue
        asked = "at least" if smallest else "at most"
        broken.append(
            f"preview.{name}: a run must have {asked} {limit:g}; got {found:.3g}. {todo}, or "
            "change the limit."
        )
    return broken


def _found(expected: Expected, cost: Cost | None) -> Iterator[tuple[str, float, bool, str]]:
    """Yield each limit's name, what was found, whether it is a least value, and what to do."""
    city = expected.index(ALL)
    relative = 100.0 * expected.relative
    districts = [relative[expected.index(code)] for code in expected.districts]
    worst = int(np.argmax(districts)) if districts else 0
    name = f" (worst: {expected.districts[worst]})" if districts else ""
    yield "least_observations", float(expected.n_observations), True, _MORE_DATA
    yield "least_dofs", expected.dofs, True, _MORE_DATA
    yield "least_city_information", float(expected.information[city]), True, _MORE_DATA
    yield "most_city_sd_percent", float(relative[city]), False, _MORE_DATA
    if districts:
        yield "most_district_sd_percent", float(districts[worst]), False, _MORE_DATA + name
    if cost is not None:
        yield "most_hours", cost.hours, False, _MORE_ROOM
        yield "most_memory_gb", cost.memory_bytes / GB, False, _MORE_ROOM
        yield "most_disk_gb", cost.disk_bytes / GB, False, _MORE_ROOM

"""The run's grid or region outlines, districts and stations come in; what all its maps share goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from report.inputs import ReportInputs
from report.maps.frame import Frame, Outline, project_regions
from report.maps.furniture import Station
from report.maps.labels import merge_labels
from report.maps.places import Places, frame_around, read_places
from report.names import is_of_regions

CENTRAL_SHARE = 0.025  # a district smaller than this share of the city goes into the inset
INSET_SHARE = 0.7  # of the width: where the main map shows less of it, the inset shows all


@dataclass(frozen=True)
class Scenery:
    """What all pictures of a run share.

    Parameters
    ----------
    frame : Frame
        The plane.
    outlines : tuple of Outline
        Districts, none when the region is the domain; the regions themselves in a state of regions.
    city : shapely geometry or None
        Union of the districts; None where nothing is to be veiled.
    stations : tuple of Station
        Sorted by name.
    places : Places or None
        Shapes of the regions of a state of regions; None on a grid.
    """

    frame: Frame
    outlines: tuple[Outline, ...]
    city: Any | None
    stations: tuple[Station, ...]
    places: Places | None = field(default=None)

    @property
    def central(self) -> list[Outline]:
        """Return the districts too small to be named on the whole map, at least two, or none."""
        if self.city is None:
            return []
        small = [o for o in self.outlines if o.shape.area < CENTRAL_SHARE * self.city.area]
        return small if len(small) > 1 else []

    @property
    def overview(self) -> bool:
        """Tell whether regions reach so far out that an inset must show them all."""
        if self.places is None:
            return False
        left, right = self.frame.extent[:2]
        whole = self.places.bounds
        return right - left < INSET_SHARE * (whole[2] - whole[0])


def make_scenery(inputs: ReportInputs) -> Scenery | None:
    """Return frame, districts and stations in the plane of the maps.

    Parameters
    ----------
    inputs : ReportInputs
        With at least one batch.

    Returns
    -------
    Scenery or None
        None where the state is one of regions and none of them has an outline: no map can be drawn.
    """
    if is_of_regions(inputs.batches[0].posterior):
        return _of_regions(inputs)
    import shapely

    frame = Frame.from_dataset(inputs.batches[0].posterior)
    outlines = project_regions(inputs.regions, frame)
    city = shapely.union_all([outline.shape for outline in outlines]) if outlines else None
    return Scenery(frame, outlines, city, place_stations(inputs, frame))


def _of_regions(inputs: ReportInputs):
    places = read_places(inputs.batches[0].prior, inputs.regions)
    if places is None:
        return None
    frame = frame_around(places)
    return Scenery(frame, places.outlines(), None, place_stations(inputs, frame), places)


def place_stations(inputs: ReportInputs, frame: Frame) -> tuple[Station, ...]:
    """Return the stations of the records, or else the receptors, those at one place as one."""
    status, out = inputs.network_status, frozenset[str]()
    if status is not None:
        names = status["station"].values[status["excluded"].values != 0]
        out = frozenset(names.astype(str).tolist())
    found: dict[tuple[float, float], list[str]] = {}
    for name, longitude, latitude in sorted(_sites(inputs)):
        onward = 360.0 if frame.geographic and longitude < frame.columns[0] - 180.0 else 0.0
        place = frame.project(longitude + onward, latitude)
        found.setdefault((round(float(place[0]), 4), round(float(place[1]), 4)), []).append(name)
    stations = [
        Station(merge_labels(names, out), *place, all(name in out for name in names))
        for place, names in found.items()
    ]
    return tuple(sorted(stations, key=lambda station: station.name))


def _sites(inputs: ReportInputs) -> Iterator[tuple[str, float, float]]:
    if inputs.stations:
        for name, data in inputs.stations.items():
            yield name, float(data.attrs["longitude"]), float(data.attrs["latitude"])
        return
    seen = set()
    for batch in inputs.batches:
        columns = (batch.observations[key].values for key in ("receptor", "longitude", "latitude"))
        for name, longitude, latitude in zip(*columns, strict=True):
            if str(name) not in seen:
                seen.add(str(name))
                yield str(name), float(longitude), float(latitude)


def clipped(outlines: Sequence[Outline], frame: Frame) -> list[Outline]:
    """Return the parts of outlines that lie in a frame, so that names stand where they are seen."""
    import shapely

    left, right, bottom, top = frame.extent
    box = shapely.box(left, bottom, right, top)
    cut = [(outline, shapely.intersection(outline.shape, box)) for outline in outlines]
    return [
        Outline(outline.code, outline.name, outline.name_local, shape)
        for outline, shape in cut
        if not shape.is_empty and shape.area > 0.0
    ]


def hidden_shape(hidden: np.ndarray, places: Places) -> Any:
    """Return the union of the regions that are hidden, bool (region,)."""
    import shapely

    chosen = [shape for shape, gone in zip(places.shapes, hidden, strict=True) if gone and shape]
    return shapely.union_all(chosen)

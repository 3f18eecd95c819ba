"""The whole run comes in; its map pictures, with names, captions and alternative texts, go out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from report.inputs import Batch, ReportInputs
from report.maps import fonts
from report.maps.draw import Scenery, draw_map
from report.maps.frame import Frame, project_regions
from report.maps.furniture import Station
from report.maps.layers import LAYER_NAMES, Layer, Scale, flux_limits, make_layer
from report.wording import LAYERS, Pair, sector_name

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MapPicture:
    """One map in both languages.

    Parameters
    ----------
    batch, layer, sector : str
        What is shown.
    names : Pair
        File names under ``maps/``; equal where no Chinese font exists.
    images : Pair of bytes
        PNG files.
    alt : Pair
        Alternative text.
    undefined : int
        Cells without a value, drawn grey.
    """

    batch: str
    layer: str
    sector: str
    names: Pair
    images: tuple[bytes, bytes]
    alt: Pair
    undefined: int


def draw_all(inputs: ReportInputs) -> list[MapPicture]:
    """Draw every layer of every wanted sector of every batch, without any network.

    Parameters
    ----------
    inputs : ReportInputs
        The run.

    Returns
    -------
    list of MapPicture
        Batch slowest, then sector, then layer.
    """
    fonts.use_cache(inputs.cache_dir)
    import matplotlib as mpl

    chinese = fonts.chinese_font()
    if chinese is None:
        _log.warning("no Chinese font is installed: words inside pictures stay in English")
    languages = ("en", "zh") if chinese else ("en",)
    scenery, scale = make_scenery(inputs), make_scale(inputs)
    pictures = []
    with mpl.rc_context(fonts.style(chinese)):
        for batch, sector, name in _wanted(inputs):
            layer = make_layer(batch.posterior, sector, name, scale)
            title = _title(inputs, batch, sector, name)
            images = draw_map(layer, scenery, title, languages)
            pictures.append(_picture((batch, sector, name), layer, images, inputs))
    _log.info("%d maps in %d language(s)", len(pictures), len(languages))
    return pictures


def map_sectors(inputs: ReportInputs) -> list[str]:
    """Return the sectors that get maps: those of the settings, or all, net and the biosphere's."""
    chosen = inputs.settings.report.map_sectors
    if chosen is not None:
        return list(chosen)
    prior = inputs.batches[0].prior
    kinds = [str(kind) for kind in prior["sector_kind"].values]
    names = [str(name) for name in prior["sector"].values]
    living = [name for name, kind in zip(names, kinds, strict=True) if kind == "biosphere"]
    return ["all", "net", *living]


def make_scenery(inputs: ReportInputs) -> Scenery:
    """Return frame, districts and stations in the grid's plane."""
    import shapely

    frame = Frame.from_dataset(inputs.batches[0].posterior)
    outlines = project_regions(inputs.regions, frame)
    city = shapely.union_all([outline.shape for outline in outlines]) if outlines else None
    status = inputs.network_status
    excluded = dict(
        zip(map(str, status["station"].values), status["excluded"].values.tolist(), strict=True)
    )
    stations = []
    for name, data in sorted(inputs.stations.items()):
        across, upward = frame.project(
            float(data.attrs["longitude"]), float(data.attrs["latitude"])
        )
        stations.append(Station(name, float(across), float(upward), bool(excluded.get(name, 0))))
    return Scenery(frame, outlines, city, tuple(stations))


def make_scale(inputs: ReportInputs) -> Scale:
    """Return the colour limits of the run: the settings', or those of all batches' fluxes."""
    report = inputs.settings.report
    limits = report.flux_limits_umol_m2_s
    if limits is None:
        fields = [
            np.abs(batch.posterior[name].sel(map_sector="all").values)
            for batch in inputs.batches
            for name in ("mean_flux_prior", "mean_flux")
        ]
        limits = flux_limits(np.stack(fields))
    return Scale(tuple(limits), report.information_threshold)


def _wanted(inputs: ReportInputs) -> Iterator[tuple[Batch, str, str]]:
    for batch in inputs.batches:
        for sector in map_sectors(inputs):
            for name in LAYER_NAMES:
                yield batch, sector, name


def _title(inputs: ReportInputs, batch: Batch, sector: str, name: str):
    marks = Pair(" · SYNTHETIC", " · 合成数据") if inputs.synthetic else Pair("", "")
    return Pair(
        *(
            f"{LAYERS[name][k]} · {sector_name(sector)[k]} · {batch.name}{marks[k]}"
            for k in range(2)
        )
    )


def _picture(
    key: tuple[Batch, str, str], layer: Layer, images: Sequence[bytes], inputs: ReportInputs
):
    batch, sector, name = key
    stem = f"{batch.name}_{sector}_{name}"
    share = 100.0 * float(np.mean(layer.hidden))
    title = _title(inputs, batch, sector, name)
    both = len(images) == 2
    alt = Pair(
        f"Map. {title.en}. {layer.label.en}. Hatched as not determined: {share:.0f} % of the cells.",
        f"地图。{title.zh}。{layer.label.zh}。斜线表示无法判定：{share:.0f}% 的网格。",
    )
    names = Pair(f"{stem}.en.png", f"{stem}.zh.png" if both else f"{stem}.en.png")
    return MapPicture(
        batch.name, name, sector, names, (images[0], images[-1]), alt, layer.undefined
    )

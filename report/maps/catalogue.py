"""The whole run comes in; its map pictures, with names, captions and alternative texts, go out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from report.inputs import Batch, ReportInputs
from report.maps import fonts
from report.maps.draw import draw_map
from report.maps.layers import LAYER_NAMES, Layer, make_layer
from report.maps.scale import Scale, flux_limits, signed_sectors
from report.maps.scenery import make_scenery
from report.names import names_of
from report.wording import LAYERS, Pair

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
        Cells or regions without a value, drawn grey.
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
        Batch slowest, then sector, then layer; none without batches, or where a state of regions
        has no outlines.
    """
    scenery = make_scenery(inputs) if inputs.batches else None
    if scenery is None:
        _log.info("no maps: there is nothing with an outline")
        return []
    fonts.use_cache(inputs.cache_dir)
    import matplotlib as mpl

    chinese = fonts.chinese_font()
    if chinese is None:
        _log.warning("no Chinese font is installed: words inside pictures stay in English")
    languages = ("en", "zh") if chinese else ("en",)
    scale = make_scale(inputs)
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
    """Return the sectors that get maps: those of the settings, or all, net and the biosphere's.

    Of sums that are the same, such as ``net`` without a biosphere, only the first is drawn.
    """
    chosen = inputs.settings.report.map_sectors
    if chosen is not None:
        return list(chosen)
    prior, data = inputs.batches[0].prior, inputs.batches[0].posterior
    kinds = prior["sector_kind"].values.astype(str)
    names = prior["sector"].values.astype(str)
    fields = dict(
        zip(
            data["map_sector"].values.astype(str).tolist(),
            data["mean_flux"].transpose("map_sector", ...).values,
            strict=True,
        )
    )
    found = ["all"]
    for name in ["net", *names[kinds == "biosphere"].tolist()]:
        if not any(np.allclose(fields[name], fields[other], rtol=1e-9) for other in found):
            found.append(name)
    return found


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
    signed = signed_sectors([batch.posterior for batch in inputs.batches])
    return Scale(tuple(limits), report.information_threshold, signed)


def _wanted(inputs: ReportInputs) -> Iterator[tuple[Batch, str, str]]:
    for batch in inputs.batches:
        for sector in map_sectors(inputs):
            for name in LAYER_NAMES:
                yield batch, sector, name


def _title(inputs: ReportInputs, batch: Batch, sector: str, name: str):
    marks = Pair(" · SYNTHETIC", " · 合成数据") if inputs.synthetic else Pair("", "")
    return Pair(
        *(
            f"{LAYERS[name][k]} · {names_of(batch).sector(sector)[k]} · {batch.name}{marks[k]}"
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
    what = Pair("cells", "网格") if layer.hidden.ndim == 2 else Pair("regions", "区域")
    alt = Pair(
        f"Map. {title.en}. {layer.label.en}. Hatched as not determined: {share:.0f} % of the "
        f"{what.en}.",
        f"地图。{title.zh}。{layer.label.zh}。斜线表示无法判定：{share:.0f}% 的{what.zh}。",
    )
    names = Pair(f"{stem}.en.png", f"{stem}.zh.png" if both else f"{stem}.en.png")
    return MapPicture(
        batch.name, name, sector, names, (images[0], images[-1]), alt, layer.undefined
    )

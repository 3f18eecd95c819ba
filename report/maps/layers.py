"""A posterior dataset and the name of a layer come in; a coloured field with its scale goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from report.maps.scale import UPTAKE, Scale, round_limits
from report.wording import Pair

LAYER_NAMES = ("posterior", "prior", "adjustment", "uncertainty", "information")
FLUX_UNIT = "µmol m⁻² s⁻¹"
STRONG = 0.5  # information from which the adjustment keeps its full colour
GREY = 0.86  # of cells about which nothing can be shown


@dataclass(frozen=True)
class Layer:
    """A field on the cells of a grid, (row, column), or on regions, (region,), ready to be drawn.

    Parameters
    ----------
    colours : ndarray, (..., 3)
        RGB in [0, 1].
    hidden : ndarray of bool, (...)
        Places whose information is below the threshold.
    norm, colour_map : matplotlib objects
        What turned values into colours, for the bar.
    label : Pair
        Quantity and unit.
    ends : (Pair, Pair) or None
        Words under a diverging bar.
    undefined : int
        Places that have no value (adjustment in per cent of a prior that is zero), drawn grey.
    suppressed : bool
        True when colours fade with the information.
    open_ended : bool
        True when values beyond the scale's ends take the end's colour.
    """

    colours: np.ndarray
    hidden: np.ndarray
    norm: Any
    colour_map: Any
    label: Pair
    ends: tuple[Pair, Pair] | None = None
    undefined: int = 0
    suppressed: bool = False
    open_ended: bool = True


def make_layer(posterior: xr.Dataset, sector: str, name: str, scale: Scale) -> Layer:
    """Return one layer of one sector of a batch.

    Parameters
    ----------
    posterior : Dataset
        Contract of that name.
    sector : str
        One of ``map_sector``.
    name : str
        One of ``LAYER_NAMES``.
    scale : Scale
        Limits shared by the run.

    Returns
    -------
    Layer
    """
    data = posterior.isel(map_sector=_place_of(sector, posterior))
    information = _known(data["information"].values)
    hidden = information < scale.threshold
    if name == "information":
        return _information_layer(information, hidden)
    if name == "adjustment":
        return _adjustment_layer(data, sector, hidden, scale)
    if name == "uncertainty":
        label = Pair(f"1 standard deviation [{FLUX_UNIT}]", f"1 倍标准差 [{FLUX_UNIT}]")
        values = data["mean_flux_standard_deviation"].values
        return _log_layer(values, hidden, _light_low("oslo"), (label, scale))
    values = data["mean_flux" if name == "posterior" else "mean_flux_prior"].values
    return _flux_layer(values, sector, hidden, scale)


def _place_of(sector: str, posterior: xr.Dataset):
    names = [str(value) for value in posterior["map_sector"].values]
    if sector not in names:
        msg = (
            f"report.map_sectors must name sectors of the run; got {sector!r} in the settings. "
            f"Choose among {', '.join(names)}."
        )
        raise ValueError(msg)
    return names.index(sector)


def _known(information: np.ndarray):
    """Return information with 0 where the prior has no variance: nothing was there to be learnt."""
    return np.where(np.isnan(information), 0.0, information)


def _light_low(name: str):
    """Return the colour map, turned so that low values are light and hatching stays visible."""
    import cmcrameri.cm as crameri

    forward = getattr(crameri, name)
    light = sum(forward(0.0)[:3]) > sum(forward(1.0)[:3])
    return forward if light else getattr(crameri, f"{name}_r")


def _flux_layer(values: np.ndarray, sector: str, hidden: np.ndarray, scale: Scale):
    from matplotlib.colors import SymLogNorm

    if sector in scale.signed:
        import cmcrameri.cm as crameri

        high = scale.flux[1]
        norm = SymLogNorm(linthresh=high / 100.0, vmin=-high, vmax=high, base=10)
        label = Pair(f"Net flux [{FLUX_UNIT}]", f"净通量 [{FLUX_UNIT}]")
        ends = (Pair("net uptake", "净吸收"), Pair("net source", "净排放"))
        colours = crameri.vik(norm(values))[..., :3]
        return Layer(colours, hidden, norm, crameri.vik, label, ends)
    if sector in UPTAKE:
        label = Pair(f"Uptake, −GPP [{FLUX_UNIT}]", f"吸收量（−GPP）[{FLUX_UNIT}]")
        return _log_layer(-values, hidden, _light_low("bamako"), (label, scale))
    label = Pair(f"Flux to the air [{FLUX_UNIT}]", f"向大气的通量 [{FLUX_UNIT}]")
    return _log_layer(values, hidden, _light_low("lajolla"), (label, scale))


def _log_layer(
    values: np.ndarray, hidden: np.ndarray, colour_map: Any, label_scale: tuple[Pair, Scale]
):
    from matplotlib.colors import LogNorm

    label, scale = label_scale
    norm = LogNorm(*scale.flux, clip=True)
    colours = colour_map(norm(np.maximum(values, scale.flux[0])))[..., :3]
    return Layer(colours, hidden, norm, colour_map, label)


def _information_layer(information: np.ndarray, hidden: np.ndarray):
    from matplotlib.colors import Normalize

    norm, colour_map = Normalize(0.0, 1.0, clip=True), _light_low("devon")
    label = Pair(
        "Share of the prior variance removed by the observations", "观测所消除的先验方差比例"
    )
    colours = colour_map(norm(information))[..., :3]
    return Layer(colours, hidden, norm, colour_map, label, open_ended=False)


def _adjustment_layer(data: xr.Dataset, sector: str, hidden: np.ndarray, scale: Scale):
    import cmcrameri.cm as crameri
    from matplotlib.colors import Normalize

    prior = data["mean_flux_prior"].values
    change = data["mean_flux"].values - prior
    defined = np.ones(change.shape, bool)
    label = Pair(f"Posterior − prior [{FLUX_UNIT}]", f"后验 − 先验 [{FLUX_UNIT}]")
    if sector not in scale.signed:
        defined = np.abs(prior) > 1e-9
        change = np.where(defined, 100.0 * change / np.where(defined, np.abs(prior), 1.0), 0.0)
        label = Pair("Posterior − prior [% of |prior|]", "后验 − 先验 [占先验绝对值的 %]")
    seen = np.abs(change[defined & ~hidden]) if (defined & ~hidden).any() else np.abs(change)
    limit = round_limits(1e-9, max(float(np.quantile(seen, 0.98)), 1e-6))[1]
    norm = Normalize(-limit, limit, clip=True)
    colours = crameri.vik(norm(change))[..., :3]
    information = _known(data["information"].values)
    colours = fade(colours, information, scale.threshold)
    colours[~defined] = GREY
    ends = (
        Pair("posterior below prior", "后验低于先验"),
        Pair("posterior above prior", "后验高于先验"),
    )
    count = int((~defined).sum())
    return Layer(colours, hidden, norm, crameri.vik, label, ends, count, suppressed=True)


def fade(colours: np.ndarray, information: np.ndarray, threshold: float) -> np.ndarray:
    """Blend colours towards grey where the observations say little.

    Three steps, read more exactly than a smooth ramp (Correll et al. 2018, value-suppressing
    uncertainty palettes): full colour from ``STRONG`` on, half below it, grey under the threshold.

    Parameters
    ----------
    colours : ndarray, (..., 3)
        RGB in [0, 1].
    information : ndarray, (...)
        Share of variance removed [1].
    threshold : float
        Information under which nothing is shown [1].

    Returns
    -------
    ndarray, (..., 3)
    """
    weight = np.select([information < threshold, information < STRONG], [0.0, 0.5], 1.0)[..., None]
    return weight * colours + (1.0 - weight) * GREY

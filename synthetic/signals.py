"""Truths and a carrier come in; what they add to the air of the receptors goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from synthetic.hours import Timeline
from synthetic.influence import NODES, Carrier, Site, carried, footprint, node_weights
from synthetic.rhythm import Rhythm
from synthetic.tables import Prior
from synthetic.truth import Truth

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scene:
    """What carries emissions to whom, and when.

    Attributes
    ----------
    carrier : Carrier
        Its weather starts with the first day of the timeline.
    sites : tuple of Site
    timeline : Timeline
    rhythm : Rhythm
    prior : Prior
    """

    carrier: Carrier
    sites: tuple[Site, ...]
    timeline: Timeline
    rhythm: Rhythm
    prior: Prior

    @property
    def window(self) -> int:
        """Clock hours of emissions looked back, the receptor hour included."""
        return self.carrier.plume.window_hours


def hourly_flux(truth: Truth, scene: Scene) -> np.ndarray:
    """Return the whole flux of every hour of the timeline.

    Parameters
    ----------
    truth : Truth
    scene : Scene

    Returns
    -------
    ndarray (hour, row, col), umol m-2 s-1
        All sectors, biosphere and human respiration.
    """
    hours = np.arange(len(scene.timeline.hour_start))
    factor = scene.rhythm.factor(hours) * truth.daily[:, hours // 24]
    human = scene.rhythm.human[hours % 24] * truth.human
    return np.tensordot(factor.T, truth.pattern, axes=1) + human[:, None, None] * scene.prior.human


def enhancement(truth: Truth, scene: Scene) -> np.ndarray:
    """Return what one truth adds at all sites in the hours of the station files.

    Parameters
    ----------
    truth : Truth
    scene : Scene

    Returns
    -------
    ndarray (site, hour), umol mol-1
        Hours of `timeline.raw`; the truth's own mixing height, not interpolated.
    """
    flux = hourly_flux(truth, scene)
    first, last = 24 * scene.timeline.raw.start, 24 * scene.timeline.raw.stop
    result = np.empty((len(scene.sites), last - first))
    for hour in range(first, last):
        past = flux[hour - scene.window + 1 : hour + 1][::-1]
        for i, site in enumerate(scene.sites):
            influence = scene.carrier.influence(site, 3600.0 * hour, (truth.mixing_height,))
            result[i, hour - first] = carried(influence, past)[0]
    return result


def _day_weights(scene: Scene, day: int, hours: range) -> tuple[np.ndarray, np.ndarray]:
    """Return a day's sensitivity to the sectors' mean maps, and what people add.

    Returns
    -------
    weights : ndarray (sector, days back, node × site × hour, cell)
    human : ndarray (node × site × hour,)
    """
    n_back = 1 + -(-(scene.window - 1) // 24)
    n_sector, n_cell = len(scene.prior.sectors), scene.prior.human.size
    shape = (len(NODES), len(scene.sites), len(hours))
    weights = np.zeros((n_sector, n_back, *shape, n_cell))
    human = np.empty(shape)
    for j, local in enumerate(hours):
        emitted = 24 * day + local - np.arange(scene.window)
        factor, back = scene.rhythm.factor(emitted), day - emitted // 24
        people = scene.rhythm.human[emitted % 24]
        for i, site in enumerate(scene.sites):
            influence = scene.carrier.influence(site, 3600.0 * emitted[0], NODES)
            sensitivity = footprint(influence, scene.window).reshape(*shape[:1], scene.window, -1)
            human[:, i, j] = people @ (sensitivity @ scene.prior.human.ravel()).T
            for b in range(n_back):
                part = factor[:, back == b]
                for node in range(shape[0]):
                    weights[:, b, node, i, j] = part @ sensitivity[node, back == b]
    return weights.reshape(n_sector, n_back, -1, n_cell), human.ravel()


def drawn_enhancements(truths: list[Truth], scene: Scene, hours: range) -> np.ndarray:
    """Return what many truths add at the sites in the local hours of each day of the batch.

    Parameters
    ----------
    truths : list of Truth
    scene : Scene
    hours : range
        Local hours of the day.

    Returns
    -------
    ndarray (draw, site, day × hour), umol mol-1
        Interpolated in 1/mixing height between `NODES`.
    """
    days = np.flatnonzero(scene.timeline.in_batch)
    maps = np.stack([t.pattern.reshape(len(t.pattern), -1) for t in truths], axis=-1)
    daily = np.stack([t.daily for t in truths], axis=-1)
    people = np.array([t.human for t in truths])
    nodes = node_weights(np.array([t.mixing_height for t in truths])).T
    result = np.empty((len(truths), len(scene.sites), len(days), len(hours)))
    for n, day in enumerate(days):
        weights, human = _day_weights(scene, int(day), hours)
        total = human[:, None] * people
        for sector in range(weights.shape[0]):
            for back in range(weights.shape[1]):
                total += (weights[sector, back] @ maps[sector]) * daily[sector, day - back]
        total = total.reshape(len(NODES), len(scene.sites), len(hours), len(truths))
        result[:, :, n] = np.einsum("nsht,nt->tsh", total, nodes)
    logger.info("carried %d truths to %d sites over %d days", len(truths), *result.shape[1:3])
    return result.reshape(len(truths), len(scene.sites), -1)

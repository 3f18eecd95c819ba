"""Receptor hours come in; their separable surface influence, at several lids, goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic import air

# ASSUME: 'mixing height factors' of drawn truths lie within the outer nodes (3 sd of 10 %).
NODES = (0.7, 1.0, 1.3)


@dataclass(frozen=True)
class Site:
    """Where air is taken in.

    Attributes
    ----------
    name : str
    northing, easting : float, m
    height : float, m above ground
    """

    name: str
    northing: float
    easting: float
    height: float


@dataclass(frozen=True)
class Influence:
    """Sensitivity of one receptor hour: sum over steps of weight × rows ⊗ columns.

    Attributes
    ----------
    rows : ndarray (step, row)
        Mass of the horizontal kernel along the northing.
    columns : ndarray (step, col)
    weight : ndarray (node, step), m2 s mol-1
        Δτ p / ρ for each mixing height factor.
    hour : ndarray (step,), int
        Clock hours before the receptor hour.
    """

    rows: np.ndarray
    columns: np.ndarray
    weight: np.ndarray
    hour: np.ndarray


@dataclass(frozen=True)
class Carrier:
    """Everything that carries emissions to a receptor.

    Attributes
    ----------
    weather : air.Weather
    row_edges, column_edges : ndarray, m
    plume : PlumeSettings
    """

    weather: air.Weather
    row_edges: np.ndarray
    column_edges: np.ndarray
    plume: Any

    def influence(self, site: Site, start: float, factors: tuple[float, ...]) -> Influence:
        """Return the influence of the hour that starts at `start`.

        Parameters
        ----------
        site : Site
        start : float, s
            Start of the receptor hour on the clock of the weather.
        factors : tuple of float
            Mixing height factors, one node each.

        Returns
        -------
        Influence
        """
        release = start + 0.5 * air.SECONDS_PER_HOUR
        cut = air.ages(self.plume.window_hours)
        turbulence = [
            float(np.interp(release, self.weather.time, series))
            for series in (self.weather.vertical_deviation, self.weather.lateral_deviation)
        ]
        vertical = air.dispersion(cut.middle, turbulence[0], self.plume.vertical_timescale_s)
        lateral = air.dispersion(cut.middle, turbulence[1], self.plume.lateral_timescale_s)
        width = np.sqrt(self.plume.initial_width_m**2 + lateral)
        north, east = air.displacement(self.weather, release, cut, site.height)
        lid = np.asarray(factors)[:, None] * air.lid_height(self.weather, release, cut)
        density = air.surface_density(site.height, lid, vertical)
        return Influence(
            rows=air.axis_mass(self.row_edges, site.northing + north, width),
            columns=air.axis_mass(self.column_edges, site.easting + east, width),
            weight=cut.length * density / self.weather.molar_density,
            hour=cut.hour,
        )


def carried(influence: Influence, flux: np.ndarray) -> np.ndarray:
    """Return the mole fraction that hourly fluxes add at the receptor.

    Parameters
    ----------
    influence : Influence
    flux : ndarray (window hour, row, col), umol m-2 s-1
        Entry h: the clock hour h hours before the receptor hour.

    Returns
    -------
    ndarray (node,), umol mol-1
    """
    response = np.empty(len(influence.hour))
    for hour in range(len(flux)):
        steps = influence.hour == hour
        along = influence.rows[steps] @ flux[hour]
        response[steps] = np.einsum("sc,sc->s", along, influence.columns[steps])
    return influence.weight @ response


def footprint(influence: Influence, hours: int) -> np.ndarray:
    """Return the sensitivity to each clock hour and cell.

    Parameters
    ----------
    influence : Influence
    hours : int
        Clock hours of the window.

    Returns
    -------
    ndarray (node, hour, row, col), m2 s mol-1
    """
    shape = (len(influence.weight), hours, influence.rows.shape[1], influence.columns.shape[1])
    result = np.empty(shape)
    for hour in range(hours):
        steps = influence.hour == hour
        weighted = influence.weight[:, None, steps] * influence.rows[steps].T
        np.matmul(weighted, influence.columns[steps], out=result[:, hour])
    return result


def node_weights(factor: np.ndarray) -> np.ndarray:
    """Return the weights that interpolate a response in 1/factor over `NODES`.

    Parameters
    ----------
    factor : ndarray (draw,)
        Mixing height factors.

    Returns
    -------
    ndarray (draw, node)
        Lagrange polynomials of degree two in 1/factor: a well-mixed response is
        linear in it, so the interpolation is exact there.

    Examples
    --------
    >>> (node_weights(np.array([1.0])).round(12) + 0.0).tolist()
    [[0.0, 1.0, 0.0]]
    """
    at = 1.0 / factor
    nodes = 1.0 / np.asarray(NODES)
    columns = []
    for i, node in enumerate(nodes):
        others = np.delete(nodes, i)
        columns.append(np.prod((at[:, None] - others) / (node - others), axis=1))
    return np.stack(columns, axis=1)

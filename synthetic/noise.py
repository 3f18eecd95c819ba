"""Station names, hours and settings come in; the errors of recorded hours go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from synthetic.streams import autoregressive, stream


@dataclass(frozen=True)
class Noise:
    """Errors on the hours of a timeline, one realisation.

    Attributes
    ----------
    transport : ndarray (site, hour)
        Relative error of the enhancement.
    local : ndarray (site, hour), umol mol-1
        Air that the grid cannot represent.
    instrument : ndarray (site, hour), umol mol-1
    common : ndarray (hour,), umol mol-1
        Inflow that the background station does not see, the same at all sites.
    """

    transport: np.ndarray
    local: np.ndarray
    instrument: np.ndarray
    common: np.ndarray

    def at(self, hours: np.ndarray | slice) -> Noise:
        """Return the errors of some hours only.

        Parameters
        ----------
        hours : ndarray of int or slice

        Returns
        -------
        Noise
        """
        parts = (self.transport, self.local, self.instrument, self.common)
        return Noise(*(part[..., hours] for part in parts))


@dataclass(frozen=True)
class NoiseSource:
    """What all realisations share.

    Attributes
    ----------
    seed : int
    settings : NoiseSettings
    sites : tuple of str
    n_day : int
    """

    seed: int
    settings: Any
    sites: tuple[str, ...]
    n_day: int

    def draw(self, *names: str | int) -> Noise:
        """Draw the errors that belong to these names; a site's own do not depend on the others.

        Parameters
        ----------
        *names : str or int

        Returns
        -------
        Noise
        """
        s, count = self.settings, 24 * self.n_day
        rng = stream(self.seed, *names, "noise", "common")
        shared = autoregressive(rng, (count,), 1.0, s.transport_hours)
        daily = np.repeat(rng.standard_normal(self.n_day), 24)
        hourly = autoregressive(rng, (count,), 1.0, s.background_hours)
        parts = []
        for site in self.sites:
            own = stream(self.seed, *names, "noise", site)
            parts.append(
                (
                    autoregressive(own, (count,), 1.0, s.transport_hours),
                    autoregressive(own, (count,), 1.0, s.representation_hours),
                    own.standard_normal(count),
                )
            )
        alone, local, white = (np.stack(series) for series in zip(*parts, strict=True))
        cross = s.transport_cross_site
        mixed = np.sqrt(cross) * shared + np.sqrt(1.0 - cross) * alone
        return Noise(
            transport=s.transport_relative * mixed,
            local=s.representation_ppm * local,
            instrument=s.instrument_ppm * white,
            common=s.background_daily_ppm * daily + s.background_hourly_ppm * hourly,
        )


def air_at(noise: Noise, background: np.ndarray, enhancement: np.ndarray) -> np.ndarray:
    """Return the air at the inlets, before any instrument.

    Parameters
    ----------
    noise : Noise
        On the same hours.
    background : ndarray (hour,), umol mol-1
    enhancement : ndarray (site, hour), umol mol-1
        What the truth's emissions and biosphere add through the truth's transport.

    Returns
    -------
    ndarray (site, hour), umol mol-1
    """
    return background + noise.common + enhancement * (1.0 + noise.transport) + noise.local


def background_air(n_day: int, seed: int, settings: Any) -> np.ndarray:
    """Make the mole fraction of the inflow as a mountain station sees it.

    Parameters
    ----------
    n_day : int
    seed : int
    settings : BackgroundAirSettings

    Returns
    -------
    ndarray (24 n_day,), umol mol-1
    """
    white = stream(seed, "background").standard_normal(24 * n_day)
    smooth = gaussian_filter1d(white, 24.0 * settings.synoptic_days / 2.0, mode="wrap")
    return settings.mean_ppm + settings.synoptic_ppm * smooth / smooth.std()

"""A drawn picture and its colour ramp come in; a small PNG with a palette made for it goes out."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

_VEIL, _FADE = 0.28, 0.5  # share of colour left outside the city, and where information is low
_SPECIAL = ("#ffd23f", "#b3261e", "#0b5cad", "#0b3d6e", "#1b1f24", "#5a6068", "#f4efe6", "#d9a78f")


def picture_palette(colour_map: Any, grey: float) -> np.ndarray:
    """Return 256 colours: the ramp, its paler versions, greys and the marks' own colours.

    Parameters
    ----------
    colour_map : matplotlib colour map
        The ramp of the layer.
    grey : float
        The grey that half-coloured cells are mixed with, in [0, 1].

    Returns
    -------
    ndarray of uint8, (256, 3)
        RGB. A palette fitted to the picture would band the colour bar and lose rare marks.
    """
    from matplotlib.colors import to_rgb

    ramp = colour_map(np.linspace(0.0, 1.0, 112))[:, :3]
    short = colour_map(np.linspace(0.0, 1.0, 40))[:, :3]
    greys = np.repeat(np.linspace(0.0, 1.0, 24)[:, None], 3, axis=1)
    special = np.array([to_rgb(colour) for colour in _SPECIAL])
    parts = [greys, ramp, special, _VEIL * short + 1.0 - _VEIL, _FADE * short + _FADE * grey]
    used = np.concatenate(parts)
    rest = 256 - len(used)
    mixed = _VEIL * (_FADE * short[:rest] + _FADE * grey) + 1.0 - _VEIL
    return np.rint(255.0 * np.concatenate([used, mixed])[:256]).astype("uint8")


def encode(pixels: np.ndarray, palette: np.ndarray) -> bytes:
    """Return a PNG of the pixels, each in the nearest colour of the palette.

    Parameters
    ----------
    pixels : ndarray of uint8, (row, column, 3)
        RGB picture.
    palette : ndarray of uint8, (256, 3)
        Colours.

    Returns
    -------
    bytes
        No date and no software name inside: the same pixels give the same bytes.
    """
    from PIL import Image
    from scipy.spatial import cKDTree

    packed = pixels.astype("uint32") @ np.array([65536, 256, 1], "uint32")
    colours, place = np.unique(packed, return_inverse=True)
    unpacked = np.stack([colours >> 16, (colours >> 8) & 255, colours & 255], axis=1)
    nearest = cKDTree(palette.astype(float)).query(unpacked.astype(float))[1].astype("uint8")
    small = Image.fromarray(nearest[place].reshape(packed.shape), mode="P")
    small.putpalette(palette.tobytes())
    stream = io.BytesIO()
    small.save(stream, format="PNG", optimize=True)
    return stream.getvalue()

"""Pictures and a size come in; the keys of those that fit inside the page go out."""

from __future__ import annotations

from collections.abc import Sequence

from report.maps.catalogue import MapPicture

Key = tuple[str, str, str]
BASE64 = 4.0 / 3.0
REST_SHARE = 0.25  # of the page's limit, kept for text and charts


def key_of(picture: MapPicture) -> Key:
    """Return batch, sector and layer of a picture."""
    return picture.batch, picture.sector, picture.layer


def embedded(pictures: Sequence[MapPicture], limit_megabytes: float) -> frozenset[Key]:
    """Return which pictures the page holds itself; the others lie beside it under ``maps/``.

    Parameters
    ----------
    pictures : sequence of MapPicture
        In the order of the page.
    limit_megabytes : float
        Largest size of the page [MB].

    Returns
    -------
    frozenset of (batch, sector, layer)
        Sectors in their own order, so every batch has its first sector before any has its second.
    """
    order = {name: k for k, name in enumerate(dict.fromkeys(p.sector for p in pictures))}
    room = limit_megabytes * 1e6 * (1.0 - REST_SHARE)
    chosen = []
    for picture in sorted(pictures, key=lambda p: order[p.sector]):
        distinct = 1 if picture.names.en == picture.names.zh else 2
        room -= BASE64 * sum(len(image) for image in picture.images[:distinct])
        if room < 0.0:
            break
        chosen.append(key_of(picture))
    return frozenset(chosen)

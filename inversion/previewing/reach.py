"""A problem without a Jacobian and the footprints of some days come in; the whole problem, foreseen, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inversion.errors.mismatch import build_mismatch
from inversion.jacobian import build_jacobian
from inversion.previewing.blocks import footprints_by_block
from inversion.previewing.borrowed import borrowed_footprints

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.mismatch import MismatchSettings

BEFORE = ("observations", "background", "prior", "prior_covariance")


def foreseen_problem(
    datasets: dict[str, xr.Dataset],
    footprints: list[xr.Dataset],
    mismatch: MismatchSettings,
    utc_offset_hours: float | None = None,
    block_cells: int = 1,
) -> tuple[dict[str, xr.Dataset], dict[str, int]]:
    """Return the six datasets of a problem whose footprints are known by their reach alone.

    Parameters
    ----------
    datasets : dict of Dataset
        ``observations``, ``background``, ``prior`` and ``prior_covariance``.
    footprints : list of Dataset ``footprints``
        Of some of the observations: each other one borrows from its receptor.
    mismatch : MismatchSettings
        For R, which is made of the foreseen enhancements by the inversion's own code.
    utc_offset_hours : float, optional
        Local time minus UTC [h].
    block_cells : int
        Side of the blocks on which the footprints are known, in cells.

    Returns
    -------
    datasets : dict of Dataset
        With ``jacobian`` and ``mismatch``.
    counts : dict of int
        ``own``, ``borrowed``, ``footprints_unused``.
    """
    missing = [name for name in BEFORE if name not in datasets]
    if missing:
        msg = (
            f"a preview must hold the datasets {', '.join(BEFORE)}; got none for "
            f"{', '.join(missing)}. Build or give the missing ones."
        )
        raise ValueError(msg)
    observations, prior = datasets["observations"], datasets["prior"]
    whole, counts = borrowed_footprints(observations, footprints)
    blurred = [footprints_by_block(one, block_cells) for one in whole]
    jacobian = build_jacobian(observations, blurred, prior)
    terms = build_mismatch(observations, jacobian, prior, mismatch, utc_offset_hours)
    return {
        **{name: datasets[name] for name in BEFORE},
        "jacobian": jacobian,
        "mismatch": terms,
    }, counts

"""The dataset background comes in; the states of its error go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inversion.nuisance.states import Nuisance

if TYPE_CHECKING:
    from inversion.nuisance.kinds import Given

KIND = "background"


def background_states(given: Given) -> Nuisance:
    """Return one state for each parameter of the background (SCIENCE 2.4).

    Parameters
    ----------
    given : Given
        ``background`` is read: its patterns and their standard deviations.

    Returns
    -------
    Nuisance
        Named ``kind:parameter``, the kind told by ``parameter_kind`` (``background`` where it is
        not told), in umol mol-1, independent of each other.
    """
    background = given.datasets["background"]
    parameters = background["parameter"].to_numpy().astype(str).tolist()
    names = [f"{KIND}:{name}" for name in parameters]
    if "parameter_kind" in background:
        kinds = background["parameter_kind"].to_numpy().astype(str).tolist()
        names = [
            f"{kind}:{name.removeprefix(f'{kind}_')}"
            for kind, name in zip(kinds, parameters, strict=True)
        ]
    return Nuisance(
        tuple(names),
        ("umol mol-1",) * len(names),
        background["background_pattern"].to_numpy(),
        background["parameter_standard_deviation"].to_numpy() ** 2,
    )

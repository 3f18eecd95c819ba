"""What files hold and what is needed of them come in; what must be worked out goes out, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ROUGHNESS_M = 0.1  # open country with low obstacles; where neither files nor settings say


def decide(
    found: Sequence[str],
    always: Mapping[str, str],
    diagnosable: Mapping[str, str],
    settings: object,
    where: str,
) -> tuple[str, ...]:
    """Return the quantities to diagnose.

    Parameters
    ----------
    found : sequence of str
        Quantities that the files hold, by our names.
    always, diagnosable : mapping of str to str
        Quantities needed, by our names, to the names the files would give them; those of the
        second may be diagnosed.
    settings : WeatherSettings
        A declared roughness counts as found.
    where : str
        The files, for the message.

    Returns
    -------
    tuple of str
        Sorted.

    Raises
    ------
    ValueError
        With the list of what is missing, where it may not or is not to be diagnosed.
    """
    lost = [name for key, name in always.items() if key not in found]
    if lost:
        msg = (
            f"the weather must hold {', '.join(always.values())}; got none of "
            f"{', '.join(lost)} in {where}. Add the files that hold them."
        )
        raise ValueError(msg)
    declared = {"roughness_length"} if settings.roughness_m is not None else set()
    lost_keys = [key for key in diagnosable if key not in {*found, *declared}]
    if lost_keys and not settings.diagnose:
        names = ", ".join(diagnosable[key] for key in lost_keys)
        msg = (
            f"the weather must hold {', '.join(diagnosable.values())}; missing: [{names}] in "
            f"{where}. Add them to the model's output, or let them be worked out from wind and "
            "temperature with transport.weather.diagnose: true."
        )
        raise ValueError(msg)
    return tuple(sorted(lost_keys))

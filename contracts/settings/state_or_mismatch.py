"""The mismatch's terms and the states beside them come in; what would be counted twice goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.settings.background import BackgroundSettings
    from contracts.settings.mismatch import MismatchSettings
    from contracts.settings.nuisance import NuisanceSettings

DAY_HOURS = 24.0


def counted_twice(mismatch: MismatchSettings, nuisance: NuisanceSettings) -> list[str]:
    """Return the terms of R that last as long as a state that stands for the same error.

    Parameters
    ----------
    mismatch : MismatchSettings
    nuisance : NuisanceSettings

    Returns
    -------
    list of str
        One "key = value (beside ...)" for each; empty where every error stands in one place.

    Notes
    -----
    An error belongs into the state where it outlasts the period of that state, and into R where
    it is shorter: transport beside daily transport states, representation (a station's own error)
    beside the bias of sensors. No term of R imitates the profile of the day.

    Examples
    --------
    >>> from contracts.settings.mismatch import MismatchSettings
    >>> from contracts.settings.nuisance import NuisanceSettings
    >>> counted_twice(MismatchSettings(), NuisanceSettings())
    []
    """
    found = []
    if nuisance.transport_daily_sd > 0.0:
        found += lasting(mismatch, "transport", DAY_HOURS, "daily transport states")
    if nuisance.sensor_bias:
        found += lasting(mismatch, "representation", DAY_HOURS, "states of sensors' bias")
    return found


def background_twice(
    mismatch: MismatchSettings, background: BackgroundSettings | None = None
) -> list[str]:
    """Return the background's term of R where offsets or gradients stand for the same error.

    Parameters
    ----------
    mismatch : MismatchSettings
    background : BackgroundSettings, optional
        Where it is not known, daily offsets are assumed.

    Returns
    -------
    list of str
        As `counted_twice`.
    """
    if background is None:
        return lasting(mismatch, "background", DAY_HOURS, "daily background states")
    if not background.states_by_period:
        return []
    hours = float(background.offset_period_hours)
    return lasting(mismatch, "background", hours, f"background states of {hours:g} h")


def lasting(mismatch: MismatchSettings, name: str, hours: float, states: str) -> list[str]:
    """Return what makes a term of R last as long as some states, as text; empty where nothing does.

    Parameters
    ----------
    mismatch : MismatchSettings
    name : str
        ``representation``, ``transport`` or ``background``.
    hours : float
        How long one of the states lasts [h].
    states : str
        What to call them.
    """
    term = getattr(mismatch, name)
    if not term.enabled:
        return []
    shared = getattr(term, "shared", "by_time")
    if shared != "by_time":
        lasts, key = DAY_HOURS, f"{name}.shared = {shared}"
    else:
        lasts = term.correlation_time_hours
        key = f"{name}.correlation_time_hours = {lasts:g}"
    return [f"errors.mismatch.{key} (beside {states})"] if lasts >= hours else []

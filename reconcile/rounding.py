"""Floats come in; the digits people read go out, as many as their uncertainty earns."""

import math

MINUS = "\u2212"
THIN_SPACE = "\u2009"
EN_DASH = "\u2013"


def decimals_for(uncertainty: float) -> int:
    """Return the decimals that leave two significant digits of an uncertainty.

    Parameters
    ----------
    uncertainty : float
        Half width of an interval, > 0, in the unit that is printed.

    Returns
    -------
    int
        Decimals, negative where tens or hundreds are the second digit.

    Examples
    --------
    >>> decimals_for(1.44), decimals_for(0.0996), decimals_for(1234.0)
    (1, 2, -2)
    """
    if not (math.isfinite(uncertainty) and uncertainty > 0):
        msg = (
            f"a printed number must have an uncertainty > 0; got {uncertainty} in a sentence. "
            "Say 'not determined' where it is infinite."
        )
        raise ValueError(msg)
    decimals = 1 - math.floor(math.log10(uncertainty))
    rounded = round(uncertainty, decimals)  # 0.0996 becomes 0.10, which has one decimal less
    return 1 - math.floor(math.log10(rounded))


def format_number(value: float, decimals: int) -> str:
    r"""Return a rounded number with a true minus sign and thin spaces between thousands.

    Parameters
    ----------
    value : float
        Finite.
    decimals : int
        As of `decimals_for`.

    Returns
    -------
    str
        Never a negative zero.

    Examples
    --------
    >>> format_number(-0.004, 2), format_number(-1.25, 1), format_number(12345.6, -1)
    ('0.00', '−1.2', '12\u2009350')
    """
    if not math.isfinite(value):
        msg = (
            f"a printed number must be finite; got {value} in a sentence. "
            "Choose the sentence of a row without that number."
        )
        raise ValueError(msg)
    rounded = round(value, decimals)
    digits = f"{abs(rounded):.{max(decimals, 0)}f}"
    whole, _, fraction = digits.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", THIN_SPACE)
    text = f"{whole}.{fraction}" if fraction else whole
    return f"{MINUS}{text}" if rounded < 0 else text


def format_interval(low: float, high: float, decimals: int, language: str) -> str:
    """Return low–high; spelled out where an end is negative, lest dash and minus meet."""
    ends = format_number(low, decimals), format_number(high, decimals)
    if any(end.startswith(MINUS) for end in ends):
        return {"en": " to ", "zh": " 至 "}[language].join(ends)
    return EN_DASH.join(ends)


def format_percent(share: float, language: str) -> str:
    """Return a share as percent with two significant digits, at most whole percents.

    Examples
    --------
    >>> format_percent(0.456, "en"), format_percent(0.456, "zh")
    ('46 %', '46%')
    """
    percent = 100 * share
    decimals = min(decimals_for(percent), 0) if percent > 0 else 0
    return format_number(percent, decimals) + {"en": " %", "zh": "%"}[language]

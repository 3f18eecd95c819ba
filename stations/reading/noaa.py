"""What NOAA writes of flags, places, lengths and headers comes in; what the readers of its formats share goes out."""

from __future__ import annotations

import math

from stations.reading.lines import Lines
from stations.reading.sorting import refuse_header

_LENGTHS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
MONTH = 2_629_746.0  # s, mean of the calendar; each row is given its own month's length
FLASK_SECONDS = 60.0  # ASSUME: a flask is filled within the minute that its time is written to


def noaa_flags(text: str) -> tuple[str, ...] | None:
    """Return our flags for NOAA's three characters.

    Parameters
    ----------
    text : str
        Rejection, selection, information; a period where there is nothing to say.

    Returns
    -------
    tuple of str, or None
        None where the text is not of this form; no flag at all means nothing.

    Examples
    --------
    >>> noaa_flags("..."), noaa_flags("*.."), noaa_flags("N.P"), noaa_flags(".X."), noaa_flags("?")
    ((), ('missing',), ('provider_bad', 'preliminary'), ('local',), None)
    """
    if len(text) != 3:
        return None if text else ()
    if text[0] in "*I":  # no measurement; none that nobody rejected
        return ("missing",) if text[0] == "*" else ("missing", "provider_bad")
    rejected, selected, told = (character != "." for character in text)
    names = ("provider_bad",) * rejected + ("local",) * selected
    return names + ("preliminary",) * (told and text[2] == "P")


def header_block(source: Lines, line: int, text: str, opening: str) -> list[str]:
    """Return the header that begins with this line; count its lines as comment.

    Parameters
    ----------
    source : Lines
    line : int
        Number of the first line.
    text : str
        The first line: ``opening``, then how many lines the header has.
    opening : str

    Returns
    -------
    list of str
        Its lines that are not blank.

    Raises
    ------
    FileRefusedError
    """
    size = text.rpartition(":")[2].strip()
    if not text.startswith(opening) or not size.isdecimal():
        hint = "Declare the right format in the registry, or fetch the file again."
        raise refuse_header(line, text[:60] or "an empty file", f"{opening} : N", hint)
    last, block, at = line + int(size) - 1, [text], line
    source.comment += 1
    while at < last:
        at, text = next(source, (last + 1, ""))
        if at > last or (at < last and not text.startswith("#")):
            found = f"line {at}: {text[:40]!r}" if text else f"{source.count} lines"
            hint = "The file was cut or edited; fetch it again."
            raise refuse_header(at, found, f"a header of {size} lines", hint)
        source.comment += 1
        block.append(text)
    return block


def slot_seconds(said: dict[str, str]) -> float:
    """Return the length of a slot that the attributes of a NOAA data set name.

    Parameters
    ----------
    said : dict of str to str
        ``dataset_data_frequency`` and its unit; else the kind in the data set's name.

    Returns
    -------
    float
        Seconds; `MONTH` for months, `FLASK_SECONDS` for flasks, 0 where nothing tells.

    Examples
    --------
    >>> slot_seconds({"dataset_data_frequency": "1", "dataset_data_frequency_unit": "day"})
    86400.0
    >>> slot_seconds({"dataset_name": "co2_mlo_surface-insitu_1_ccgg_HourlyData"})
    3600.0
    """
    unit = said.get("dataset_data_frequency_unit", "").lower().rstrip("s")
    try:
        times = float(said.get("dataset_data_frequency", ""))
    except ValueError:
        times = 0.0
    if times > 0 and unit in {**_LENGTHS, "month": MONTH}:
        return times * {**_LENGTHS, "month": MONTH}[unit]
    keys = ("dataset_selection_tag", "dataset_name", "dataset_project")
    kind = " ".join(said.get(key, "") for key in keys).lower()
    kinds = {"hourly": 3600.0, "daily": 86400.0, "month": MONTH}
    found = [length for word, length in kinds.items() if word in kind]
    flask = any(word in kind for word in ("event", "flask", "pfp"))
    return found[0] if found else FLASK_SECONDS if flask else 0.0


def degrees(text: object, most: float) -> float:
    """Return a latitude or longitude; NaN where it is none (NOAA writes -1e34 for a ship)."""
    try:
        value = float(str(text))
    except ValueError:
        return math.nan
    return value if abs(value) <= most else math.nan

"""A record in slots comes in; the text of a station file goes out, in one of two formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from synthetic.instruments import Slots, broken_lines

SENTINEL = "-999.99"
CREATED = "Created:  1 Jul 25 00:00 GMT"  # a fixed date: the same settings give the same bytes


def gcwerks_text(slots: Slots, station: str, rng: np.random.Generator) -> str:
    """Write a record as GCWerks exports a Picarro's.

    Parameters
    ----------
    slots : Slots
    station : str
    rng : numpy.random.Generator
        Chooses the broken lines.

    Returns
    -------
    str
        Three header lines, then `yymmdd hhmmss type port C stdev N`; UTC, stamps
        at the centre of a slot of 20 minutes. Fields end below their names.
    """
    header = [
        f"{CREATED}  SYNTHETIC station {station} of a synthetic city",
        f"{'-':>6} {'-':>6}{'-':>10}{'-':>5}{'co2':>10}{'co2':>8}{'co2':>6}",
        f"{'date':>6} {'time':>6}{'type':>10}{'port':>5}{'C':>10}{'stdev':>8}{'N':>6}",
    ]
    lines = []
    for stamp, value, spread, samples in _rows(slots):
        text = stamp.replace("-", "").replace(":", "").replace("T", " ")[2:]
        lines.append(f"{text}{'air':>10}{9:>5}{value:>10.2f}{spread:>8.3f}{samples:>6}")
    return "\n".join([*header, *broken_lines(lines, rng)]) + "\n"


def csv_text(slots: Slots, station: str, rng: np.random.Generator, utc_offset_hours: float) -> str:
    """Write a record as a local logger would: semicolons, local time, flag letters.

    Parameters
    ----------
    slots : Slots
    station : str
    rng : numpy.random.Generator
        Chooses the broken lines and the slots under maintenance.
    utc_offset_hours : float

    Returns
    -------
    str
        One comment, one header, then `time;co2_ppm;co2_stdev;n;flag`; flags
        V (valid), C (tank gas), M (maintenance, value -999.99).
    """
    shift = np.timedelta64(round(utc_offset_hours * 3600), "s")
    maintained = rng.random(len(slots.value)) < 0.003
    local = Slots(slots.centre + shift, slots.value, slots.spread, slots.samples, slots.tank)
    lines = []
    for (stamp, value, spread, samples), tank, away in zip(
        _rows(local), slots.tank, maintained, strict=True
    ):
        text = stamp.replace("T", " ")
        if away:
            lines.append(f"{text};{SENTINEL};{SENTINEL};0;M")
        else:
            lines.append(f"{text};{value:.2f};{spread:.3f};{samples};{'C' if tank else 'V'}")
    header = [f"# SYNTHETIC station {station}, local time", "time;co2_ppm;co2_stdev;n;flag"]
    return "\n".join([*header, *broken_lines(lines, rng)]) + "\n"


def _rows(slots: Slots) -> Iterator[tuple[str, float, float, int]]:
    """Return stamp, value, spread and samples of each slot."""
    stamps = np.datetime_as_string(slots.centre, unit="s").tolist()
    return zip(
        stamps,
        slots.value.tolist(),
        slots.spread.tolist(),
        slots.samples.tolist(),
        strict=True,
    )


def writer(reader: str, utc_offset_hours: float) -> Callable[..., str]:
    """Return the function that writes files for a reader.

    Parameters
    ----------
    reader : str
        As the registry names it.
    utc_offset_hours : float
        Clock of local loggers.

    Returns
    -------
    callable
        ``write(slots, station, rng) -> str``.
    """
    if reader == "gcwerks":
        return gcwerks_text
    if reader == "declared_csv":
        return lambda slots, station, rng: csv_text(slots, station, rng, utc_offset_hours)
    msg = (
        f"a synthetic station's reader must be gcwerks or declared_csv; got {reader!r} in the "
        "station registry. Choose one of them, or leave the station out of the synthetic city."
    )
    raise ValueError(msg)

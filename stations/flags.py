"""Names of conditions come in; bits, CF flag attributes and the usable mask go out."""

from __future__ import annotations

import numpy as np

# name -> (bit, bad): an hour with a bad bit is never used, unless a person said manual_ok.
_TABLE: tuple[tuple[str, bool], ...] = (
    ("missing", True),  # no value: a gap, or the file says so
    ("provider_bad", True),  # the provider's own flag
    ("unknown_flag", True),  # a provider's flag that nobody declared
    ("out_of_gate", True),  # at least one sample of the hour was outside the gate
    ("calibration", True),  # the file says: calibration gas
    ("calibration_as_ambient", True),  # the file says air, the record looks like a tank
    ("stuck", True),  # the same value hour after hour
    ("low_count", True),  # fewer samples than the registry asks for
    ("manual_bad", True),  # a person said so, in the manual flags file
    ("conflict", False),  # two lines with one stamp and two values were both kept out
    ("straddles", False),  # a slot reaches over the edge of the hour its centre lies in
    ("spread_unknown", False),  # a slot without a standard deviation of its own
    ("preliminary", False),  # the provider may still change it
    ("manual_ok", False),  # a person overrules the bad bits (but not missing)
    ("instrument", True),  # the instrument says that it was not measuring as it should
    ("flush", True),  # a valve moved: the cell still holds the air of before
    ("not_measured", True),  # the analyser repeats this gas while it measures another
    ("suspect", False),  # the provider doubts it but keeps it
    ("local", False),  # the provider saw a source nearby; a choice, not a fault
    ("background", False),  # the provider takes it for background air
    ("scale_converted", False),  # converted from another calibration scale
)
FLAGS: dict[str, int] = {name: 1 << k for k, (name, _) in enumerate(_TABLE)}
BAD: int = sum(1 << k for k, (_, bad) in enumerate(_TABLE) if bad)


def usable(flag: np.ndarray) -> np.ndarray:
    """Return where a value may be used.

    Parameters
    ----------
    flag : ndarray (time,), int
        Quality flags.

    Returns
    -------
    ndarray (time,), bool
        No bad bit, or manual_ok and not missing.

    Examples
    --------
    >>> usable(np.array([0, 1, FLAGS["stuck"], FLAGS["stuck"] | FLAGS["manual_ok"]])).tolist()
    [True, False, False, True]
    """
    flag = np.asarray(flag)
    overruled = (flag & FLAGS["manual_ok"]) > 0
    return ((flag & BAD) == 0) | (overruled & ((flag & FLAGS["missing"]) == 0))


def flag_attributes() -> dict[str, object]:
    """Return the CF attributes of a quality flag variable.

    Returns
    -------
    dict
        flag_masks (int32), flag_meanings, flag_assessments (Bad or Indeterminate, as ARM writes
        them).
    """
    return {
        "standard_name": "quality_flag",
        "long_name": "quality of the hourly mole fraction",
        "units": "1",
        "flag_masks": np.array(list(FLAGS.values()), dtype=np.int32),
        "flag_meanings": " ".join(FLAGS),
        "flag_assessments": " ".join("Bad" if bad else "Indeterminate" for _, bad in _TABLE),
    }


def count_flags(flag: np.ndarray) -> dict[str, int]:
    """Return how many hours carry each flag.

    Parameters
    ----------
    flag : ndarray (time,), int

    Returns
    -------
    dict
        Every flag's name -> hours; the order of the table.

    Examples
    --------
    >>> count_flags(np.array([1, 1, 0]))["missing"]
    2
    """
    return {name: int(np.count_nonzero(np.asarray(flag) & bit)) for name, bit in FLAGS.items()}


def first_bad(flag: int) -> str:
    """Return the name of the lowest bad bit of one flag word.

    Parameters
    ----------
    flag : int

    Returns
    -------
    str
        Empty if no bad bit is set.

    Examples
    --------
    >>> first_bad(FLAGS["stuck"] | FLAGS["low_count"]), first_bad(0)
    ('stuck', '')
    """
    return next((name for name, bit in FLAGS.items() if flag & bit & BAD), "")

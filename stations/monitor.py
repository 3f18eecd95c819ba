"""Station records come in; completeness, offsets, drift and exclusion of each station go out."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.settings.stations import MonitorSettings, StationSettings
from stations.drift import Slope, critical_ratio, theil_sen
from stations.findings import listed as listed_findings
from stations.flags import FLAGS
from stations.offsets import Offsets, Table, daily_offsets, make_table
from stations.registry import NO_SCALE

_log = logging.getLogger(__name__)
UNTRACEABLE = "not traceable to a calibration scale: watched here, and never part of an inversion"
_PPM = "umol mol-1"
_PER_30_D = "umol mol-1 per 30 d"
_OTHERS = 3  # towers a verdict needs: of two that part, nobody knows which one drifts
_NETWORK_SD = 4.0  # a drift must stand this far out of the other towers' drifts


@dataclass(frozen=True)
class Verdicts:
    """What is thought of each station.

    Attributes
    ----------
    slope : list of Slope
        In the order of the table.
    reason : list of str
        Empty for stations that stay.
    """

    slope: list[Slope]
    reason: list[str]


def network_status(stations: Mapping[str, xr.Dataset], section: StationSettings) -> xr.Dataset:
    """Judge each station of a network.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.
    section : StationSettings

    Returns
    -------
    Dataset
        Contract `network_status`. A tower is excluded if its daily offset to the median of
        the other towers drifts by more than `drift_umol_mol` per 30 d, by more than
        `drift_standard_errors` standard errors (as Student's t), and by 4 robust sd more than the other
        towers' own drifts. A station without a calibration scale is excluded too, and still
        judged. The worst goes first and the rest is judged anew without it, so
        that a bad tower does not taint good ones; fewer than three towers are never judged.

    Notes
    -----
    Gradients between towers are real, so the offset itself excludes nobody; what emissions do
    not do is to drift for a month at one tower only. Simulated with the defaults, 250 months
    of 35 days of 12 healthy towers, daily gradients AR(1) with sd 4 umol mol-1: of 2750
    verdicts 0, 1 and 0 were wrong at a lag-1 correlation of 0, 0.3 and 0.6. A drift of
    6 umol mol-1 per 30 d is found in about three quarters of such months where gradients have sd 1.5,
    40 % where sd 2, and hardly ever where sd 4: then a month of air cannot show it.
    ASSUME: a sensor's drift is close to linear over the window.
    """
    table = make_table(stations)
    settings = section.monitor
    active = table.tower & np.isfinite(table.value).any(axis=(1, 2))
    offsets = daily_offsets(table, active, settings.solar_hours, settings.minimum_hours)
    verdicts = _judge(table, active, offsets, settings)
    for k, name in enumerate(table.names):
        if stations[name].attrs["calibration_scale"] == NO_SCALE:
            verdicts.reason[k] = "; ".join(filter(None, [verdicts.reason[k], UNTRACEABLE]))
    for name, reason in zip(table.names, verdicts.reason, strict=True):
        if reason:
            _log.warning("station %s is excluded: %s", name, reason)
    synthetic = any(ds.attrs.get("synthetic") == "yes" for ds in stations.values())
    status = _dataset(table, offsets, verdicts, "yes" if synthetic else "no")
    return status.assign_attrs(hours_outside_towers=json.dumps(table.outside, sort_keys=True))


def _judge(
    table: Table, active: np.ndarray, offsets: Offsets, settings: MonitorSettings
) -> Verdicts:
    """Exclude the worst tower until none is bad."""
    recent = slice(-settings.window_days, None)
    day = np.arange(table.day.size, dtype=np.float64)[recent]
    none = Slope(np.nan, np.nan, np.nan)
    slope = [theil_sen(day, row[recent], settings.minimum_days) for row in offsets.value]
    reason = ["" if np.isfinite(value).any() else "no usable hour" for value in table.value]
    active = active.copy()
    now = list(slope)
    while np.count_nonzero(active) >= _OTHERS:
        worst, why = _worst(now, active, settings)
        if worst < 0:
            break
        slope[worst], reason[worst] = now[worst], why
        active[worst] = False
        again = daily_offsets(table, active, settings.solar_hours, settings.minimum_hours)
        now = [
            theil_sen(day, row[recent], settings.minimum_days) if alive else none
            for row, alive in zip(again.value, active, strict=True)
        ]
        for k in np.flatnonzero(active):
            slope[k] = now[k]
    return Verdicts(slope, reason)


def _worst(slope: list[Slope], active: np.ndarray, settings: MonitorSettings) -> tuple[int, str]:
    """Return the active tower with the largest unacceptable drift, or -1, and the reason."""
    worst, why, ratio = -1, "", 0.0
    for k in np.flatnonzero(active):
        others = np.array([slope[j].value for j in np.flatnonzero(active) if j != k])
        others = others[np.isfinite(others)]
        value, error, degrees = slope[k]
        if others.size < _OTHERS - 1 or not np.isfinite(value):
            continue
        middle = float(np.median(others))
        scatter = 1.4826 * float(np.median(np.abs(others - middle)))
        limit = critical_ratio(settings.drift_standard_errors, degrees)
        beyond = (
            abs(value) > settings.drift_umol_mol
            and abs(value) > limit * error
            and abs(value - middle) > _NETWORK_SD * scatter
        )
        if beyond and abs(value) > ratio:
            worst, ratio = int(k), abs(value)
            why = (
                f"drift of {value:+.1f} ± {error:.1f} {_PER_30_D} against the median of "
                f"{others.size} other towers (limits: {settings.drift_umol_mol:g} and "
                f"{limit:.1f} standard errors; the others' drifts "
                f"scatter by {scatter:.1f} around {middle:+.1f})"
            )
    return worst, why


def _dataset(table: Table, offsets: Offsets, verdicts: Verdicts, synthetic: str) -> xr.Dataset:
    """Return the contract's dataset."""
    day_ns = np.timedelta64(24, "h").astype("timedelta64[ns]")
    ppm, share = {"units": _PPM}, {"units": "1"}
    usable_hours = np.isfinite(table.value).sum(axis=2)
    shares = [(np.maximum(table.flag, 0) & bit > 0).mean(axis=2) for bit in FLAGS.values()]
    per_month = {"units": _PPM, "comment": "per 30 days"}
    drift = np.array([slope.value for slope in verdicts.slope])
    drift_error = np.array([slope.standard_error for slope in verdicts.slope])
    excluded = np.array([bool(reason) for reason in verdicts.reason], dtype=np.int8)
    per_day = ("station", "day")
    variables = {
        "day_bounds": (("day", "bounds"), np.stack([table.day, table.day + day_ns], axis=1)),
        "completeness": (per_day, usable_hours / 24.0, share),
        "offset": (per_day, offsets.value, ppm),
        "offset_standard_error": (per_day, offsets.standard_error, ppm),
        "flag_share": ((*per_day, "flag"), np.stack(shares, axis=-1), share),
        "excluded": ("station", excluded),
        "reason": ("station", np.array(verdicts.reason, dtype=np.str_)),
        "drift": ("station", drift, per_month),
        "drift_standard_error": ("station", drift_error, per_month),
        "age_days": ("station", _age(table), {"units": "d"}),
    }
    coords = {
        "station": np.array(table.names),
        "day": ("day", table.day, {"bounds": "day_bounds"}),
        "flag": np.array(list(FLAGS)),
    }
    return xr.Dataset(variables, coords, {"synthetic": synthetic})


def _age(table: Table) -> np.ndarray:
    """Return days from each station's last usable hour to the network's; the record's length if none."""
    finite = np.isfinite(table.value).reshape(len(table.names), -1)
    last = finite.shape[1] - 1 - np.argmax(finite[:, ::-1], axis=1)
    newest = int(last[finite.any(axis=1)].max(initial=0))
    return np.where(finite.any(axis=1), (newest - last) / 24.0, finite.shape[1] / 24.0)


def status_json(status: xr.Dataset) -> dict:
    """Return the network's status as plain values.

    Parameters
    ----------
    status : Dataset
        Contract `network_status`.

    Returns
    -------
    dict
        ``exit_code`` (1 if a station is excluded, else 0), ``stations`` (per station:
        completeness, age_days, drift, drift_standard_error, excluded, reason, flag_share),
        findings (kind, station, text, text_local), clocks (per evidence: station, verdict,
        offset_hours, low, high, unseen), first and last day. What is unknown is None.
    """

    def known(value: float) -> float | None:
        return round(float(value), 6) if np.isfinite(value) else None

    listed = {}
    for name in status["station"].values.tolist():
        row = status.sel(station=name)
        flags = dict(
            zip(status["flag"].values.tolist(), row["flag_share"].mean("day").values, strict=True)
        )
        listed[name] = {
            "age_days": known(row["age_days"].item()),
            "completeness": known(row["completeness"].mean().item()),
            "drift_umol_mol_per_30_d": known(row["drift"].item()),
            "drift_standard_error": known(row["drift_standard_error"].item()),
            "excluded": bool(row["excluded"].item()),
            "reason": str(row["reason"].item()),
            "flag_share": {flag: known(value) for flag, value in flags.items() if value > 0},
        }
    days = np.datetime_as_string(status["day"].values[[0, -1]], unit="s").tolist()
    return {
        "clocks": _clocks(status, known),
        "exit_code": int(status["excluded"].values.any()),
        "findings": listed_findings(status),
        "first_day": f"{days[0]}Z",
        "last_day": f"{days[1]}Z",
        "stations": listed,
        "synthetic": status.attrs["synthetic"],
    }


def _clocks(status: xr.Dataset, known: Callable[[float], float | None]) -> list[dict]:
    """Return the evidence on the clocks as plain values."""
    if "clock_evidence" not in status.dims:
        return []
    rows = [status.isel(clock_evidence=k) for k in range(status.sizes["clock_evidence"])]
    return [
        {
            "evidence": str(row["clock_evidence"].item()),
            "station": str(row["clock_station"].item()),
            "verdict": str(row["clock_verdict"].item()),
            "offset_hours": known(row["clock_offset"].item()),
            "low": known(row["clock_offset_low"].item()),
            "high": known(row["clock_offset_high"].item()),
            "unseen": str(row["clock_unseen"].item()),
        }
        for row in rows
    ]

"""Prior totals and the error settings come in; the dataset `prior_covariance` goes out."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import xarray as xr

logger = logging.getLogger(__name__)

# settings of time that the dataset carries by their own names
TIMES = (
    "temporal_efolding_days",
    "temporal_day_to_day_share",
    "temporal_day_to_day_efolding_days",
    "temporal_same_hour_share",
    "temporal_same_hour_efolding_days",
    "daily_sector_efolding_days",
)


def prior_covariance(
    totals: np.ndarray, sectors: dict[str, str], codes: tuple[str, ...], errors: Any
) -> xr.Dataset:
    """Return the dataset `prior_covariance`.

    Parameters
    ----------
    totals : ndarray (sector, region), kg s-1
        Batch means of the prior in the districts, without `outside`.
    sectors : dict of str to str
        State sectors in their order, and their kinds.
    codes : tuple of str
        Districts.
    errors : PriorErrorSettings

    Returns
    -------
    xarray.Dataset
        Kernels and lengths, sector correlations, daily parts, and the declared totals in kg s-1:
        each share times the absolute prior total.

    Raises
    ------
    ValueError
        Where the settings name sectors or districts that are not there.
    """
    names = list(sectors)
    refuse_unknown(names, codes, errors)
    correlation = np.eye(len(names))
    for entry in errors.sector_correlations:
        one, two = (names.index(sector) for sector in entry.sectors)
        correlation[one, two] = correlation[two, one] = entry.correlation
    rows, left_out = _declared(totals, sectors, codes, errors.declared)
    lengths = [
        1000.0 * errors.spatial_efolding_km_by_sector.get(name, errors.spatial_efolding_km)
        for name in names
    ]
    if left_out:
        logger.info("declared totals left out: %s", "; ".join(left_out))
    return xr.Dataset(
        {
            "sector_correlation": (("sector", "sector_2"), correlation, {"units": "1"}),
            "spatial_efolding_m": ("sector", np.array(lengths), {"units": "m"}),
            **_daily(names, errors),
            "declared_region": ("declared", np.array([row[0] for row in rows], dtype=str)),
            "declared_sector": ("declared", np.array([row[1] for row in rows], dtype=str)),
            "declared_standard_deviation": (
                "declared",
                np.array([row[2] for row in rows], dtype=float),
                {
                    "units": "kg s-1",
                    "long_name": f"1-sigma of the mean rate over the {errors.declared.averaging}",
                },
            ),
        },
        coords={"sector": np.array(names, dtype=str), "sector_2": np.array(names, dtype=str)},
        attrs={
            "title": "prior error covariance: kernels, lengths and declared totals",
            "spatial_kernel": str(errors.spatial_kernel),
            "spatial_efolding_km": float(errors.spatial_efolding_km),
            "likeness_of_sector_mix": "yes" if errors.likeness_of_sector_mix else "no",
            "temporal_kernel": "exponential",
            **{key: float(getattr(errors, key)) for key in TIMES},
            "declared_averaging": str(errors.declared.averaging),
            "declared_efolding_days": float(errors.declared.efolding_days),
            "declared_left_out": "; ".join(left_out) or "none",
        },
    )


def _daily(names: list[str], errors: Any) -> dict[str, tuple[Any, ...]]:
    """Return the 1-sigma of each sector's daily factor, nothing where none has one."""
    shares = [errors.daily_sector_sd_by_sector.get(name, errors.daily_sector_sd) for name in names]
    if not any(shares):
        return {}
    unit = {"units": "1", "long_name": "1-sigma of a factor common to the sector on a local day"}
    return {"daily_sector_standard_deviation": ("sector", np.array(shares, dtype=float), unit)}


def _declared(
    totals: np.ndarray, sectors: dict[str, str], codes: tuple[str, ...], shares: Any
) -> tuple[list[tuple[str, str, float]], list[str]]:
    """Return (region, sector, 1-sigma) of each declared total, and those left out with reason."""
    if not shares.enabled:
        return [], ["all: switched off in errors.prior.declared"]
    counted = [i for i, kind in enumerate(sectors.values()) if kind == "inventory"]
    names = list(sectors)
    district = totals[counted].sum(axis=0)
    rows = [("all", "all", shares.city * district.sum())]
    left_out = []
    if len(codes) > 1:
        rows += [
            (code, "all", shares.districts.get(code, shares.district) * total)
            for code, total in zip(codes, district, strict=True)
        ]
    else:
        left_out.append(f"{codes[0]}, all: the only district is the city")
    if len(counted) > 1:
        rows += [
            ("all", names[i], shares.sectors.get(names[i], shares.sector) * totals[i].sum())
            for i in counted
        ]
    else:
        left_out.append(f"all, {names[counted[0]]}: the only inventory sector is their sum")
    rows += [
        ("all", name, getattr(shares, name) * abs(totals[names.index(name)].sum()))
        for name in ("gpp", "respiration")
        if name in names
    ]
    left_out += [f"{region}, {sector}: its prior is 0" for region, sector, sd in rows if sd == 0]
    return [(region, sector, float(sd)) for region, sector, sd in rows if sd > 0], left_out


def refuse_unknown(names: list[str], codes: tuple[str, ...], errors: Any) -> None:
    """Raise where error settings name what is not in the state."""
    wanted = {
        "cell_relative_by_sector": errors.cell_relative_by_sector,
        "spatial_efolding_km_by_sector": errors.spatial_efolding_km_by_sector,
        "daily_sector_sd_by_sector": errors.daily_sector_sd_by_sector,
        "declared.sectors": errors.declared.sectors,
        "sector_correlations": [s for entry in errors.sector_correlations for s in entry.sectors],
    }
    unknown = [
        f"{key}: {name}" for key, used in wanted.items() for name in sorted(used)
        if name not in names
    ]  # fmt: skip
    unknown += [
        f"declared.districts: {code}" for code in sorted(errors.declared.districts)
        if code not in codes
    ]  # fmt: skip
    if unknown:
        msg = (
            f"error settings must name sectors and districts of the run; got {'; '.join(unknown)} "
            f"in errors.prior. The sectors are {', '.join(names)}."
        )
        raise ValueError(msg)

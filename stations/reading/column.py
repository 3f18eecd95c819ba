"""Averaging kernels, priors and pressures of columns of air come in; they go out checked, along `record`.

A column is a mean over all air above the instrument, not a mole fraction at an inlet: what a model
has for it must be folded with the kernel first. With the dry mole fractions x of a model,

    X = X_prior + sum_j w_j a_j (x_j - prior_j),

w the pressure weights, a the kernel (Rodgers and Connor 2003, doi:10.1029/2002JD002299; Connor et
al. 2008, doi:10.1029/2006JD008336). Levels run from the ground upwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from stations.reading.netcdf import NetcdfFile, refuse

WEIGHT_TOLERANCE = 0.01  # of the sum of the weights; single operators of TCCON leave 1 by 0.003
KERNEL_RANGE = (0.5, 1.5)  # of its weighted mean: 0.9 to 1.1 in files seen, 1 for an ideal column
_MOLAR_WATER, _MOLAR_DRY = 18.0153e-3, 28.9647e-3  # kg mol-1
# U.S. Standard Atmosphere 1976: height of each layer's base [m], temperature there [K], lapse
# [K m-1], pressure there relative to sea level.
_STANDARD = (
    (0.0, 288.15, -0.0065),
    (11000.0, 216.65, 0.0),
    (20000.0, 216.65, 0.001),
    (32000.0, 228.65, 0.0028),
    (47000.0, 270.65, 0.0),
    (51000.0, 270.65, -0.0028),
    (71000.0, 214.65, -0.002),
)
_G_OVER_R = 9.80665 * 28.9644e-3 / 8.31432  # K m-1, the constants of that standard
_EARTH_M = 6356766.0  # radius of that standard


@dataclass(frozen=True)
class Columns:
    """What belongs to each column beside its value.

    Attributes
    ----------
    line : ndarray (record,), int
        Number of the record in its file; names the row.
    pressure : ndarray (record, level), Pa
        Of each level, from the ground upwards.
    kernel : ndarray (record, level)
        Column averaging kernel, dimensionless.
    prior : ndarray (record, level), umol mol-1
        Mole fraction that the retrieval started from.
    weight : ndarray (record, level)
        Share of each level in the column of dry air.
    prior_column : ndarray (record,), umol mol-1
        Column of the prior.
    notes : mapping of str to str
        Attributes: gas, scale, and how each array was made.
    """

    line: np.ndarray
    pressure: np.ndarray
    kernel: np.ndarray
    prior: np.ndarray
    weight: np.ndarray
    prior_column: np.ndarray
    notes: Mapping[str, str] = field(default_factory=dict)

    def faults(self) -> dict[int, str]:
        """Return what is wrong with a record, for the records where something is.

        Returns
        -------
        dict of int to str
            Position -> the first of its faults.
        """
        arrays = {
            "pressure": self.pressure,
            "kernel": self.kernel,
            "prior": self.prior,
            "weight": self.weight,
        }
        found: dict[int, str] = {}
        for name, values in arrays.items():
            for k in np.flatnonzero(~np.isfinite(values).all(axis=1)):
                found.setdefault(int(k), f"{name} that is not finite")
        with np.errstate(invalid="ignore"):
            total = self.weight.sum(axis=1, dtype=np.float64)
            mean = (self.weight * self.kernel).sum(axis=1, dtype=np.float64)
            rising = (np.diff(self.pressure, axis=1) >= 0).any(axis=1)
            low, high = KERNEL_RANGE
            for k in np.flatnonzero(rising):
                found.setdefault(int(k), "pressure that does not fall from level to level")
            for k in np.flatnonzero(np.abs(total - 1) > WEIGHT_TOLERANCE):
                found.setdefault(int(k), f"weights that sum to {total[k]:.4f}")
            for k in np.flatnonzero((mean < low) | (mean > high)):
                found.setdefault(int(k), f"a kernel whose weighted mean is {mean[k]:.3f}")
        return found

    def dataset(self, keep: np.ndarray) -> xr.Dataset:
        """Return the records to keep as a dataset.

        Parameters
        ----------
        keep : ndarray (record,), bool

        Returns
        -------
        Dataset
            pressure_level, averaging_kernel, prior_mole_fraction, pressure_weight (record, level)
            and prior_column_mole_fraction (record), with coordinate `line`.
        """
        both = ("record", "level")

        def along(values: np.ndarray, dims: tuple[str, ...], unit: str, name: str) -> tuple:
            return dims, values[keep], {"units": unit, "long_name": name}

        return xr.Dataset(
            {
                "pressure_level": along(self.pressure, both, "Pa", "air pressure of the level"),
                "averaging_kernel": along(self.kernel, both, "1", "column averaging kernel"),
                "prior_mole_fraction": along(
                    self.prior, both, "umol mol-1", "dry mole fraction of the prior"
                ),
                "pressure_weight": along(
                    self.weight, both, "1", "share of the level in the column of dry air"
                ),
                "prior_column_mole_fraction": along(
                    self.prior_column, ("record",), "umol mol-1", "column of the prior"
                ),
            },
            coords={"line": ("record", self.line[keep], {"long_name": "record in its file"})},
            attrs={"level_order": "from the ground upwards", **self.notes},
        )


def demand_variables(file: NetcdfFile, wanted: Mapping[str, tuple[str, ...]], hint: str) -> None:
    """Refuse a file that lacks variables, or has them along other dimensions.

    Parameters
    ----------
    file : NetcdfFile
    wanted : mapping of str to tuple of str
        Dimensions of each variable.
    hint : str

    Raises
    ------
    FileRefusedError
    """
    wrong = [name for name, dims in wanted.items() if file.variables.get(name) != dims]
    if wrong:
        shown = ", ".join(name for name in file.variables if name[:1] in "xX")
        listed = ", ".join(f"{name}({', '.join(wanted[name])})" for name in wrong)
        refuse("columns", f"columns {shown or 'none'}", f"also {listed}", hint)


def dry_weights(
    pressure: np.ndarray,
    surface: np.ndarray,
    water: np.ndarray | None = None,
    gravity: np.ndarray | None = None,
) -> np.ndarray:
    """Return the share of each level in the column of dry air above a pressure.

    Parameters
    ----------
    pressure : ndarray (record, level), Pa
        Falling with the level; levels below the ground are allowed.
    surface : ndarray (record,), Pa
        At the instrument: air below it is in no column.
    water : ndarray (record, level), mol mol-1, optional
        Of moist air; dry where not given.
    gravity : ndarray (record, level), m s-2, optional
        Constant where not given.

    Returns
    -------
    ndarray (record, level)
        Sums to 1. A profile is taken as linear in pressure between levels, and constant above
        the last and below the first one.

    Notes
    -----
    dN = dp / (g M_dry (1 + q M_H2O / M_dry)), q the dry mole fraction of water: hydrostatics of
    moist air, counted in dry air (Connor et al. 2008, appendix).

    Examples
    --------
    >>> dry_weights(np.array([[1e5, 5e4, 0.0]]), np.array([1e5])).tolist()
    [[0.25, 0.5, 0.25]]
    >>> dry_weights(np.array([[1e5, 5e4, 0.0]]), np.array([7.5e4])).round(4).tolist()
    [[0.0833, 0.5833, 0.3333]]
    """
    pressure = np.asarray(pressure, dtype=np.float64)
    lower, upper = pressure[:, :-1], pressure[:, 1:]
    thick = lower - upper
    ground = np.asarray(surface, dtype=np.float64)[:, None]
    cut = np.clip((lower - ground) / thick, 0.0, 1.0)  # share of the layer that is underground
    weight = np.zeros_like(pressure)
    weight[:, :-1] += thick * (1 - cut) ** 2 / 2
    weight[:, 1:] += thick * (1 - cut**2) / 2
    weight[:, :1] += np.clip(ground - pressure[:, :1], 0.0, None)
    weight[:, -1] += pressure[:, -1]
    if water is not None:
        moist = np.asarray(water, dtype=np.float64)
        weight = weight / (1 + moist / (1 - moist) * _MOLAR_WATER / _MOLAR_DRY)
    if gravity is not None:
        weight = weight / np.asarray(gravity, dtype=np.float64)
    return weight / weight.sum(axis=1, keepdims=True)


def standard_pressure(height: np.ndarray) -> np.ndarray:
    """Return the pressure of the U.S. Standard Atmosphere 1976, relative to sea level.

    Parameters
    ----------
    height : ndarray, m
        Geometric, above sea level, up to 84 km.

    Returns
    -------
    ndarray, same shape
        1 at sea level.

    Examples
    --------
    >>> (101325 * standard_pressure(np.array([0.0, 5000.0, 30000.0]))).round(0).tolist()
    [101325.0, 54048.0, 1197.0]
    """
    geometric = np.asarray(height, dtype=np.float64)
    above = _EARTH_M * geometric / (_EARTH_M + geometric)
    result = np.ones_like(above)
    tops = [base for base, _, _ in _STANDARD[1:]] + [np.inf]
    for (base, warm, lapse), top in zip(_STANDARD, tops, strict=True):
        inside = np.clip(above - base, 0.0 if base else None, top - base)
        if lapse:
            result = result * (1 + lapse * inside / warm) ** (-_G_OVER_R / lapse)
        else:
            result = result * np.exp(-_G_OVER_R * inside / warm)
    return result

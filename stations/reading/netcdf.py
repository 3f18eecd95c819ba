"""A netCDF file comes in; its variables exactly as stored, nothing masked or scaled, go out."""

from __future__ import annotations

import io
from typing import Any, NoReturn

import numpy as np

from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.containers import Member

_HDF5 = b"\x89HDF"
_CLASSIC = (b"CDF\x01", b"CDF\x02")
_DAMAGE = (
    OSError,
    ValueError,
    RuntimeError,
    KeyError,
    OverflowError,
    IndexError,
    TypeError,
    AttributeError,  # what the library raises of an attribute that it cannot read
)
_CUT = "The file was cut or damaged: fetch it again."


class NetcdfFile:
    """One netCDF file, read as stored: fill values stand where they stand.

    Attributes
    ----------
    attributes : dict
        Of the file, text as str.
    dimensions : dict of str to int
    variables : dict of str to tuple of str
        Dimensions of each; those of groups are named ``group/name``.
    groups : dict of str to dict
        Attributes of each group.
    """

    def __init__(self, member: Member) -> None:
        self.label = member.label
        with member.open() as stream:
            head = stream.read(8)
        try:
            if head.startswith(_HDF5):
                self._open_hdf5(member)
            elif head.startswith(_CLASSIC):
                self._open_classic(member)
            else:
                hint = "Declare the right format in the registry, or rewrite the file as netCDF-4."
                expected = "a netCDF-4 or a classic netCDF file"
                refuse("unknown_format", repr(head), expected, hint)
        except _DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            refuse("unreadable", str(error), "a whole netCDF file", _CUT, error)

    def _open_hdf5(self, member: Member) -> None:
        """Open with the usual library, masks and scales off."""
        import netCDF4

        if member.plain:
            dataset = netCDF4.Dataset(str(member.path))
        else:
            with member.open() as stream:
                dataset = netCDF4.Dataset("memory", memory=stream.read())
        dataset.set_auto_maskandscale(False)
        self._dataset = dataset
        self.attributes = {name: dataset.getncattr(name) for name in dataset.ncattrs()}
        self.dimensions = {name: len(size) for name, size in dataset.dimensions.items()}
        self.groups = {
            name: {key: group.getncattr(key) for key in group.ncattrs()}
            for name, group in dataset.groups.items()
        }
        self._stored: dict[str, Any] = dict(dataset.variables)
        for name, group in dataset.groups.items():
            self._stored.update({f"{name}/{key}": v for key, v in group.variables.items()})
        self.variables = {name: tuple(v.dimensions) for name, v in self._stored.items()}

    def _open_classic(self, member: Member) -> None:
        """Open with a library that raises where the file ends early (the usual one reads zeros)."""
        from scipy.io import netcdf_file

        with member.open() as stream:  # the library must be able to go back in it
            content = io.BytesIO(stream.read())
        dataset = netcdf_file(content, mmap=False, maskandscale=False)
        self._dataset = dataset
        self.attributes = {name: _text(value) for name, value in dataset._attributes.items()}
        self.dimensions = {
            name: int(dataset._recs if size is None else size)
            for name, size in dataset.dimensions.items()
        }
        self.groups = {}
        self._stored = dict(dataset.variables)
        self.variables = {name: tuple(v.dimensions) for name, v in self._stored.items()}

    def has(self, *names: str) -> bool:
        """Return whether all these variables are there."""
        return all(name in self.variables for name in names)

    def attribute(self, variable: str, name: str, default: Any = "") -> Any:
        """Return one attribute of a variable, text as str."""
        stored = self._stored[variable]
        known = getattr(stored, "_attributes", None)
        if known is not None:
            return _text(known[name]) if name in known else default
        try:
            return stored.getncattr(name) if name in stored.ncattrs() else default
        except _DAMAGE as error:
            refuse("unreadable", f"{variable}:{name}: {error}", "a whole netCDF file", _CUT, error)

    def values(self, name: str) -> np.ndarray:
        """Return a variable as stored.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray

        Raises
        ------
        FileRefusedError
            Where it is not there or cannot be read.
        """
        if name not in self._stored:
            hint = "The file lacks what its format promises; fetch it again."
            refuse("columns", f"variables {', '.join(self.variables)}", f"also {name}", hint)
        try:
            found = np.array(self._stored[name][...])
        except _DAMAGE as error:
            refuse("unreadable", f"{name}: {error}", "a whole netCDF file", _CUT, error)
        return found.astype(found.dtype.newbyteorder("=")) if found.dtype.kind in "fiu" else found

    def numbers(self, name: str) -> np.ndarray:
        """Return a variable as float64, NaN where its own `_FillValue` or `missing_value` stands."""
        found = self.values(name)
        if found.dtype.kind not in "fiu":
            hint = "Name a variable that holds numbers."
            refuse("columns", f"{name} of kind {found.dtype}", "numbers", hint)
        numbers = found.astype(np.float64)
        for key in ("_FillValue", "missing_value"):
            fill = self.attribute(name, key, None)
            if fill is not None and np.ndim(fill) == 0 and not isinstance(fill, str):
                numbers[found == np.asarray(fill).astype(found.dtype)] = np.nan
        return numbers

    def texts(self, name: str) -> list[str]:
        """Return a variable of characters or strings as one text for each record."""
        found = self.values(name)
        if found.dtype.kind == "S" and found.ndim > 1:
            joined = [b"".join(row.ravel()) for row in found]
            return [raw.decode("utf-8", "replace").rstrip("\x00 ") for raw in joined]
        listed = found.ravel().tolist()
        return [_text(item).rstrip("\x00 ") if item is not None else "" for item in listed]

    def close(self) -> None:
        """Close the file."""
        self._dataset.close()


def _text(value: Any) -> Any:
    """Return bytes as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def refuse(
    code: str, found: str, expected: str, hint: str, cause: Exception | None = None
) -> NoReturn:
    """Refuse a whole file.

    Parameters
    ----------
    code, found, expected, hint : str
    cause : Exception, optional

    Raises
    ------
    FileRefusedError
    """
    raise FileRefusedError(Issue(0, 0, code, printable(found, 160), expected, hint)) from cause


def record_text(columns: dict[str, np.ndarray], k: int) -> str:
    """Return record `k` as one line for people.

    Parameters
    ----------
    columns : dict of str to ndarray (record,)
    k : int

    Returns
    -------
    str

    Examples
    --------
    >>> record_text({"co2": np.array([431.5])}, 0)
    'co2=431.5'
    """
    return "; ".join(f"{name}={values[k]:.10g}" for name, values in columns.items())


class Records:
    """The records of a netCDF file, counted as lines of a text are.

    Attributes
    ----------
    file : NetcdfFile
    count : int
        Records; the reader sets it.
    comment : int
        Records set aside; the reader adds to it.
    issues : list
        Always empty: a damaged file is refused whole.
    truncated : str
        Always empty.
    table : dict of str to ndarray (record,)
        What `text` shows of a record; the reader sets it.
    """

    def __init__(self, file: NetcdfFile) -> None:
        self.file = file
        self.table: dict[str, np.ndarray] = {}
        self.count = 0
        self.comment = 0
        self.issues: list[Issue] = []
        self.truncated = ""

    def text(self, number: int) -> str:
        """Return record `number` (1-based) as one line for people."""
        return record_text(self.table, number - 1)

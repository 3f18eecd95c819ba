"""In: the `snakemake` object of a rule's script. Out: its settings, provenance and log, so that scripts only unpack, call, write."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

from contracts.files import canonical_hash, file_hash
from contracts.provenance import Provenance
from contracts.registered import registered


class Job:
    """One job: checked settings by attribute, hashed inputs, a log file.

    Parameters
    ----------
    snakemake : object
        What Snakemake hands to a script.
    sections : dict of str to str
        Name of each section the script reads to its "module:class".
    """

    def __init__(self, snakemake: Any, sections: dict[str, str]) -> None:
        self.snakemake = snakemake
        self._raw = dict(snakemake.params.get("settings", {}))
        if sorted(self._raw) != sorted(sections):
            msg = f"params.settings must be {sorted(sections)}; got {sorted(self._raw)}."
            raise ValueError(msg)
        for name, target in sections.items():
            value = self._raw[name]
            model = registered(target)
            setattr(self, name, None if value is None else model.model_validate(value))
        _start_log(str(snakemake.log[0]) if snakemake.log else None)

    def sections(self, *names: str) -> dict[str, Any]:
        """Return the named sections as plain values."""
        return {name: self._raw[name] for name in sorted(names)}

    def inputs(self) -> dict[str, str]:
        """Return every input file by its name in the rule, numbered where it is a list."""
        named: dict[str, str] = {}
        for name, value in self.snakemake.input.items():
            if isinstance(value, str):
                named[name] = value
            else:
                paths = [str(path) for path in value]
                named.update(
                    {f"{name}:{Path(path).name}:{i}": path for i, path in enumerate(paths)}
                )
        return named

    def provenance(self, **contents: Any) -> Provenance:
        """Return hashes of inputs, settings and code.

        Parameters
        ----------
        **contents : plain values
            What was used of an input instead of its file, so that the order of stations in a
            registry changes nothing.
        """
        hashes = {
            name: canonical_hash(contents[name]) if name in contents else _hash(Path(path))
            for name, path in sorted(self.inputs().items())
        }
        params = {k: v for k, v in self.snakemake.params.items() if k != "code"}
        return Provenance(hashes, canonical_hash(params), str(self.snakemake.params.code))


def _hash(path: Path) -> str:
    """Return the hash of a file, or of all files of a folder with their names."""
    if not path.is_dir():
        return file_hash(path)
    files = sorted(part for part in path.rglob("*") if part.is_file())
    return canonical_hash({str(part.relative_to(path)): file_hash(part) for part in files})


def _start_log(path: str | None) -> None:
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handlers = [logging.FileHandler(path, mode="w", encoding="utf-8")]
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", handlers=handlers
    )
    logging.captureWarnings(capture=True)
    shown = sys.excepthook

    def excepthook(kind: Any, value: Any, trace: Any) -> None:
        logging.getLogger("workflow").error("".join(traceback.format_exception(kind, value, trace)))
        shown(kind, value, trace)

    sys.excepthook = excepthook

"""In: hashes of inputs, settings and code. Out: the provenance text that every dataset carries; no clock time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.files import canonical_hash, file_hash


@dataclass(frozen=True)
class Provenance:
    """Where a dataset comes from.

    Attributes
    ----------
    inputs : mapping of name to SHA-256 of the file
    settings : SHA-256 of the settings in canonical form
    code : SHA-256 over the transitive closure of our modules
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    code: str = ""

    def to_json(self) -> str:
        """Return the canonical JSON text written into the file."""
        content = {"inputs": dict(self.inputs), "settings": self.settings, "code": self.code}
        return json.dumps(content, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_attribute(cls, text: str) -> "Provenance":
        """Parse the `provenance` attribute of a dataset."""
        return cls(**json.loads(text))


def provenance_of(inputs: Mapping[str, str | Path], settings: Any, code: str) -> Provenance:
    """Hash the named input files and the settings into a `Provenance`."""
    hashes = {name: file_hash(inputs[name]) for name in sorted(inputs)}
    return Provenance(inputs=hashes, settings=canonical_hash(settings), code=code)

"""Section `problem`: a whole inverse problem published by others, in the files of its authors."""

from pydantic import Field

from contracts.settings.base import Section


class ProblemSettings(Section):
    """Which reader turns the authors' files into the datasets of a problem."""

    reader: str = Field(description="name of the reader; `new_zealand`: Steinkamp et al. 2011-2013")
    folder: str = Field(description="folder of the files, relative to data_root")
    options: dict[str, str] = Field(
        default_factory=dict, description="choices the reader offers, by name; it lists them"
    )

"""The base of every section of a configuration: unknown keys, NaN and later changes are refused."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen section of the settings that knows all of its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

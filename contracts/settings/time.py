"""Section `time`: the batches of a run and the local day."""

from datetime import datetime

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section


class BatchSettings(Section):
    """A declared half-open interval in UTC."""

    start: datetime = Field(description="start, UTC, without a zone")
    end: datetime = Field(description="end, UTC, exclusive, without a zone")

    @field_validator("start", "end")
    @classmethod
    def _naive(cls, value: datetime) -> datetime:
        if value.tzinfo is not None:
            msg = f"a time must be given in UTC without a zone; got {value.isoformat()}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _ordered(self) -> "BatchSettings":
        if not self.start < self.end:
            msg = f"start must lie before end; got {self.start} .. {self.end}"
            raise ValueError(msg)
        return self


class TimeSettings(Section):
    """What is inverted at once, and what a day is."""

    utc_offset_hours: float = Field(8.0, ge=-12, le=14, description="local time minus UTC, hours")
    batches: dict[str, BatchSettings | None] = Field(
        description="months `YYYY-MM` (local calendar) with an empty value, or named intervals"
    )
    totals: dict[str, BatchSettings] = Field(
        default_factory=dict,
        description="further intervals for which totals are told, each inside one batch and made of "
        "whole periods of the state",
    )
    spin_up_days: int = Field(
        1, ge=0, le=10, description="days before a batch whose air still reaches its towers"
    )

    @model_validator(mode="after")
    def _months(self) -> "TimeSettings":
        for name, declared in self.batches.items():
            if declared is None:
                try:
                    datetime.strptime(name, "%Y-%m")
                except ValueError:
                    msg = f"a batch without start and end must be named YYYY-MM; got {name!r}"
                    raise ValueError(msg) from None
        if not self.batches:
            msg = "at least one batch must be declared"
            raise ValueError(msg)
        return self

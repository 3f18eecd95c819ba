"""Contract `network_status`: completeness, offsets, drift and exclusion of every station."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, text, times

PPM = "umol mol-1"
SCHEMA = Schema(
    name="network_status",
    variables={
        "station": text("station"),
        "day": times("day"),
        "completeness": Variable("station day", "1", low=0, high=1),
        "offset": Variable("station day", PPM, missing=True),
        "offset_standard_error": Variable("station day", PPM, low=0, missing=True, optional=True),
        "excluded": integers("station", 0),
        "reason": text("station"),
        "drift": Variable("station", missing=True),
        "drift_standard_error": Variable("station", low=0, missing=True),
    },
    rules=(rules.ascending("station"), rules.ascending("day")),
)

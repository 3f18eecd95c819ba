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
        # what speaks of the clocks, and what it says; hours, positive where stamps are late
        "clock_evidence": text("clock_evidence", optional=True),
        "clock_station": text("clock_evidence", optional=True),
        "clock_verdict": text("clock_evidence", optional=True),
        "clock_offset": Variable("clock_evidence", "h", missing=True, optional=True),
        "clock_offset_low": Variable("clock_evidence", "h", missing=True, optional=True),
        "clock_offset_high": Variable("clock_evidence", "h", missing=True, optional=True),
        "clock_fit": Variable("clock_evidence", "1", missing=True, optional=True),
        "clock_unseen": text("clock_evidence", optional=True),
        # what a person should look at; absent where there is nothing
        "finding_kind": text("finding", optional=True),
        "finding_station": text("finding", optional=True),
        "finding_text": text("finding", optional=True),
        "finding_text_local": text("finding", optional=True),
    },
    rules=(rules.ascending("station"), rules.ascending("day")),
)

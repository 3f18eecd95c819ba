"""Rows made by the rule's own code: every state, both signs, every boundary."""

import math

from reconcile.agreement import DETECTABLE_FACTOR
from reconcile.verdict import NOT_ASSESSED, Evidence, Verdict, judge
from reconcile.wording import REASONS

NONE = float("nan")

NUMBERS = {  # T_d, σ_d, T_I, σ_I (kt), information, φ, q, members, agreeing
    "agrees": (620, 40, 600, 60, 0.62, 0.0, 0.6, 1, 0),
    "agrees below": (570, 40, 600, 60, 0.62, 0.0, 0.6, 10, 0),
    "tension above": (690, 40, 600, 60, 0.62, 0.0, 0.12, 1, 1),
    "tension below": (510, 40, 600, 60, 0.62, 0.0, 0.12, 1, 1),
    "differs above": (730, 40, 600, 90, 0.62, 0.0, 0.01, 1, 1),
    "differs below": (470, 40, 600, 90, 0.62, 0.0, 0.01, 1, 1),
    "disagrees above": (930, 40, 600, 60, 0.62, 0.0, 0.001, 1, 1),
    "disagrees below": (270, 40, 600, 60, 0.62, 0.0, 0.001, 1, 1),
    "disagrees, members": (930, 40, 600, 60, 0.62, 0.0, 0.001, 12, 11),
    "disagrees, undeclared": (930, 40, 600, NONE, 0.62, 0.0, 0.001, 1, 1),
    "disagrees, undeclared, members": (270, 40, 600, NONE, 0.62, 0.0, 0.001, 5, 4),
    "weak test": (620, 140, 600, 60, 0.4, 0.0, 0.9, 1, 0),
    "weak test, nothing declared to emit": (20, 40, 0, 10, 0.4, 0.0, 0.9, 1, 0),
    "low information": (620, 240, 600, 60, 0.123, 0.0, NONE, 1, 0),
    "null directions": (NONE, NONE, 600, 60, 0.5, 0.034, NONE, 1, 0),
    "negative end": (12, 30, 100, 200, 0.5, 0.0, 0.001, 1, 1),
    "z 1.96 exactly": (698, 50, 600, 60, 0.62, 0.0, 0.3, 1, 1),
    "z 2.58 exactly": (729, 50, 600, 60, 0.62, 0.0, 0.02, 1, 1),
    "q 0.05 exactly": (930, 40, 600, 60, 0.62, 0.0, 0.05, 1, 1),
    "information 0.2 exactly": (620, 40, 600, 60, 0.2, 0.0, 0.6, 1, 0),
    "information under 0.2": (620, 40, 600, 60, 0.1999, 0.0, NONE, 1, 0),
    "null fraction 0.01 exactly": (620, 40, 600, 60, 0.62, 0.01, 0.6, 1, 0),
    "null fraction over 0.01": (NONE, NONE, 600, 60, 0.62, 0.0101, NONE, 1, 0),
    "detectable half exactly": (100, 25, 140, 60, 0.62, 0.0, 0.6, 1, 0),
    "detectable over half": (100, 25.1, 140, 60, 0.62, 0.0, 0.6, 1, 0),
    "declared z 1.96 exactly": (845, 75, 600, 100, 0.62, 0.0, 0.01, 1, 1),
    "80 % of members exactly": (930, 40, 600, 60, 0.62, 0.0, 0.001, 5, 4),
    "under 80 % of members": (930, 40, 600, 60, 0.62, 0.0, 0.001, 5, 3),
}
DETAILS = {
    "unlike_scope": "1+2",
    "unlike_gas": "CH4",
    "unlike_boundaries": "2015",
    "station_silent": "HZ03, HZ06",
}


def make_row(numbers):
    """A row as `verdict_rows` gives it, judged by the rule."""
    total, sd, inventory, declared, information, null, q, members, agreeing = numbers
    evidence = Evidence(
        information=information,
        null_fraction=null,
        z_number=(total - inventory) / sd,
        z_declared=(total - inventory) / (sd**2 + declared**2) ** 0.5,
        q=q,
        detectable=DETECTABLE_FACTOR * sd,
        inventory_total=inventory,
        members=members,
        members_agreeing=agreeing,
    )
    row = finish_row(judge(evidence), evidence)
    tonnes = {
        "atmosphere_only": total,
        "atmosphere_only_sd": sd,
        "inventory_total": inventory,
        "inventory_sd": declared,
        "detectable": evidence.detectable,
    }
    row |= {name: 1e3 * value for name, value in tonnes.items()}
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in row.items()
    }


def make_blocked_row(code):
    evidence = Evidence(information=0.6, null_fraction=0.0)
    verdict = judge(evidence, Verdict(NOT_ASSESSED, code, DETAILS.get(code, "")))
    row = finish_row(verdict, evidence) | {"inventory_total": 6e5, "atmosphere_only": 6.2e5}
    return row | {"atmosphere_only_sd": 4e4, "detectable": None}


def finish_row(verdict, evidence):
    return {
        "row_id": "v-330106-all-2026-06",
        "family": "districts",
        "region": "330106",
        "region_name": "Xihu District",
        "region_name_local": "西湖区",
        "sector": "all",
        "period": "2026-06",
        "period_start": "2026-05-31T16:00:00Z",
        "period_end": "2026-06-30T16:00:00Z",
        "information": evidence.information,
        "null_fraction": evidence.null_fraction,
        "z_number": evidence.z_number,
        "z_declared": evidence.z_declared,
        "q": evidence.q,
        "members": evidence.members,
        "members_agreeing": evidence.members_agreeing,
        "posterior": 6.1e5,
        "posterior_sd": 3.5e4,
        "inflation": 1.0,
        "verdict": verdict.state,
        "reason_code": verdict.code,
        "reason_detail": verdict.detail,
        "gas": "CO2",
        "preliminary": "no",
        "excluded_stations": "{}",
        "unit": "t",
    }


def all_rows():
    """Every case by its name."""
    rows = {name: make_row(numbers) for name, numbers in NUMBERS.items()}
    return rows | {f"not assessed, {code}": make_blocked_row(code) for code in sorted(REASONS)}

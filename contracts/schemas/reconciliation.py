"""Contract `reconciliation`: what the atmosphere alone says of every total, and the verdict on the inventory's."""

from contracts import rules
from contracts.schema import Schema, Variable, integers, text, times

TOTAL = "kg s-1"


def _total(*, missing: bool = True, low: float = -float("inf")) -> Variable:
    return Variable("verdict_row", TOTAL, low=low, missing=missing)


def _number(*, missing: bool = True, low: float = -float("inf")) -> Variable:
    return Variable("verdict_row", "1", low=low, missing=missing)


SCHEMA = Schema(
    name="reconciliation",
    attributes=("city_name", "inventory_name", "scope", "gas"),
    variables={
        **{
            name: text("verdict_row")
            for name in (
                "row_id",
                "family",
                "region",
                "sector",
                "region_name",
                "region_name_local",
                "verdict",
                "reason",
                "reason_code",
            )
        },
        "period_start": times("verdict_row"),
        "period_end": times("verdict_row"),
        "inventory_total": _total(),
        "inventory_standard_deviation": _total(low=0),
        "prior_total": _total(missing=False),
        "prior_standard_deviation": _total(missing=False, low=0),
        "posterior_total": _total(missing=False),
        "posterior_standard_deviation": _total(missing=False, low=0),
        "atmosphere_only": _total(),
        "atmosphere_only_standard_deviation": _total(low=0),
        "detectable": _total(low=0),
        "information": _number(missing=False, low=-1e-6),
        "null_fraction": _number(low=-1e-9),
        "z_number": _number(),
        "z_declared": _number(),
        "z_prior": _number(),
        "q": _number(low=0),
        "inflation": _number(low=0),
        "members": integers("verdict_row", 0),
        "members_agreeing": integers("verdict_row", 0),
    },
    rules=(rules.unique("row_id"),),
)

"""The evidence about one total comes in; one of six states with its reason code goes out."""

import math
from dataclasses import dataclass

NOT_ASSESSED = "not assessed"
NOT_DETERMINED = "not determined"
DISAGREES = "disagrees"
DIFFERS = "differs within declared"
TENSION = "tension"
AGREES = "agrees"
STATES = (AGREES, TENSION, DIFFERS, DISAGREES, NOT_DETERMINED, NOT_ASSESSED)

INFORMATION_LIMIT = 0.2
NULL_LIMIT = 0.01
STRONG_SCORE = 2.58
SCORE = 1.96
Q_LIMIT = 0.05
DETECTABLE_SHARE = 0.5


@dataclass(frozen=True)
class Evidence:
    """What is known about one total.

    Attributes
    ----------
    information, null_fraction : float
        1 − V/Q and φ, dimensionless.
    z_number, z_declared, q : float
        Scores and false-discovery rate; z_declared is NaN where the inventory declares no σ_I.
    detectable, inventory_total : float
        D and T_I in one unit.
    members, members_agreeing : int
        Members of the ensemble, and those with |z| ≥ 1.96 on the side of z_number.
    """

    information: float
    null_fraction: float
    z_number: float = math.nan
    z_declared: float = math.nan
    q: float = math.nan
    detectable: float = math.nan
    inventory_total: float = math.nan
    members: int = 1
    members_agreeing: int = 0


@dataclass(frozen=True)
class Verdict:
    """A state, the code of its reason, and a detail that the reason names."""

    state: str
    code: str
    detail: str = ""


def screen_information(information: float, null_fraction: float) -> Verdict | None:
    """Apply rule 2: say whether the observations carry enough information.

    Parameters
    ----------
    information, null_fraction : float
        1 − V/Q and φ, dimensionless.

    Returns
    -------
    Verdict or None
        None where the total may be tested.
    """
    if not (math.isfinite(information) and math.isfinite(null_fraction)):
        msg = (
            "information and null fraction must be finite; "
            f"got {information} and {null_fraction} in a verdict. Check the posterior totals."
        )
        raise ValueError(msg)
    if null_fraction > NULL_LIMIT:
        return Verdict(NOT_DETERMINED, "null_directions")
    if information < INFORMATION_LIMIT:
        return Verdict(NOT_DETERMINED, "low_information")
    return None


def judge(evidence: Evidence, obstacle: Verdict | None = None) -> Verdict:
    """Return the verdict of the first rule that matches.

    Parameters
    ----------
    evidence : Evidence
        Numbers of one total.
    obstacle : Verdict, optional
        Why the total cannot be assessed at all (rule 1).

    Returns
    -------
    Verdict
        One of the six states.

    Notes
    -----
    SCIENCE.md §2.15 (i). z_number asks whether the number differs, z_declared whether by more than
    the inventory allows itself. With one member the share of members is waived.

    Examples
    --------
    >>> judge(Evidence(0.6, 0.0, 0.4, 0.3, 0.7, detectable=2.0, inventory_total=6.0)).state
    'agrees'
    """
    if obstacle is not None:
        return obstacle
    screened = screen_information(evidence.information, evidence.null_fraction)
    if screened is not None:
        return screened
    _check_tested(evidence)
    score = abs(evidence.z_number)
    if score > STRONG_SCORE and evidence.q < Q_LIMIT and _members_concur(evidence):
        return _judge_difference(evidence)
    if score >= SCORE:
        return Verdict(TENSION, "tension")
    if evidence.detectable > DETECTABLE_SHARE * abs(evidence.inventory_total):
        return Verdict(NOT_DETERMINED, "weak_test")
    return Verdict(AGREES, "no_detectable_difference")


def _judge_difference(evidence: Evidence):
    if math.isnan(evidence.z_declared):
        return Verdict(DISAGREES, "undeclared")
    if abs(evidence.z_declared) >= SCORE:
        return Verdict(DISAGREES, "beyond_declared")
    return Verdict(DIFFERS, "within_declared")


def _members_concur(evidence: Evidence):
    """At least 80 %, in whole numbers; waived where there is one member."""
    return evidence.members == 1 or 5 * evidence.members_agreeing >= 4 * evidence.members


def _check_tested(evidence: Evidence):
    tested = {
        "z_number": evidence.z_number,
        "q": evidence.q,
        "detectable": evidence.detectable,
        "inventory_total": evidence.inventory_total,
    }
    missing = [name for name, value in tested.items() if not math.isfinite(value)]
    if missing:
        msg = (
            f"a tested total must have finite numbers; got none for {', '.join(missing)} in a "
            "verdict. Name the obstacle if the total cannot be assessed."
        )
        raise ValueError(msg)

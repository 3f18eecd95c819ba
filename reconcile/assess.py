"""One family of totals with its inventory comes in; scores and verdicts of each total go out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from contracts.settings.reconcile import ReconcileSettings
from reconcile import agreement, obstacles
from reconcile.context import Context, batch_bounds
from reconcile.families import Family, pick_totals, total_pairs
from reconcile.human_respiration import fixed_deviations
from reconcile.members import count_agreeing, mix_members
from reconcile.removal import Removed, remove_prior
from reconcile.verdict import NOT_ASSESSED, SCORE, Evidence, Verdict, judge, screen_information


@dataclass(frozen=True)
class Inputs:
    """Everything one reconciliation reads."""

    posterior: xr.Dataset
    inventory: xr.Dataset
    certificate: Mapping[str, Any] | None
    section: ReconcileSettings
    context: Context


@dataclass(frozen=True)
class Estimate:
    """Prior-removed totals of a family, mixed, inflated and widened by the fixed part.

    Attributes
    ----------
    mixed : Removed
        Mixture of the members, before inflation.
    covariance : ndarray (k, k)
        Σ_d of the verdict, (kg s-1)²; infinite on the diagonal where unseen.
    member_totals, member_deviations : ndarray (members, k)
        T_d and σ_d of each member, kg s-1.
    """

    mixed: Removed
    covariance: np.ndarray
    member_totals: np.ndarray
    member_deviations: np.ndarray


def estimate_family(family: Family, inputs: Inputs, inflation: float) -> Estimate:
    """Remove the prior inside each member, mix, inflate, and add the fixed part's error.

    Parameters
    ----------
    family : Family
        k totals.
    inputs : Inputs
        Posterior and further members.
    inflation : float
        k ≥ 1 of the certificate.

    Returns
    -------
    Estimate
        kg s-1. σ_d² = (mean of σ² + variance between members)·k² + fixed², in this order: the
        certificate speaks of the network, the fixed part has a deviation of its own.
    """
    posteriors = (inputs.posterior, *inputs.context.members)
    removed = tuple(remove_prior(pick_totals(member, family)) for member in posteriors)
    mixed = mix_members(removed)
    by_region = dict(
        zip(
            [str(name) for name in inputs.posterior["fixed_region"].values],
            inputs.posterior["fixed_standard_deviation"].values.tolist(),
            strict=True,
        )
    )
    fixed = fixed_deviations(family, by_region, inputs.section.human_respiration_sectors)
    covariance = mixed.covariance * inflation**2 + np.outer(fixed, fixed)
    variances = np.array([np.diag(member.covariance) for member in removed])
    return Estimate(
        mixed=mixed,
        covariance=covariance,
        member_totals=np.array([member.total for member in removed]),
        member_deviations=np.sqrt(variances * inflation**2 + fixed**2),
    )


def assess_family(family: Family, inputs: Inputs) -> tuple[dict[str, Any], np.ndarray]:
    """Assess each total of a family.

    Parameters
    ----------
    family : Family
        k totals.
    inputs : Inputs
        Posterior, inventory, certificate, settings and context.

    Returns
    -------
    columns : dict of str to sequence (k,)
        Columns of the reconciliation dataset, kg s-1.
    covariance : ndarray (k, k)
        Σ_d, (kg s-1)².
    """
    inflation, uncertified = obstacles.read_inflation(inputs.certificate, family.name)
    estimate = estimate_family(family, inputs, 1.0 if math.isnan(inflation) else inflation)
    inventory, declared = inventory_totals(family, inputs)
    blocked = _list_obstacles(inputs, inventory, uncertified)
    deviation = np.sqrt(np.diag(estimate.covariance))
    open_rows = np.array([obstacle is None for obstacle in blocked])
    compared = np.where(open_rows, inventory, np.nan)
    detectable = agreement.detectable_difference(deviation)
    numbers = {
        "information": estimate.mixed.information,
        "null_fraction": estimate.mixed.null_fraction,
        **_score(estimate, compared, declared, deviation),
        "detectable": np.where(math.isnan(inflation), np.nan, detectable),
        "inventory_total": inventory,
        "members": np.full(len(family.pairs), len(estimate.member_totals)),
    }
    columns = numbers | {
        "inventory_standard_deviation": declared,
        "atmosphere_only": estimate.mixed.total,
        "atmosphere_only_standard_deviation": deviation,
        "inflation": np.full(len(family.pairs), inflation),
        **_judge_rows(numbers, blocked),
        **_prior_and_posterior(family, inputs),
    }
    return columns, estimate.covariance


def _judge_rows(numbers: Mapping[str, np.ndarray], blocked: list[Verdict | None]):
    """Verdict of each row from its evidence and its obstacle."""
    verdicts = [
        judge(Evidence(**{name: values[row].item() for name, values in numbers.items()}), obstacle)
        for row, obstacle in enumerate(blocked)
    ]
    return {
        "verdict": [verdict.state for verdict in verdicts],
        "reason_code": [verdict.code for verdict in verdicts],
        "reason_detail": [verdict.detail for verdict in verdicts],
    }


def inventory_totals(family: Family, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Return the inventory's totals and declared deviations (k,), kg s-1, NaN where it has none.

    Notes
    -----
    An inventory without a row `all` is summed over its sectors; the deviation of that sum is then
    undeclared, since the sectors' correlations are.
    """
    inventory = inputs.inventory
    period = obstacles.match_period(inventory, batch_bounds(inputs.posterior))
    regions = [str(name) for name in inventory["region"].values]
    sectors = [str(name) for name in inventory["sector"].values]
    total = np.full(len(family.pairs), np.nan)
    deviation = np.full(len(family.pairs), np.nan)
    if period is None:
        return total, deviation
    given = inventory["total"].transpose("region", "period", "sector").values[:, period]
    sd = inventory["standard_deviation"].transpose("region", "period", "sector").values[:, period]
    for row, (region, sector) in enumerate(family.pairs):
        if region in regions and sector in sectors:
            place = regions.index(region), sectors.index(sector)
            total[row], deviation[row] = given[place], sd[place]
        elif region in regions and sector == "all":
            total[row] = given[regions.index(region)].sum()
    return total, deviation


def _list_obstacles(
    inputs: Inputs, inventory: np.ndarray, uncertified: Verdict | None
) -> list[Verdict | None]:
    """First obstacle of each row, in the order of rule 1."""
    unlike = obstacles.find_unlike(inputs.posterior, inputs.inventory)
    if obstacles.match_period(inputs.inventory, batch_bounds(inputs.posterior)) is None:
        unlike = unlike or Verdict(NOT_ASSESSED, "unlike_period")
    silent = obstacles.find_silent(inputs.section.verdict.required_stations, inputs.context)
    diagonal = obstacles.find_diagonal(inputs.posterior)
    common = unlike or silent or uncertified or diagonal
    missing = unlike or Verdict(NOT_ASSESSED, "no_inventory")
    return [common if math.isfinite(total) else missing for total in inventory]


def _score(estimate: Estimate, compared: np.ndarray, declared: np.ndarray, deviation: np.ndarray):
    """Scores of the rows without an obstacle; q over those with enough information."""
    total = estimate.mixed.total
    z_number = agreement.z_number(total, compared, deviation)
    informative = [
        screen_information(information, null) is None
        for information, null in zip(
            estimate.mixed.information, estimate.mixed.null_fraction, strict=True
        )
    ]
    tested = np.array(informative) & np.isfinite(compared)
    member_scores = np.array(
        [
            agreement.z_number(member, compared, sd)
            for member, sd in zip(estimate.member_totals, estimate.member_deviations, strict=True)
        ]
    )
    return {
        "z_number": z_number,
        "z_declared": agreement.z_declared(total, compared, deviation, declared),
        "q": agreement.false_discovery_rate(z_number, tested),
        "members_agreeing": count_agreeing(member_scores, z_number, SCORE),
    }


def _prior_and_posterior(family: Family, inputs: Inputs):
    totals = pick_totals(inputs.posterior, family)
    reduction, variance = np.diag(totals.reduction), np.diag(totals.prior_covariance)
    posterior_variance = variance_of_posterior(inputs.posterior, family)
    return {
        "prior_total": totals.prior,
        "prior_standard_deviation": np.sqrt(variance),
        "posterior_total": totals.posterior,
        "posterior_standard_deviation": np.sqrt(posterior_variance),
        "z_prior": agreement.z_prior(totals.posterior, totals.prior, reduction),
    }


def variance_of_posterior(posterior: xr.Dataset, family: Family) -> np.ndarray:
    """Return the posterior variance of each total of a family (k,), (kg s-1)²."""
    pairs, diagonal = total_pairs(posterior), np.diag(posterior["total_covariance"].values)
    return diagonal[[pairs.index(pair) for pair in family.pairs]]

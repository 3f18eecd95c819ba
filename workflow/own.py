"""Everything with which a user brings data of their own, under one name: arrays, tables and files come in; contract datasets go out."""

from contracts.grid import Grid
from contracts.settings.gas import GasSettings as Gas
from inventories.own_prior import own_prior as prior
from inventories.own_prior import own_prior_covariance as prior_covariance
from inventories.own_prior import whole_prior_covariance
from inventories.own_state import OwnState as State
from inventories.own_table import OwnInventory as About
from inventories.own_table import own_inventory as inventory
from inventories.own_table import own_totals as totals
from inversion.errors.mismatch import Term
from inversion.jacobian import build_jacobian as jacobian_of_footprints
from inversion.own_observations import own_background as background
from inversion.own_observations import own_observations as observations
from inversion.own_problem import own_jacobian as jacobian
from inversion.own_problem import own_mismatch as mismatch
from inversion.own_problem import own_sections as sections
from inversion.own_problem import write_problem
from inversion.solve import solve_batch as solve
from reconcile.tables import fit_rows, flux_rows
from stations.own_records import own_hours as hours
from stations.own_records import own_record as record
from transport.own_footprints import own_footprints as footprints

__all__ = [
    "About",
    "Gas",
    "Grid",
    "State",
    "Term",
    "background",
    "fit_rows",
    "flux_rows",
    "footprints",
    "hours",
    "inventory",
    "jacobian",
    "jacobian_of_footprints",
    "mismatch",
    "observations",
    "prior",
    "prior_covariance",
    "record",
    "sections",
    "solve",
    "totals",
    "whole_prior_covariance",
    "write_problem",
]

"""Observations, sensitivities and prior come in; fluxes with their full covariance go out.

The names of `__all__` are for a notebook: ``import inversion`` costs nothing, and each name brings
its module when it is first used.
"""

from importlib import import_module
from typing import Any

# Offered to people, not used by our own modules: a pair is no registry entry, so that an edit of
# one module here does not re-run what used another.
_OFFERED = {
    "DualSolver": ("inversion.solvers.dual", "DualSolver"),
    "LinearGaussianProblem": ("inversion.problem", "LinearGaussianProblem"),
    "assemble_problem": ("inversion.problem", "assemble_problem"),
    "read_problem": ("inversion.folder", "read_problem"),
    "read_sections": ("inversion.folder", "read_sections"),
    "solve_batch": ("inversion.solve", "solve_batch"),
    "solve_folder": ("inversion.folder", "solve_folder"),
    "solve_problem": ("inversion.solve", "solve_problem"),
}
__all__ = sorted(_OFFERED)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Return an offered name from its module."""
    if name not in _OFFERED:
        msg = f"module 'inversion' must be asked for one of {__all__}; got {name!r}."
        raise AttributeError(msg)
    module, attribute = _OFFERED[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """Return the offered names."""
    return list(__all__)

"""Solvers: a linear Gaussian problem comes in, its posterior goes out."""

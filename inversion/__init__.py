"""Observations, sensitivities and prior come in; fluxes with their full covariance go out."""

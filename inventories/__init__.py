"""Inventories, proxies and natural fluxes come in; prior, its covariance and inventory go out."""

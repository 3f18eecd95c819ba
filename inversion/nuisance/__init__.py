"""States that are not fluxes: one small file for each kind of them."""

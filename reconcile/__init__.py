"""Posterior totals and an inventory come in; agreement numbers, verdicts and sentences go out."""

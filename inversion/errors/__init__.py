"""Error statistics: the prior covariance B and the mismatch covariance R."""

"""A word comes in; which method runs on which size, and how often, goes out."""

from __future__ import annotations

ALWAYS = [
    ("tiny", "double", 5),
    ("tiny", "single", 5),
    ("tiny", "dense", 3),
    ("tiny", "fips", 1),
    ("small", "double", 5),
    ("small", "single", 5),
    ("small", "single, bare", 5),
    ("small", "sweep with FFTs, single", 3),
    ("small", "Kronecker, literal", 2),
    ("small", "Kronecker, products", 3),
    ("small", "rows by FFT", 2),
    ("small", "conjugate gradients", 2),
]
MORE = [
    ("least", "double", 5),
    ("least", "single", 5),
    ("least", "fips", 1),
    ("least", "cuqi", 1),
    ("medium", "double", 2),
    ("medium", "single", 3),
    ("medium", "single, 2 threads", 3),
    ("medium", "single, bare", 2),
    ("medium", "sweep with FFTs, single", 1),
    ("medium", "conjugate gradients", 1),
    ("medium", "rows by FFT", 1),
    ("medium", "Kronecker, products", 1),
]
LARGE = [
    ("large", "double", 1),
    ("large", "single", 1),
    ("large", "single, 2 threads", 1),
    ("large", "single, bare", 1),
    ("month", "single", 1),
    ("month", "single, reach 1e-4", 1),
    ("four_months", "single", 1),
    ("four_months", "single, reach 1e-4", 1),
]
PLANS = {
    "small": ALWAYS,
    "medium": ALWAYS + MORE,
    "full": ALWAYS + MORE + LARGE,
    "large": LARGE,
}


IN_SINGLE = ("medium", "large", "month", "four_months")  # where solver.precision: auto takes single


def ours_at(size: str) -> str:
    """Return the method that the product's own settings choose at a size."""
    return "single" if size in IN_SINGLE else "double"


def reference_of(method: str) -> str:
    """Return the method whose answer another one's is compared with.

    Examples
    --------
    >>> reference_of("rows by FFT"), reference_of("single, bare"), reference_of("single, reach 1e-4")
    ('double', 'double, bare', 'single')
    """
    if method.endswith("bare"):
        return "double, bare"
    return "single" if "reach" in method else "double"

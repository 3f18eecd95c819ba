"""Nothing comes in; the figures of the full-size trials go out, each computed once a session."""

from functools import cache

from planting import planted, sound
from trials import (
    REGIMES,
    adjoint,
    box,
    column,
    near_field,
    plume,
    residence_ratio,
    rotation,
    taylor_ratio,
    totals,
    well_mixed,
)

LAB = sound()
AGES = (100.0, 200.0, 500.0, 1500.0, 3000.0)
SHARES = (0.05, 0.1, 0.2, 0.4)
STEPS = (60.0, 30.0, 15.0)


@cache
def mixed(regime, share=0.1, scale_height=None):
    return well_mixed(
        LAB, regime, 40_000 if scale_height is None else 20_000, 3, share, scale_height
    )


@cache
def columns(kind):
    return column(LAB, kind, 20_000, 24)


@cache
def dispersion():
    return taylor_ratio(LAB, 120_000, AGES), residence_ratio(LAB, 40_000)


@cache
def near():
    return near_field(LAB, 60_000)


@cache
def gaussian():
    return plume(LAB, 100_000)


@cache
def boxes():
    return {regime: box(LAB, 10_000, regime) for regime in ("unstable", "neutral", "low u*")}


@cache
def rotations():
    return [rotation(LAB, step) for step in STEPS]


@cache
def duality():
    return adjoint(LAB, 60_000)


@cache
def by_step(regime):
    return [totals(LAB, 8000, regime, share) for share in SHARES]


@cache
def defects(folder):
    """Return what each planted defect shows, by its name."""
    none, neutral = planted(folder, "none"), planted(folder, "wrong neutral slope")
    still, open_lid = planted(folder, "no drift"), planted(folder, "one-way lid")
    light = planted(folder, "no density term")
    return {
        "none": {r: well_mixed(none, r, 12_000).chi for r in REGIMES},
        "no drift": {r: well_mixed(still, r, 12_000).chi for r in REGIMES},
        "wrong neutral slope (no 1/u*)": {
            r: well_mixed(neutral, r, 12_000).chi for r in ("neutral", "low u*")
        },
        "no density term": {
            r: well_mixed(light, r, 12_000, scale_height=2000.0).chi
            for r in ("unstable", "neutral")
        },
        "one-way lid": {kind: column(open_lid, kind, 4000).chi for kind in ("fixed", "diurnal")},
    }

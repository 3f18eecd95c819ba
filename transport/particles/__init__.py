"""Observations, meteorology and a grid come in; footprints of a backward particle model go out.

The kernel is `flight.fly`; what it needs is in the small files beside it.
"""

from transport.particles.footprints import read_footprints

__all__ = ["read_footprints"]

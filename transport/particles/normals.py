"""A key and a particle's number come in; a stream of independent random numbers goes out.

The stream depends on nothing else, so a particle flies the same whatever flies beside it.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from transport.particles.compiled import compiled, inlined

LAYERS = 256
EDGE = 3.6541528853610088  # where the lowest layer ends and the tail begins
# SplitMix64: an additive step and a mixing function (Steele, Lea and Flood 2014, figure 13)
STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31 = np.uint64(30), np.uint64(27), np.uint64(31)
LOW, ONE = np.uint64(LAYERS - 1), np.uint64(1)
ELEVEN = np.int64(11)
HALF_UNIT = 2.0**-52  # a signed 53-bit integer into [-1, 1)


def layers() -> tuple[np.ndarray, np.ndarray]:
    """Return the ziggurat of exp(-x²/2): widths of 256 layers of equal area, and their heights.

    Returns
    -------
    width, height : ndarray (257,)
        width[0] stands for the lowest layer with its tail, width[1] is where the tail begins,
        width[256] is 0; height is exp(-width²/2).

    Notes
    -----
    Marsaglia and Tsang (2000): every layer has the area V = r f(r) + the tail beyond r.

    Examples
    --------
    >>> width, height = layers()
    >>> bool(abs((height[256] - height[255]) * width[255] / (height[3] - height[2]) / width[2] - 1) < 1e-9)
    True
    """
    tail = math.sqrt(math.pi / 2.0) * math.erfc(EDGE / math.sqrt(2.0))
    area = EDGE * math.exp(-0.5 * EDGE**2) + tail
    width = np.zeros(LAYERS + 1)
    width[0], width[1] = area / math.exp(-0.5 * EDGE**2), EDGE
    for layer in range(1, LAYERS - 1):
        above = math.exp(-0.5 * width[layer] ** 2) + area / width[layer]
        width[layer + 1] = math.sqrt(-2.0 * math.log(above))
    return width, np.exp(-0.5 * width**2)


WIDTH, HEIGHT = layers()


def key_of(seed: int, receptor: str, time: np.datetime64) -> np.uint64:
    """Return the key of one receptor and observation hour.

    Parameters
    ----------
    seed : int
    receptor : str
    time : datetime64
        Start of the observation hour.

    Returns
    -------
    uint64
        64 bits of a hash.

    Examples
    --------
    >>> hour = np.datetime64("2025-06-01T12", "ns")
    >>> len({int(key_of(1, name, hour)) for name in ("AAA", "AAA", "AAB")})
    2
    """
    text = f"{seed}|{receptor}|{time.astype('datetime64[s]')}"
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big"))


@inlined
def mixed(bits: np.uint64) -> np.uint64:
    """Return 64 well-mixed bits of 64 bits, one to one."""
    bits = (bits ^ (bits >> S30)) * FIRST
    bits = (bits ^ (bits >> S27)) * SECOND
    return bits ^ (bits >> S31)


@inlined
def stream(key: np.uint64, number: int) -> np.uint64:
    """Return the state with which the stream of one particle begins."""
    return mixed(key ^ mixed((np.uint64(number) + ONE) * STEP))


@inlined
def uniform(state: np.uint64) -> tuple[np.uint64, float]:
    """Return the next state and a number in (0, 1)."""
    state = state + STEP
    signed = np.int64(mixed(state)) >> ELEVEN
    return state, 0.5 + 0.5 * HALF_UNIT * (np.float64(signed) + 0.5)


@inlined
def normal(state: np.uint64) -> tuple[np.uint64, float]:
    """Return the next state and a number of the standard normal distribution.

    Notes
    -----
    The low 8 bits choose the layer, the high 53 the place in it: independent bits.
    """
    while True:
        state = state + STEP
        bits = mixed(state)
        layer = bits & LOW
        value = np.float64(np.int64(bits) >> ELEVEN) * HALF_UNIT * WIDTH[layer]
        if abs(value) < WIDTH[layer + ONE]:
            return state, value
        if layer == 0:
            return _tail(state, value)
        state, share = uniform(state)
        height = HEIGHT[layer] + share * (HEIGHT[layer + ONE] - HEIGHT[layer])
        if height < math.exp(-0.5 * value * value):
            return state, value


@inlined
def _tail(state: np.uint64, value: float) -> tuple[np.uint64, float]:
    """Return the next state and a normal number beyond the edge, of the value's sign."""
    while True:
        state, one = uniform(state)
        state, two = uniform(state)
        beyond = -math.log(one) / EDGE
        if -2.0 * math.log(two) >= beyond * beyond:
            return state, math.copysign(EDGE + beyond, value)


@compiled
def uniforms(key: np.uint64, number: int, count: int) -> np.ndarray:
    """Return the first numbers in (0, 1) of a stream, (count,)."""
    state, found = stream(key, number), np.empty(count)
    for place in range(count):
        state, found[place] = uniform(state)
    return found

"""Random numbers as a pure function of a key: no hidden state, nothing to save.

Every draw names what it is for, `words(n, "shuffle", seed, epoch)`, and depends on nothing
else: not on what was drawn before, nor on the number of workers.  A resumed run therefore draws
what the undisturbed run would have drawn.  The words come from SHAKE-128 (FIPS 202), read as a
stream; where many are needed, from a counter-based generator with a key from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnntrain.elementary import cos_sin_turns, exp, log, polynomial

Key = int | str


def words(count: int, *key: Key) -> NDArray[np.uint64]:
    """`count` independent uniform 64-bit words for `key`."""
    text = "\0".join(str(part) for part in key)
    stream = hashlib.shake_128(text.encode()).digest(8 * count)
    return np.frombuffer(stream, dtype="<u8").astype(np.uint64, copy=False)


def words_at(start: int, count: int, *key: Key) -> NDArray[np.uint64]:
    """Words `start` ... `start + count - 1` of an endless sequence for `key`, other than that of
    `words`: in four times less time, wherever it starts.

    Philox-4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), whose words
    are encrypted numbers, four a block; NumPy keeps its output the same in all versions.
    """
    generator = np.random.Philox(key=philox_key(*key))
    generator.advance(start // 4)
    drawn: NDArray[np.uint64] = generator.random_raw(start % 4 + count)
    return drawn[start % 4 :]


def philox_key(*key: Key) -> NDArray[np.uint64]:
    """The two words by which that generator knows `key`."""
    return words(2, *key)


def permutation(count: int, *key: Key) -> NDArray[np.int64]:
    """A random order of 0 ... count - 1, each order equally likely."""
    return np.argsort(words(count, *key), kind="stable").astype(np.int64, copy=False)


def uniform(count: int, *key: Key) -> NDArray[np.float64]:
    """`count` uniform numbers in (0, 1]: never zero, so that their logarithm is finite."""
    return as_uniform(words(count, *key))


def as_uniform(drawn: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Words as uniform numbers in (0, 1]."""
    return ((drawn >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def as_index(drawn: NDArray[np.uint64], count: int) -> NDArray[np.int64]:
    """Words as uniform whole numbers from 0 to `count` - 1, `count` at most 2^31."""
    return ((drawn >> np.uint64(32)) * np.uint64(count) >> np.uint64(32)).astype(np.int64)


def as_normal(drawn: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Words as standard normal numbers, to within 10^-6 of their size: the quantiles of uniform
    ones (Wichura, "Algorithm AS 241", Applied Statistics 37, 1988, its function of 7 digits)."""
    q = as_uniform(drawn) - 0.5
    r = 0.180625 - q * q
    result: NDArray[np.float64] = q * _ratio(r, *_NEAR)
    far = np.flatnonzero(np.abs(q) > 0.425)
    left = np.maximum(0.5 - np.abs(q.flat[far]), 2.0**-54)
    r = np.sqrt(-log(left))
    z = np.where(r <= 5, _ratio(r - 1.6, *_FAR), _ratio(r - 5, *_FARTHEST))
    result.flat[far] = np.copysign(z, q.flat[far])
    return result


# Numerators and denominators, the highest power first: of AS 241.
_NEAR = (
    (59.109374720, 159.29113202, 50.434271938, 3.3871327179),
    (67.187563600, 78.757757664, 17.895169469, 1.0),
)
_FAR = (
    (0.17023821103, 1.3067284816, 2.7568153900, 1.4234372777),
    (0.12021132975, 0.73700164250, 1.0),
)
_FARTHEST = (
    (0.017337203997, 0.42868294337, 3.0812263860, 6.6579051150),
    (0.012258202635, 0.24197894225, 1.0),
)


def _ratio(
    x: NDArray[np.float64], above: Sequence[float], below: Sequence[float]
) -> NDArray[np.float64]:
    """Of two polynomials."""
    return polynomial(x, above) / polynomial(x, below)


def as_symmetric_beta(drawn: NDArray[np.uint64], a: float) -> NDArray[np.float64]:
    """Pairs of words (n, 2) as numbers (n,) from 0 to 1 with density proportional to
    (x (1 - x))^(a - 1), for any a > 0.

    x = (1 + sign(c) sqrt(q / (1 + q))) / 2 with q = (U^(-1/a) - 1) c^2 and c = cos 2 pi V: Bailey's
    t distribution of 2 a degrees of freedom as a symmetric beta (Devroye, "Random variate
    generation in one line of code", 1996).
    """
    power = exp(log(as_uniform(drawn[:, 0])) / a)
    cos, _ = cos_sin_turns(as_uniform(drawn[:, 1]))
    numerator = (1 - power) * cos * cos
    return 0.5 + np.copysign(0.5, cos) * np.sqrt(numerator / (power + numerator))


def words_from(drawn: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """`count` words that follow from each word (n,), as (n, count): for draws of which there may
    be many, or none.

    SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    """
    z = drawn[:, None] + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    result: NDArray[np.uint64] = z ^ z >> np.uint64(31)
    return result


def normal(count: int, *key: Key) -> NDArray[np.float64]:
    """`count` standard normal numbers by the Box-Muller transform."""
    half = (count + 1) // 2
    u = uniform(2 * half, *key).reshape(2, half)
    radius, (cos, sin) = np.sqrt(-2.0 * log(u[0])), cos_sin_turns(u[1])
    return np.concatenate([radius * cos, radius * sin])[:count]

"""Elementary functions with the same bits on every machine.

The last bits of the C library's exp, log, pow and cos, and of NumPy's, differ between processors
and versions.  What is written to a run may not, and its functions are made here of operations
that IEEE 754 rounds correctly: + - * / and the square root for arrays, decimal arithmetic for the
few single numbers of a schedule.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from decimal import Context, Decimal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LN2 = (0.6931471803691238, 1.9082149292705877e-10)  # ln 2 in two parts, the first short of bits
_DECIMAL = Context(prec=30, Emax=10**9, Emin=-(10**9), traps=[])
_PI = Decimal("3.14159265358979323846264338327950288")


def log(x: Array) -> Array:
    """The natural logarithm of positive normal numbers, to within 2 units in the last place.

    x = 2^k m with m from sqrt(1/2) to sqrt(2), and log m = 2 artanh s = 2 (s + s^3/3 + ...) with
    s = (m - 1) / (m + 1), so that |s| < 0.172.
    """
    m, k = np.frexp(x)
    small = m < math.sqrt(0.5)
    m, k = np.where(small, 2 * m, m), k - small
    s = (m - 1) / (m + 1)
    series = polynomial(s * s, [1 / n for n in range(23, 1, -2)])
    result: Array = k * _LN2[0] + (k * _LN2[1] + (2 * s + 2 * s * (s * s) * series))
    return result


def exp(x: Array) -> Array:
    """e^x for x up to 700, to within 2 units in the last place of normal results.

    x = k ln 2 + r with a whole number k and |r| <= ln 2 / 2; for r Taylor's series.
    """
    x = np.maximum(x, -800)
    k = np.rint(x / _LN2[0])
    r = (x - k * _LN2[0]) - k * _LN2[1]
    series = polynomial(r, [1 / math.factorial(n) for n in range(14, -1, -1)])
    return np.ldexp(series, k.astype(np.int64))


def cos_sin_turns(u: Array) -> tuple[Array, Array]:
    """cos and sin of 2 pi u, for u from 0 to 1, to within 2^-52.

    The nearest quarter turn is taken off, which is exact; for the rest, at most pi / 4, Taylor's
    series.
    """
    quarter = np.floor(4 * u + 0.5)
    angle = 2 * math.pi * (u - quarter / 4)
    square = -angle * angle
    cos = polynomial(square, [1 / math.factorial(n) for n in range(18, -1, -2)])
    sin = angle * polynomial(square, [1 / math.factorial(n) for n in range(19, 0, -2)])
    turned = quarter.astype(np.int64) % 4
    return (
        np.choose(turned, [cos, -sin, -cos, sin]),
        np.choose(turned, [sin, cos, -sin, -cos]),
    )


def power(base: float, exponent: float) -> float:
    """base^exponent = exp(exponent ln base) for a base from 0 on, rounded from some 28 digits;
    infinity or 0 where it is out of range."""
    if base == 0:
        return float(exponent == 0)
    product = _DECIMAL.multiply(Decimal(exponent), _ln(base))
    return float(_DECIMAL.exp(product)) if abs(product) < 800 else (math.inf, 0.0)[product < 0]


@functools.lru_cache(1024)
def _ln(x: float) -> Decimal:
    return _DECIMAL.ln(Decimal(x))


def half_wave(progress: float) -> float:
    """(1 + cos(pi progress)) / 2 for progress from 0 to 1: from 1 down to 0.

    Computed as sin^2 of the half angle that is left, which keeps small values exact.
    """
    half = _DECIMAL.multiply(_PI, Decimal(1 - progress) / 2)
    term = total = half
    n = 1
    while term and term.adjusted() > -35:
        n += 2
        term = _DECIMAL.divide(
            _DECIMAL.multiply(-term, _DECIMAL.multiply(half, half)), Decimal(n * (n - 1))
        )
        total = _DECIMAL.add(total, term)
    return float(_DECIMAL.multiply(total, total))


def polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """By Horner's rule, the highest power first."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total

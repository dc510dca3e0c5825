"""Elementary functions against a wider format and decimal arithmetic, and their pinned bits."""

import hashlib
import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain import elementary

WIDE = np.longdouble  # 64 bits of precision on x86-64, 113 on aarch64
PI = WIDE("3.14159265358979323846264338327950288")
EDGES = [2.0**-54, 2.0**-53, 1 / 8, 1 / 4, 3 / 8, 0.5, 0.5**0.5, 0.75, 7 / 8, 1 - 2.0**-53, 1.0]


@pytest.fixture(scope="module")
def numbers():
    """Numbers from 0 to 1, edges among them."""
    return np.concatenate([np.random.default_rng(0).random(200_000), EDGES])


def test_log_is_right_to_two_units_in_the_last_place(numbers):
    x = np.concatenate([numbers, 1 / numbers, np.array([2.0**-1022, 2.0**1023])])
    exact = np.log(x.astype(WIDE))
    unit = np.spacing(np.abs(exact).astype(np.float64))
    assert np.all(np.abs(elementary.log(x) - exact) <= 2 * unit)
    assert elementary.log(np.array([1.0]))[0] == 0


def test_exp_is_right_to_two_units_in_the_last_place(numbers):
    x = np.concatenate([numbers, -numbers, 1400 * numbers - 700])
    exact = np.exp(x.astype(WIDE))
    unit = np.spacing(exact.astype(np.float64))
    assert np.all(np.abs(elementary.exp(x) - exact) <= 2 * unit)
    edges = elementary.exp(np.array([0, -740.0, -800, -1e300, -np.inf]))
    assert edges.tolist() == [1, pytest.approx(np.exp(-740.0), rel=0.01), 0, 0, 0]


def test_cos_and_sin_of_turns(numbers):
    cos, sin = elementary.cos_sin_turns(numbers)
    angle = 2 * PI * numbers.astype(WIDE)
    assert np.abs(cos - np.cos(angle)).max() <= 2.0**-52
    assert np.abs(sin - np.sin(angle)).max() <= 2.0**-52
    quarters = np.array([0, 0.25, 0.5, 0.75, 1])
    cos, sin = elementary.cos_sin_turns(quarters)
    assert cos.tolist() == [1, 0, -1, 0, 1]
    assert sin.tolist() == [0, 1, 0, -1, 0]


@given(st.floats(1e-300, 1e300), st.floats(-1e3, 1e3))
def test_powers_are_rounded_correctly(base, exponent):
    with localcontext(prec=60, Emax=10**9, Emin=-(10**9)):
        exact = Decimal(base) ** Decimal(exponent)
        assert elementary.power(base, exponent) == float(exact)


@pytest.mark.parametrize(
    ("base", "exponent", "value"),
    [
        (0.1, 1, 0.1),
        (0.5, 3, 0.125),
        (2, -1074, 5e-324),
        (0.0, 2, 0.0),
        (0.0, 0, 1.0),
        (7.0, 0, 1.0),
        (3000.0, 150, math.inf),
        (0.9, 1e9, 0.0),
        (math.inf, 0.5, math.inf),
    ],
)
def test_powers_at_the_edges(base, exponent, value):
    assert elementary.power(base, exponent) == value


def test_half_a_wave():
    shares = np.concatenate([np.random.default_rng(1).random(500), [1e-9, 1 - 1e-9]])
    exact = (1 + np.cos(PI * shares.astype(WIDE))) / 2
    found = np.array([elementary.half_wave(float(share)) for share in shares])
    assert np.abs(found - exact).max() <= 2.0**-53
    assert [elementary.half_wave(share) for share in (0.0, 0.5, 1.0)] == [1, 0.5, 0]


def test_the_bits_are_the_same_everywhere(numbers):
    """SHA-256 of the results, which is that of every processor and version of a library."""
    short = numbers[:300].tolist()
    values = [
        elementary.log(numbers),
        *elementary.cos_sin_turns(numbers),
        np.array([elementary.power(u, 1 / u) for u in short]),
        np.array([elementary.half_wave(u) for u in short]),
    ]
    digest = hashlib.sha256(b"".join(array.astype("<f8").tobytes() for array in values))
    assert digest.hexdigest()[:16] == "4cdf46d6ec8d4504"

// exp and log with the same bits on every processor: the C library's differ in the last ones.
//
// They are made of additions, multiplications, fused ones, divisions and square roots, which IEEE 754
// rounds correctly.  Over all numbers of 32 bits exp and log are within 2 units in the last place
// (tests/nn/engines/compiled/test_elementary.py).

#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include "vectors.h"

#define LOG2_E 1.44269504088896340735992468100
#if REAL_BYTES == 4
#define FRACTION_BITS 23
#define BIAS 127
#define ROUNDER 12582912.0f     // 1.5 x 2^23: adding it rounds to a whole number
#define LN2_HIGH 0.693145751953125f  // ln 2 in two parts, the first with so few bits that its
#define LN2_LOW 1.42860682030941723e-6f  // multiples are exact
#define EXP_TERMS 7
#define LOG_TERMS 11
#define FARTHEST 160  // exp is infinite, or 0, from there on
#else
#define FRACTION_BITS 52
#define BIAS 1023
#define ROUNDER 6755399441055744.0
#define LN2_HIGH 0.6931471803691238
#define LN2_LOW 1.9082149292705877e-10
#define EXP_TERMS 13
#define LOG_TERMS 23
#define FARTHEST 1100
#endif
#define SCALE(k) ((vector)(((k) + BIAS) << FRACTION_BITS))  // 2^k
#define SMALLEST_NORMAL ((real)(REAL_BYTES == 4 ? 0x1p-126 : 0x1p-1022))

// x = k ln 2 + r with a whole number k and |r| <= ln 2 / 2.
typedef struct {
    vector r;
    mask k;
} Reduced;
INLINE Reduced reduced(vector x) {
    const vector shifted = fma_(x, all((real)LOG2_E), all(ROUNDER)), k = shifted - ROUNDER;
    return (Reduced){fma_(k, all(-LN2_LOW), fma_(k, all(-LN2_HIGH), x)), (mask)shifted - (mask)all(ROUNDER)};
}

// Taylor's series of exp from term `first` on, divided by r^first.
INLINE vector exp_series(int first, vector r) {
    static const double factorial[] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800,
                                       479001600, 6227020800.0};
    vector sum = all((real)(1 / factorial[EXP_TERMS]));
    for (int n = EXP_TERMS - 1; n >= first; n--) sum = fma_(sum, r, all((real)(1 / factorial[n])));
    return sum;
}

// exp x = 2^k exp r.
INLINE vector exponential(vector x) {
    const vector nearer = choose(x > FARTHEST, all(FARTHEST), choose(x < -FARTHEST, all(-FARTHEST), x));
    const Reduced a = reduced(nearer);
    const mask half = a.k >> 1;
    return choose(x != x, x, exp_series(0, a.r) * SCALE(half) * SCALE(a.k - half));
}

// exp x - 1 for x <= 0, exact near 0 too: 2^k (exp r - 1) + (2^k - 1).  It is -1 from ALL_GONE on.
#define ALL_GONE -60
INLINE vector exponential_less_1(vector x) {
    const Reduced a = reduced(choose(x < ALL_GONE, all(ALL_GONE), x));
    const vector less_1 = fma_(a.r * a.r, exp_series(2, a.r), a.r);
    return choose(x != x, x, fma_(SCALE(a.k), less_1, SCALE(a.k) - 1));
}

// x = 2^k m with m from sqrt(1/2) to sqrt(2); log m = 2 artanh s = 2 (s + s^3 / 3 + ...), with
// s = (m - 1) / (m + 1), |s| < 0.172.
INLINE vector logarithm(vector x) {
    const mask tiny = x < SMALLEST_NORMAL;
    const vector normal = choose(tiny, x * (real)((int64_t)1 << (FRACTION_BITS + 1)), x);
    const mask half_bits = (mask)all((real)0.70710678118654752440);
    const mask k = ((mask)normal - half_bits) >> FRACTION_BITS;
    const vector m = (vector)((mask)normal - (k << FRACTION_BITS));
    const vector power = __builtin_convertvector(k - (tiny & (FRACTION_BITS + 1)), vector);
    const vector s = (m - 1) / (m + 1), square = s * s;
    vector series = all((real)1 / LOG_TERMS);
    for (int n = LOG_TERMS - 2; n >= 3; n -= 2) series = fma_(series, square, all((real)1 / n));
    const vector twice = s + s, rest = twice * square * series;
    vector y = power * LN2_HIGH + (fma_(power, all(LN2_LOW), rest) + twice);
    y = choose(x == 0, all(-__builtin_inf()), choose(x == (real)__builtin_inf(), x, y));
    return choose((x < 0) | (x != x), all((real)__builtin_nan("")), y);
}

INLINE vector square(vector x) { return x * x; }

INLINE vector root(vector x) {
    vector y = zero();
    for (int i = 0; i < WIDTH; i++)
        y[i] = REAL_BYTES == 4 ? (real)__builtin_sqrtf((float)x[i]) : (real)__builtin_sqrt((double)x[i]);
    return y;
}

#define SIGN ((mask)(-zero()))
INLINE vector magnitude(vector x) { return (vector)((mask)x & ~SIGN); }
INLINE vector with_sign_of(vector x, vector y) { return (vector)(((mask)x & SIGN) | (mask)magnitude(y)); }

// The two themselves, of a multiple of sixteen numbers, for those who test them.
EXPORT void NAME(exponentials)(const real *x, real *y, int64_t n) {
    for (int64_t i = 0; i < n; i += WIDTH) store_any(y + i, exponential(load_any(x + i)));
}
EXPORT void NAME(logarithms)(const real *x, real *y, int64_t n) {
    for (int64_t i = 0; i < n; i += WIDTH) store_any(y + i, logarithm(load_any(x + i)));
}

#endif

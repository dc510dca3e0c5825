// The normal distribution function and its density, as layers/gaussian.py has them:
//
//     phi(x) = exp(-x^2 / 2) / sqrt(2 pi)        Phi(-|x|) = exp(-z^2) f(z) / (2 + 4 z), z = |x| / sqrt 2
//
// f is a polynomial in t = (z - 3) / (z + 3).  What x^2 loses by rounding is known and corrected, so that
// the relative errors of Phi are at most 8 units in the last place, also far out, where Phi is small
// (tests/nn/engines/compiled/test_point_functions.py).

#ifndef GAUSSIAN_H
#define GAUSSIAN_H

#include "elementary.h"

#define FAR_OUT 40  // exp(-x^2 / 2) is 0 from there on
#if REAL_BYTES == 4
static const float F_SERIES[] = {
    1.2530080563677553f, -0.13562106940027363f, -0.04756215692752001f, 0.12964411434408205f,
    -0.1192752752822413f, 0.06831656777113713f, -0.023763576439494328f, 0.0024991168696152006f,
    0.0018750791237721876f, -0.0007264536790416914f, -9.254516686944298e-05f,
    7.731024224325428e-05f};
#else
static const double F_SERIES[] = {
    1.2530080582697296, -0.13562110612458117, -0.047562294353449774, 0.12964515870276033,
    -0.11927366341535854, 0.06830802734399245, -0.023770514917691218, 0.002529391815805061,
    0.001888690349951033, -0.0007798322696449411, -0.00010515974705152988, 0.00012509933902687248,
    4.949291943041643e-06, -2.0100523684194537e-05, -7.310427576536785e-07, 3.472321645084998e-06,
    3.560785728622296e-07, -6.165258184169961e-07, -1.4078231856098792e-07, 1.0176887463479869e-07,
    4.124742409339086e-08, -1.3280177805767647e-08, -8.279555683331714e-09, 9.795583746628637e-10,
    8.48318575002587e-10};
#endif
#define F_DEGREE ((int)(sizeof F_SERIES / sizeof F_SERIES[0]) - 1)

typedef struct {
    vector distribution, density;
} Normal;

INLINE Normal normal(vector x) {
    const vector far = magnitude(x), a = choose(far > FAR_OUT, all(FAR_OUT), far);
    const vector square = a * a, lost = fma_(a, a, -square), power = exponential(square * (real)-0.5);
    const vector bell = fma_(power, lost * (real)-0.5, power);
    const vector z = a * (real)0.70710678118654752440, t = (z - 3) / (z + 3);
    vector f = all(F_SERIES[F_DEGREE]);
    for (int n = F_DEGREE - 1; n >= 0; n--) f = fma_(f, t, all(F_SERIES[n]));
    const vector tail = f * bell / (2 + 4 * z);
    return (Normal){choose(x < 0, tail, 1 - tail), bell * (real)0.39894228040143267794};
}

#endif

// Functions of one number, y = h(x), as stages of their own (the files in layers/ define them).
//
// Each is written down once, with its derivative; the way back computes it again from x rather than keep
// it.  Values are within 2 (elu), 3 (tanh, sigmoid), 4 (silu) and 8 (gelu) units in the last place also
// near 0, derivatives within 3 in that of 1 (tests/nn/engines/compiled/test_point_functions.py).

#ifndef POINT_FUNCTIONS_H
#define POINT_FUNCTIONS_H

#include "gaussian.h"
#include "rows.h"

typedef struct {
    vector y, slope;
} Point;

// Two straight lines; at 0 the derivative is `at_zero`.
INLINE Point rectifier(vector x, const PointFunction *s) {
    const vector left = all((real)s->left), one = all(1);
    const vector slope = choose(x > 0, one, choose(x < 0, left, all((real)s->at_zero)));
    return (Point){choose(x < 0, left * x, x), slope};
}

// max(0, x) with a parabola within `radius` of 0.
INLINE Point rounded_rectifier(vector x, const PointFunction *s) {
    const real radius = (real)s->radius;
    const vector line = x + radius, joint = line / all(radius + radius), lies = where(x > 0, all(1));
    const mask within = magnitude(x) <= radius;
    const vector outside = choose(x < 0, zero(), x);
    return (Point){choose(within, line * joint * (real)0.5, outside), choose(within, joint, lies)};
}

INLINE Point elu(vector x, const PointFunction *s) {
    const vector alpha = all((real)s->alpha), less_1 = exponential_less_1(choose(x > 0, zero(), x));
    const mask right = x >= 0;
    return (Point){choose(right, x, alpha * less_1), choose(right, all(1), alpha * (less_1 + 1))};
}

INLINE Point gelu(vector x, const PointFunction *s) {
    const Normal n = normal(x);
    (void)s;
    return (Point){x * n.distribution, fma_(x, n.density, n.distribution)};
}

// 1 / (1 + exp(-x)) and 1 / (1 + exp x): of the two powers the one that is at most 1 is taken.
typedef struct {
    vector here, opposite;
} Sigmoids;
INLINE Sigmoids sigmoids(vector x) {
    const vector power = exponential(-magnitude(x)), larger = 1 / (1 + power), smaller = power * larger;
    return (Sigmoids){choose(x < 0, smaller, larger), choose(x < 0, larger, smaller)};
}

INLINE Point sigmoid(vector x, const PointFunction *s) {
    const Sigmoids a = sigmoids(x);
    (void)s;
    return (Point){a.here, a.here * a.opposite};
}

INLINE Point silu(vector x, const PointFunction *s) {
    const Sigmoids a = sigmoids(x);
    const vector y = x * a.here;
    (void)s;
    return (Point){y, fma_(y, a.opposite, a.here)};
}

// tanh |x| = (1 - exp(-2 |x|)) / (1 + exp(-2 |x|)).
INLINE Point hyperbolic_tangent(vector x, const PointFunction *s) {
    const vector a = magnitude(x), less_1 = exponential_less_1(-(a + a)), y = -less_1 / (2 + less_1);
    (void)s;
    return (Point){with_sign_of(x, y), fma_(-y, y, all(1))};
}

typedef Point (*Rule)(vector, const PointFunction *);
INLINE void forward_by(Rule h, const PointFunction *s) {
    ALL_ROWS_OF(s) {
        const real *x = row_of(s->x, g, c, i);
        real *y = row_of(s->y, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH) store(y + j, h(load(x + j), s).y);
    }
}

// dl/dx = h'(x) dl/dy.
INLINE void backward_by(Rule h, const PointFunction *s) {
    ALL_ROWS_OF(s) {
        const real *x = row_of(s->x, g, c, i), *dy = row_of(s->dy, g, c, i);
        real *dx = row_of(s->dx, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
            store(dx + j, h(load(x + j), s).slope * load(dy + j));
    }
}

#define POINT_FUNCTION(h) \
    EXPORT void NAME(h##_forward)(const PointFunction *s) { forward_by(h, s); } \
    EXPORT void NAME(h##_backward)(const PointFunction *s) { backward_by(h, s); }
POINT_FUNCTION(rectifier)
POINT_FUNCTION(rounded_rectifier)
POINT_FUNCTION(elu)
POINT_FUNCTION(gelu)
POINT_FUNCTION(sigmoid)
POINT_FUNCTION(silu)
POINT_FUNCTION(hyperbolic_tangent)

#endif

// Dense layers: y = h(W x + b), of all groups of samples at once.
//
// y, dl/dx and dl/dW are within 1e-5 of the largest entry of each in float32, 2e-14 in float64
// (tests/nn/engines/compiled/test_precision.py).

#ifndef DENSE_H
#define DENSE_H

#include "activation.h"
#include "products.h"
#include "transpose.h"

// A row of the transposed x: never a power of two, at which all rows fall into one set of the cache.
INLINE int64_t turned_columns(const Dense *s) { return rounded_up(s->inputs, LANES) + LANES; }

// Numbers of scratch memory: the transposed x, a last block of dW and dl/dz; then sixteen columns of W.
EXPORT int64_t NAME(dense_scratch)(const Dense *s) {
    return s->groups * LANES * turned_columns(s) + (1 + s->groups) * s->units * LANES;
}

EXPORT void NAME(dense_forward)(const Dense *s) {
    Product wx = {1, s->inputs, s->weight,  s->inputs, 0,     1,          s->x.at,
                  0, LANES,     s->x.group, s->y.at,   LANES, s->y.group, 0};
    product(&wx, s->units, s->groups);
    for (int64_t g = 0; g < s->groups; g++)
        for (int64_t f = 0; f < s->units; f++)
            for (int h = 0; h < LANES; h += WIDTH) {
                real *y = s->y.at + g * s->y.group + f * LANES + h;
                vector z = s->bias ? load(y) + all(s->bias[f]) : load(y);
                store(y, activated(z, s->activation));
            }
}

// dl/dz, which is dl/dy or comes in `to`, and its sums over samples, dl/db.
static Image before_activation(const Dense *s, real *to) {
    const Image dz = s->activation.acts ? (Image){to, s->units * LANES, LANES, LANES} : s->dy;
    for (int64_t f = 0; f < s->units; f++) {
        vector sum[PARTS];
        for (int h = 0; h < PARTS; h++) {
            sum[h] = zero();
            for (int64_t g = 0; g < s->groups; g++) {
                const int64_t at = f * LANES + h * WIDTH;
                vector d = load(s->dy.at + g * s->dy.group + at);
                if (s->activation.acts) {
                    d = activated_back(load(s->y.at + g * s->y.group + at), d, s->activation);
                    store(dz.at + g * dz.group + at, d);
                }
                sum[h] += d;
            }
        }
        if (s->dbias) s->dbias[f] = sum_of_lanes(sum);
    }
    return dz;
}

// dl/dW = dl/dz x^T, summed over samples one by one; dl/dx = W^T dl/dz.
EXPORT void NAME(dense_backward)(const Dense *s) {
    const int64_t columns = turned_columns(s), whole_blocks = s->inputs / LANES;
    real *turned = s->scratch, *last = turned + s->groups * LANES * columns;
    const Image dz = before_activation(s, last + s->units * LANES);
    for (int64_t g = 0; g < s->groups; g++)
        to_rows(s->x.at + g * s->x.group, s->inputs, turned + g * LANES * columns, columns);
    Product dw = {s->groups,       LANES,   dz.at, LANES,      dz.group,  1,     turned,
                  LANES * columns, columns, LANES, s->dweight, s->inputs, LANES, 0};
    product(&dw, s->units, whole_blocks);
    if (s->inputs % LANES) {  // the last block would reach into the next row of dW
        const int64_t from = whole_blocks * LANES;
        dw.b += from;
        dw.c = last;
        dw.c_row = LANES;
        product(&dw, s->units, 1);
        for (int64_t f = 0; f < s->units; f++)
            memcpy(s->dweight + f * s->inputs + from, last + f * LANES,
                   (size_t)(s->inputs - from) * sizeof(real));
    }
    if (!s->need_dx) return;
    Product dx = {1, s->units, s->weight, 1,        0,     s->inputs,   dz.at,
                  0, LANES,    dz.group,  s->dx.at, LANES, s->dx.group, 0};
    product_transposed(&dx, s->inputs, s->groups, s->scratch);
}

#endif

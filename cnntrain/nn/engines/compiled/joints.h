// The joints of residual blocks, y = h(f(x) + s(x)) (layers/joints.py says what the stack is).
//
// Memory is laid out so that nothing moves: a branch is no work forwards, and a turn none at all, but
// where what follows it wants its input with padding.  `other` is what waits on the stack, where it is:
// x, or f(x) after a turn; `dother` is where its gradient waits.  A sum has one gradient for both.

#ifndef JOINTS_H
#define JOINTS_H

#include "activation.h"
#include "rows.h"

EXPORT void NAME(branch_forward)(const Joint *s) { (void)s; }

// dl/dx is the sum of what came through f and through s.
EXPORT void NAME(branch_backward)(const Joint *s) {
    ALL_ROWS_OF (s) {
        const real *dy = row_of(s->dy, g, c, i), *dother = row_of(s->dother, g, c, i);
        real *dx = row_of(s->inside, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
            store_ahead(dx + j, load_ahead(dy + j) + load_ahead(dother + j));
    }
}

EXPORT void NAME(turn_forward)(const Joint *s) {
    if (s->y.at == s->other.at) return;
    ALL_ROWS_OF (s)
        memcpy(row_of(s->y, g, c, i), row_of(s->other, g, c, i),
               (size_t)(s->width * LANES) * sizeof(real));
}

EXPORT void NAME(turn_backward)(const Joint *s) { (void)s; }

EXPORT void NAME(sum_forward)(const Joint *s) {
    const Activation h = s->activation;
    ALL_ROWS_OF (s) {
        const real *x = row_of(s->x, g, c, i), *other = row_of(s->other, g, c, i);
        real *y = row_of(s->y, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
            store_ahead(y + j, activated(load_ahead(x + j) + load_ahead(other + j), h));
    }
}

EXPORT void NAME(sum_backward)(const Joint *s) {
    const Activation h = s->activation;
    ALL_ROWS_OF (s) {
        const real *y = row_of(s->y, g, c, i), *dy = row_of(s->dy, g, c, i);
        real *dx = row_of(s->dx, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
            store_ahead(dx + j, activated_back(load_ahead(y + j), load_ahead(dy + j), h));
    }
}

#endif

// The joints of residual blocks, y = h(f(x) + s(x)) (layers/joints.py says what the stack is).
//
// Memory is laid out so that nothing moves on the way to f: a branch is no work forwards.  `other` is
// what waits on the stack, where it is: x, or f(x) after a turn; `dother` is where its gradient waits.

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

static void copy_rows(const Joint *s, Image from, Image to) {
    ALL_ROWS_OF (s)
        memcpy(row_of(to, g, c, i), row_of(from, g, c, i),
               (size_t)(s->width * LANES) * sizeof(real));
}

EXPORT void NAME(turn_forward)(const Joint *s) { copy_rows(s, s->other, s->y); }
EXPORT void NAME(turn_backward)(const Joint *s) { copy_rows(s, s->dy, s->dother); }

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
        real *dx = row_of(s->dx, g, c, i), *dother = row_of(s->dother, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH) {
            const vector d = activated_back(load_ahead(y + j), load_ahead(dy + j), h);
            store_ahead(dx + j, d);
            store_ahead(dother + j, d);
        }
    }
}

#endif

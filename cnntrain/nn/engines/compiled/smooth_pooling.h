// The smooth maximum of windows, and its derivatives, which are a soft-max (Section 2 of the note):
//
//     y = (1 / beta) log of the sum of exp(beta x_q)        dy / dx_q = exp(beta x_q) / that sum
//
// The largest entry is subtracted first.  The way back computes the powers again rather than keep them.

#ifndef SMOOTH_POOLING_H
#define SMOOTH_POOLING_H

#include "elementary.h"
#include "max_pooling.h"

// Numbers of scratch memory: the powers of one window.
EXPORT int64_t NAME(smooth_pool_scratch)(const Pool *s) {
    return s->windows.kernel[0] * s->windows.kernel[1] * LANES;
}

// The sum of exp(beta (x_q - top)), and its terms one after the other.
INLINE vector powers(const Pool *s, const Window *a, int h, vector top, real *terms) {
    vector total = zero();
    ALL_ROWS (a, u)
        ALL_COLUMNS (a, v) {
            const vector x = load(a->x + entry_of(s, u, v) + h);
            const vector power = exponential((x - top) * all((real)s->beta));
            store(terms, power);
            terms += WIDTH;
            total += power;
        }
    return total;
}

INLINE void smooth_maximum_of(const Pool *s, const Window *a) {
    for (int h = 0; h < LANES; h += WIDTH) {
        const vector top = largest(s, a, h), total = powers(s, a, h, top, s->scratch);
        store(a->y + h, top + logarithm(total) / all((real)s->beta));
    }
}

INLINE void to_all_by_their_powers(const Pool *s, const Window *a) {
    for (int h = 0; h < LANES; h += WIDTH) {
        const vector total = powers(s, a, h, largest(s, a, h), s->scratch);
        const vector dy = load(a->dy + h);
        const real *term = s->scratch;
        ALL_ROWS (a, u)
            ALL_COLUMNS (a, v) {
                add_to(a->dx + entry_of(s, u, v) + h, load(term) / total * dy);
                term += WIDTH;
            }
    }
}

EXPORT void NAME(smooth_pool_forward)(const Pool *s) { each_window(s, smooth_maximum_of); }
EXPORT void NAME(smooth_pool_backward)(const Pool *s) {
    each_window_back(s, to_all_by_their_powers);
}

#endif

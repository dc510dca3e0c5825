// Average pooling: the mean of those entries of a window that lie in the image.

#ifndef AVERAGE_POOLING_H
#define AVERAGE_POOLING_H

#include "windows.h"

// Rows are summed before their sums are, so that rounding errors do not add up.
INLINE void mean_of(const Pool *s, const Window *a) {
    const vector count = all((real)count_of(a));
    for (int h = 0; h < LANES; h += WIDTH) {
        vector total = zero();
        ALL_ROWS (a, u) {
            vector row = zero();
            ALL_COLUMNS (a, v) row += load(a->x + entry_of(s, u, v) + h);
            total += row;
        }
        store(a->y + h, total / count);
    }
}

INLINE void to_all_alike(const Pool *s, const Window *a) {
    const vector count = all((real)count_of(a));
    for (int h = 0; h < LANES; h += WIDTH) {
        const vector share = load(a->dy + h) / count;
        ALL_ROWS (a, u)
            ALL_COLUMNS (a, v) add_to(a->dx + entry_of(s, u, v) + h, share);
    }
}

EXPORT void NAME(avg_pool_forward)(const Pool *s) { each_window(s, mean_of); }
EXPORT void NAME(avg_pool_backward)(const Pool *s) { each_window_back(s, to_all_alike); }

#endif

// Max-pooling as a stage of its own, with windows of any size (appendix of the note).
//
// Nothing is kept for the way back: an entry holds the maximum if it equals it.  Of several such entries
// the first in the given order of positions has the gradient, or all of them have equal parts.  A NaN is
// larger than any number.

#ifndef MAX_POOLING_H
#define MAX_POOLING_H

#include "windows.h"

typedef struct {
    int64_t row, column;
} Position;

// Numbers of scratch memory: the positions of a window in their order.
EXPORT int64_t NAME(max_pool_scratch)(const Pool *s) {
    const int64_t area = s->windows.kernel[0] * s->windows.kernel[1];
    return area * (int64_t)(sizeof(Position) / sizeof(real));
}

INLINE vector largest(const Pool *s, const Window *a, int h) {
    vector best = load(a->x + entry_of(s, a->rows.first, a->columns.first) + h);
    for ALL_ROWS(a, u)
        for ALL_COLUMNS(a, v) best = larger_or_nan(best, load(a->x + entry_of(s, u, v) + h));
    return best;
}

INLINE void maximum_of(const Pool *s, const Window *a) {
    for (int h = 0; h < LANES; h += WIDTH) store(a->y + h, largest(s, a, h));
}

EXPORT void NAME(max_pool_forward)(const Pool *s) { each_window(s, maximum_of); }

INLINE vector count_equal(const Pool *s, const Window *a, int h, vector y) {
    vector count = zero();
    for ALL_ROWS(a, u)
        for ALL_COLUMNS(a, v) count += where(load(a->x + entry_of(s, u, v) + h) == y, all(1));
    return count;
}

INLINE void to_those_who_hold_it(const Pool *s, const Window *a) {
    const Position *p = (const Position *)s->scratch;
    const int64_t area = s->windows.kernel[0] * s->windows.kernel[1], whole_window = count_of(a) == area;
    for (int h = 0; h < LANES; h += WIDTH) {
        const vector y = load(a->y + h);
        vector share = load(a->dy + h);
        if (s->splits) share /= count_equal(s, a, h, y);
        mask unclaimed = y == y;
        for (int64_t q = 0; q < area; q++) {
            const int64_t u = p[q].row, v = p[q].column, at = entry_of(s, u, v) + h;
            if (!whole_window && (u < a->rows.first || u >= a->rows.end || v < a->columns.first ||
                                  v >= a->columns.end))
                continue;
            const mask takes = (load(a->x + at) == y) & unclaimed;
            if (!s->splits) unclaimed &= ~takes;
            add_to(a->dx + at, where(takes, share));
        }
    }
}

EXPORT void NAME(max_pool_backward)(const Pool *s) {
    const int64_t width = s->windows.kernel[1];
    Position *p = (Position *)s->scratch;
    for (int64_t q = 0; q < s->windows.kernel[0] * width; q++)
        p[q] = (Position){s->drawn[q] / width, s->drawn[q] % width};
    each_window_back(s, to_those_who_hold_it);
}

#endif

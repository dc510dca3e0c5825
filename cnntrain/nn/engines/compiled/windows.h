// Windows on images: what of each lies inside, and the way over all of them.

#ifndef WINDOWS_H
#define WINDOWS_H

#include "stages.h"

// The first and the end of a window's rows, or columns, inside the image.
typedef struct {
    int64_t from, first, end;  // where it begins, and what of 0 ... kernel - 1 lies inside
} Inside;
INLINE Inside inside(const Windows *w, int axis, int64_t i) {
    const int64_t from = i * w->stride[axis] - w->before[axis];
    const int64_t first = from < 0 ? -from : 0, room = w->size[axis] - from;
    return (Inside){from, first, room < w->kernel[axis] ? room : w->kernel[axis]};
}

// One window of a pooling stage: its entry (u, v) is `entry` numbers after x, and after dx.
typedef struct {
    const real *x, *dy;  // x and dx: where the window begins, which may lie outside the image
    real *dx, *y;
    Inside rows, columns;
} Window;
INLINE int64_t entry_of(const Pool *s, int64_t u, int64_t v) { return u * s->x.row + v * LANES; }

// u and v of all entries that lie inside, row by row.
#define ALL_ROWS(a, u) for (int64_t u = (a)->rows.first; u < (a)->rows.end; u++)
#define ALL_COLUMNS(a, v) for (int64_t v = (a)->columns.first; v < (a)->columns.end; v++)

INLINE int64_t count_of(const Window *a) {
    return (a->rows.end - a->rows.first) * (a->columns.end - a->columns.first);
}

// Does the work on all windows, row by row, channel by channel.
INLINE void each_window(const Pool *s, void (*work)(const Pool *, const Window *)) {
    const Windows *w = &s->windows;
    for (int64_t g = 0; g < s->groups; g++)
        for (int64_t c = 0; c < s->channels; c++)
            for (int64_t i = 0; i < w->output[0]; i++) {
                const Inside rows = inside(w, 0, i);
                const int64_t from = g * s->x.group + c * s->x.plane + rows.from * s->x.row;
                for (int64_t j = 0; j < w->output[1]; j++) {
                    const Inside columns = inside(w, 1, j);
                    const int64_t begin = from + columns.from * LANES;
                    const int64_t at = g * s->y.group + c * s->y.plane + i * s->y.row + j * LANES;
                    const Window a = {s->x.at + begin, s->dy.at + at, s->dx.at + begin,
                                      s->y.at + at,    rows,          columns};
                    work(s, &a);
                }
            }
}

// Gradients of entries are sums over the windows that they are in.
INLINE void each_window_back(const Pool *s, void (*work)(const Pool *, const Window *)) {
    memset(s->dx.at, 0, (size_t)(s->groups * s->dx.group) * sizeof(real));
    each_window(s, work);
}

INLINE void add_to(real *sum, vector x) { store(sum, load(sum) + x); }

#endif

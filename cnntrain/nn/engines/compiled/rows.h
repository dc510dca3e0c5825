// Rows of images in groups of sixteen samples.

#ifndef ROWS_H
#define ROWS_H

#include "stages.h"

INLINE real *row_of(Image x, int64_t g, int64_t c, int64_t i) {
    return x.at + g * x.group + c * x.plane + i * x.row;
}

// Whole images come from beyond the second-level cache, and go there: what lies so many numbers on is
// fetched meanwhile.
#define AHEAD 512
INLINE vector load_ahead(const real *p) {
    __builtin_prefetch(p + AHEAD);
    return load(p);
}
INLINE void store_ahead(real *p, vector x) {
    __builtin_prefetch(p + AHEAD, 1);
    store(p, x);
}

// For all rows (g, c, i) of all groups of samples.
#define ALL_ROWS_OF(s) \
    for (int64_t g = 0; g < (s)->groups; g++) \
        for (int64_t c = 0; c < (s)->channels; c++) \
            for (int64_t i = 0; i < (s)->height; i++)

#endif

// Transposition of blocks: sixteen samples of n numbers become n numbers of sixteen samples, or back.

#ifndef TRANSPOSE_H
#define TRANSPOSE_H

#include "vectors.h"

// One of log2 WIDTH rounds: rows i and i + s change those halves of their runs of 2 s numbers that lie
// beside each other, LOW in the first row and HIGH in the second.
#define LOW(s, i) (((i) & (s)) ? (i) - (s) + WIDTH : (i))
#define HIGH(s, i) (((i) & (s)) ? (i) + WIDTH : (i) + (s))
#define FOUR(m, s, i) m(s, i), m(s, i + 1), m(s, i + 2), m(s, i + 3)
#if WIDTH == 16
#define INDICES(m, s) FOUR(m, s, 0), FOUR(m, s, 4), FOUR(m, s, 8), FOUR(m, s, 12)
#elif WIDTH == 8
#define INDICES(m, s) FOUR(m, s, 0), FOUR(m, s, 4)
#elif WIDTH == 4
#define INDICES(m, s) FOUR(m, s, 0)
#else
#define INDICES(m, s) m(s, 0), m(s, 1)
#endif
#define ROUND(s) \
    EACH (i, WIDTH) \
        if (!(i & s)) { \
            vector a = r[i], b = r[i + s]; \
            r[i] = __builtin_shufflevector(a, b, INDICES(LOW, s)); \
            r[i + s] = __builtin_shufflevector(a, b, INDICES(HIGH, s)); \
        }

INLINE void transpose(vector *r) {
#if WIDTH >= 16
    ROUND(8)
#endif
#if WIDTH >= 8
    ROUND(4)
#endif
#if WIDTH >= 4
    ROUND(2)
#endif
    ROUND(1)
}

// x (n, 16) as y (16, n), whose rows are `row` apart.
static void to_rows(const real *x, int64_t n, real *y, int64_t row) {
    int64_t c = 0;
    for (; c + WIDTH <= n; c += WIDTH)
        for (int h = 0; h < PARTS; h++) {
            vector r[WIDTH];
            EACH (i, WIDTH) r[i] = load(x + (c + i) * LANES + h * WIDTH);
            transpose(r);
            EACH (i, WIDTH) store_any(y + (h * WIDTH + i) * row + c, r[i]);
        }
    for (; c < n; c++)
        for (int l = 0; l < LANES; l++) y[l * row + c] = x[c * LANES + l];
}

// What sum_of_lanes makes of each of n blocks, a multiple of sixteen, in the place of the first n numbers.
static void sums_of_lanes(real *x, int64_t n) {
    for (int64_t c = 0; c < n; c += WIDTH) {
        vector lane[LANES];  // of so many blocks
        for (int h = 0; h < LANES; h += WIDTH) {
            EACH (i, WIDTH) lane[h + i] = load(x + (c + i) * LANES + h);
            transpose(lane + h);
        }
        UNROLL for (int k = LANES / 2; k; k /= 2) UNROLL for (int i = 0; i < k; i++) lane[i] +=
            lane[i + k];
        store(x + c, lane[0]);
    }
}

#endif

// Soft-max, and the cross-entropy that follows it (Section 2 of the note), column by column of (e, n).

#ifndef LOSS_H
#define LOSS_H

#include "elementary.h"

// Up to WIDTH numbers; what is missing repeats the first.
INLINE vector load_some(const real *p, int64_t count) {
    if (count >= WIDTH) return load_any(p);
    vector x = all(p[0]);
    for (int64_t l = 1; l < count; l++) x[l] = p[l];
    return x;
}
INLINE void store_some(real *p, vector x, int64_t count) {
    if (count >= WIDTH) store_any(p, x);
    else
        for (int64_t l = 0; l < count; l++) p[l] = x[l];
}

// The largest of each column; a NaN is larger than all.
INLINE vector largest(const real *z, int64_t classes, int64_t n, int64_t count) {
    vector best = load_some(z, count);
    for (int64_t c = 1; c < classes; c++) {
        const vector other = load_some(z + c * n, count);
        best = choose((other > best) | (other != other), other, best);
    }
    return best;
}

// p_c = exp(z_c) / sum over j of exp(z_j); the largest z is subtracted first.
EXPORT void NAME(softmax)(const real *z, real *p, int64_t classes, int64_t n) {
    for (int64_t i = 0; i < n; i += WIDTH) {
        const vector top = largest(z + i, classes, n, n - i);
        vector sum = zero();
        for (int64_t c = 0; c < classes; c++) {
            const vector e = exponential(load_some(z + c * n + i, n - i) - top);
            store_some(p + c * n + i, e, n - i);
            sum += e;
        }
        for (int64_t c = 0; c < classes; c++)
            store_some(p + c * n + i, load_some(p + c * n + i, n - i) / sum, n - i);
    }
}

// What BatchTotals counts of outputs p: columns whose first largest entry is not their label's, and
// columns in which several are largest.
EXPORT void NAME(count_errors)(const real *p, const int64_t *y, int64_t *counts, int64_t classes,
                               int64_t n) {
    counts[0] = counts[1] = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t best = 0, equal = 1;
        for (int64_t c = 1; c < classes; c++) {
            const real value = p[c * n + i], top = p[best * n + i];
            if (value > top) best = c, equal = 1;
            else equal += value == top;
        }
        counts[0] += best != y[i];
        counts[1] += equal > 1;
    }
}

// log sum over j of exp(z_j - max z) of each column, and max z.
EXPORT void NAME(log_sum)(const real *z, real *sums, real *tops, int64_t classes, int64_t n) {
    for (int64_t i = 0; i < n; i += WIDTH) {
        const vector top = largest(z + i, classes, n, n - i);
        vector sum = zero();
        for (int64_t c = 0; c < classes; c++)
            sum += exponential(load_some(z + c * n + i, n - i) - top);
        store_some(sums + i, logarithm(sum), n - i);
        store_some(tops + i, top, n - i);
    }
}

// The elementary functions themselves, for those who test them.
EXPORT void NAME(exponentials)(const real *x, real *y, int64_t n) {
    for (int64_t i = 0; i < n; i += WIDTH) store_some(y + i, exponential(load_some(x + i, n - i)), n - i);
}
EXPORT void NAME(logarithms)(const real *x, real *y, int64_t n) {
    for (int64_t i = 0; i < n; i += WIDTH) store_some(y + i, logarithm(load_some(x + i, n - i)), n - i);
}

#endif

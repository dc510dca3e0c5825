// What optimizers do with flat vectors, in one pass; and whether all numbers of one are finite.
//
// Additions, multiplications, divisions and square roots, none of them fused: the bits are those of
// NumPy, whatever the vectors and whoever takes which strip.

#ifndef UPDATE_H
#define UPDATE_H

#include "team.h"
#include "vectors.h"

#define STRIP 8192  // numbers in a task

typedef struct {
    int64_t count;
    real *w;
    const real *gradient;
    real *velocity, *mean, *square;  // those that the optimizer keeps, or 0
    double rate, momentum, beta1, beta2, deviation, epsilon;
} Update;

static inline int64_t end_of(int64_t strip, int64_t count) {
    return count - strip * STRIP < STRIP ? count : (strip + 1) * STRIP;
}
static inline int64_t strips(int64_t count) { return (count + STRIP - 1) / STRIP; }

// v <- momentum v + g;  w <- w - rate v.
static void sgd_strip(void *what, int64_t strip, int64_t member) {
    const Update *u = what;
    const real momentum = (real)u->momentum, rate = (real)u->rate;
    const real *restrict g = u->gradient;
    real *restrict w = u->w, *restrict v = u->velocity;
    const int64_t first = strip * STRIP, end = end_of(strip, u->count);
    (void)member;
    if (!v)
        for (int64_t i = first; i < end; i++) w[i] -= rate * g[i];
    else
        for (int64_t i = first; i < end; i++) {
            v[i] = momentum * v[i] + g[i];
            w[i] -= rate * v[i];
        }
}

// m <- beta1 m + (1 - beta1) g;  s <- beta2 s + (1 - beta2) g^2;
// w <- w - rate m / (sqrt(s) / deviation + epsilon).
static void adam_strip(void *what, int64_t strip, int64_t member) {
    const Update *u = what;
    const real beta1 = (real)u->beta1, beta2 = (real)u->beta2, rate = (real)u->rate;
    const real rest1 = (real)(1 - u->beta1), rest2 = (real)(1 - u->beta2);
    const real deviation = (real)u->deviation, epsilon = (real)u->epsilon;
    const real *restrict g = u->gradient;
    real *restrict w = u->w, *restrict m = u->mean, *restrict s = u->square;
    const int64_t first = strip * STRIP, end = end_of(strip, u->count);
    (void)member;
    for (int64_t i = first; i < end; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        s[i] = beta2 * s[i] + rest2 * (g[i] * g[i]);
        const real root = REAL_BYTES == 4 ? (real)__builtin_sqrtf((float)s[i])
                                          : (real)__builtin_sqrt((double)s[i]);
        w[i] -= rate * m[i] / (root / deviation + epsilon);
    }
}

EXPORT void NAME(sgd)(Update *u) { work_together(sgd_strip, u, strips(u->count), AS_BEFORE); }
EXPORT void NAME(adam)(Update *u) { work_together(adam_strip, u, strips(u->count), AS_BEFORE); }

typedef struct {
    const real *x;
    int64_t count;
    atomic_int found;  // a number that is not finite
} Search;

static void search_strip(void *what, int64_t strip, int64_t member) {
    Search *search = what;
    const int64_t first = strip * STRIP, end = end_of(strip, search->count);
    whole others = 0;
    (void)member;
    for (int64_t i = first; i < end; i++) others |= search->x[i] - search->x[i] != 0;
    if (others) atomic_store(&search->found, 1);
}

EXPORT int64_t NAME(all_finite)(const real *x, int64_t count) {
    Search search = {.x = x, .count = count};
    work_together(search_strip, &search, strips(count), AS_BEFORE);
    return !atomic_load(&search.found);
}

#endif

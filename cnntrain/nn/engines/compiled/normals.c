// Normal numbers that follow from random words, just as `as_normal(words_from(...))` of randomness.py has
// them, to the same bits: SplitMix64, and the quantiles of AS 241.

#include <math.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define BLOCK 64

static inline uint64_t split_mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

// elementary.py's log.
static double log_of(double x) {
    int k;
    double m = frexp(x, &k);
    if (m < 0.70710678118654757) m = 2 * m, k--;
    const double s = (m - 1) / (m + 1), square = s * s;
    double series = 1.0 / 23;
    for (int n = 21; n > 1; n -= 2) series = series * square + 1.0 / n;
    return k * 0.6931471803691238 +
           (k * 1.9082149292705877e-10 + (2 * s + 2 * s * square * series));
}

static inline double central(double q) {
    const double r = 0.180625 - q * q;
    return q * ((((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
                (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0));
}

static double tail(double q) {
    const double apart = 0.5 - fabs(q), left = apart > 0x1p-54 ? apart : 0x1p-54;
    const double r = sqrt(-log_of(left)), a = r - 1.6, b = r - 5;
    const double z =
        r <= 5 ? (((0.17023821103 * a + 1.3067284816) * a + 2.7568153900) * a + 1.4234372777) /
                     ((0.12021132975 * a + 0.73700164250) * a + 1.0)
               : (((0.017337203997 * b + 0.42868294337) * b + 3.0812263860) * b + 6.6579051150) /
                     ((0.012258202635 * b + 0.24197894225) * b + 1.0);
    return copysign(z, q);
}

// `count` of them for each of n words, in y (n, count).
EXPORT void normals(const uint64_t *words, double *y, int64_t n, int64_t count) {
    for (int64_t k = 0; k < n; k++)
        for (int64_t first = 0; first < count; first += BLOCK) {
            const int64_t some = count - first < BLOCK ? count - first : BLOCK;
            double q[BLOCK];
            for (int64_t i = 0; i < some; i++) {
                const uint64_t following =
                    words[k] + (uint64_t)(first + i + 1) * 0x9E3779B97F4A7C15;
                q[i] = ((double)(split_mix(following) >> 11) + 0.5) * 0x1p-53 - 0.5;
                y[i] = central(q[i]);
            }
            for (int64_t i = 0; i < some; i++)
                if (fabs(q[i]) > 0.425) y[i] = tail(q[i]);
            y += some;
        }
}

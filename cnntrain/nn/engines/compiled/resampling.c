// Images taken from other places of themselves, just as engines/resampling.py does, to the same bits:
//
//     x'(i, j) = x(s, t), s = a i + b j + c, t = d i + e j + f
//
// interpolated between the four pixels around (s, t), in double precision.

#include <math.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct {
    const void *from;  // (samples, height, width, channels)
    void *to;
    const double *maps;  // (samples, 6): a ... f
    const void *color;   // (channels): what lies beyond the edges; 0: their pixels, or
    int64_t samples, height, width, channels, reflects;  // the image mirrored at them
} Resampling;

// The number of a row or column of so many; -1: beyond, where one color is.
static inline int64_t index_of(const Resampling *r, int64_t at, int64_t size) {
    if (at >= 0 && at < size) return at;
    if (r->color) return -1;
    if (r->reflects && size > 1) {
        at = (at < 0 ? -at : at) % (2 * size - 2);
        return at < size ? at : 2 * size - 2 - at;
    }
    return at < 0 ? 0 : size - 1;
}

// The largest whole number up to x.
static inline int64_t floor_of(double x) {
    const int64_t nearer_zero = (int64_t)x;
    return nearer_zero - ((double)nearer_zero > x);
}

static inline uint8_t as_uint8(double x) { return (uint8_t)rint(x); }
static inline float as_float32(double x) { return (float)x; }
static inline double as_float64(double x) { return x; }

#define RESAMPLE(kind, type) \
    EXPORT void resample_##kind(const Resampling *r) { \
        const int64_t h = r->height, w = r->width, n = r->channels; \
        for (int64_t k = 0; k < r->samples; k++) { \
            const double *m = r->maps + 6 * k; \
            const type *x = (const type *)r->from + k * h * w * n; \
            type *y = (type *)r->to + k * h * w * n; \
            for (int64_t i = 0; i < h; i++) \
                for (int64_t j = 0; j < w; j++, y += n) { \
                    const double s = m[0] * (double)i + m[1] * (double)j + m[2]; \
                    const double t = m[3] * (double)i + m[4] * (double)j + m[5]; \
                    const int64_t top = floor_of(s), left = floor_of(t); \
                    const double below = s - (double)top, right = t - (double)left; \
                    const type *a, *b, *c, *d, *out = (const type *)r->color; \
                    if (top >= 0 && top + 1 < h && left >= 0 && left + 1 < w) { \
                        a = x + (top * w + left) * n, b = a + n, c = a + w * n, d = c + n; \
                    } else { \
                        const int64_t i0 = index_of(r, top, h), i1 = index_of(r, top + 1, h); \
                        const int64_t j0 = index_of(r, left, w), j1 = index_of(r, left + 1, w); \
                        a = i0 < 0 || j0 < 0 ? out : x + (i0 * w + j0) * n; \
                        b = i0 < 0 || j1 < 0 ? out : x + (i0 * w + j1) * n; \
                        c = i1 < 0 || j0 < 0 ? out : x + (i1 * w + j0) * n; \
                        d = i1 < 0 || j1 < 0 ? out : x + (i1 * w + j1) * n; \
                    } \
                    for (int64_t q = 0; q < n; q++) { \
                        const double above = a[q] + right * ((double)b[q] - a[q]); \
                        const double under = c[q] + right * ((double)d[q] - c[q]); \
                        y[q] = as_##kind(above + below * (under - above)); \
                    } \
                } \
        } \
    }
RESAMPLE(uint8, uint8_t)
RESAMPLE(float32, float)
RESAMPLE(float64, double)

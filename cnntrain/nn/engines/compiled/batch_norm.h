// Batch normalisation (Ioffe and Szegedy 2015), of images or vectors: with the mean m and the variance v
// of a channel over a batch, or over each group of samples,
//
//     z = (x - m) / sqrt(v + epsilon)        y = h(w z + b)
//
// The way back computes z again from m and 1 / sqrt(v + epsilon), which are kept.  Sums of a plane are
// in the type of the network, all others in double precision.

#ifndef BATCH_NORM_H
#define BATCH_NORM_H

#include "activation.h"
#include "rows.h"

// Mean of `count` entries, and the sum of their squared distances from it.
typedef struct {
    double count, mean, squares;
} Moments;

// Of two parts together (Chan, Golub and LeVeque 1979).
INLINE Moments together(Moments a, Moments b) {
    const double count = a.count + b.count, step = b.mean - a.mean;
    return (Moments){count, a.mean + step * (b.count / count),
                     a.squares + b.squares + step * step * (a.count * (b.count / count))};
}

// Which of sixteen lanes of group g hold a sample.
typedef struct {
    mask lanes[PARTS];
    double samples;
} Filled;
INLINE Filled filled(const BatchNorm *s, int64_t g) {
    Filled f = {.samples =
                    s->samples - g * LANES < LANES ? (double)(s->samples - g * LANES) : LANES};
    for (int h = 0; h < PARTS; h++)
        for (int k = 0; k < WIDTH; k++) f.lanes[h][k] = -(whole)(h * WIDTH + k < f.samples);
    return f;
}

// The sum over the samples of a plane (g, c) of `term`, a vector of part h of entry j in row i: of rows
// first, then of their sums, so that rounding errors do not add up.
#define SUM_OF_PLANE(s, f, h, i, j, term) \
    ({ \
        vector sum[PARTS]; \
        EACH (h, PARTS) sum[h] = zero(); \
        for (int64_t i = 0; i < (s)->height; i++) \
            EACH (h, PARTS) { \
                vector row = zero(); \
                for (int64_t j = h * WIDTH; j < (s)->width * LANES; j += LANES) row += (term); \
                sum[h] += row; \
            } \
        EACH (h, PARTS) sum[h] = where((f)->lanes[h], sum[h]); \
        (double)sum_of_lanes(sum); \
    })

INLINE Moments moments_of_plane(const BatchNorm *s, int64_t g, int64_t c) {
    const Filled f = filled(s, g);
    const double count = f.samples * (double)(s->height * s->width);
    const double sum = SUM_OF_PLANE(s, &f, h, i, j, load(row_of(s->x, g, c, i) + j));
    const vector mean = all((real)(sum / count));
    const double rest = SUM_OF_PLANE(s, &f, h, i, j, load(row_of(s->x, g, c, i) + j) - mean);
    const double squares =
        SUM_OF_PLANE(s, &f, h, i, j, square(load(row_of(s->x, g, c, i) + j) - mean));
    return (Moments){count, (double)(real)(sum / count) + rest / count,
                     squares - rest * (rest / count)};
}

INLINE Moments moments_of(const BatchNorm *s, int64_t c, int64_t first, int64_t end) {
    Moments all_of_them = moments_of_plane(s, first, c);
    for (int64_t g = first + 1; g < end; g++)
        all_of_them = together(all_of_them, moments_of_plane(s, g, c));
    return all_of_them;
}

// Groups of sixteen with statistics of their own: all, or so many that make a group of the layer.
INLINE int64_t size_of_set(const BatchNorm *s) {
    return s->over && !s->fixed ? s->over / LANES : s->groups;
}
INLINE int64_t end_of_set(const BatchNorm *s, int64_t first) {
    const int64_t end = first + size_of_set(s);
    return end < s->groups ? end : s->groups;
}

// Entries of a channel in groups first ... end - 1.
INLINE double entries_in(const BatchNorm *s, int64_t first, int64_t end) {
    const int64_t there = end * LANES < s->samples ? end * LANES : s->samples;
    return (double)((there - first * LANES) * s->height * s->width);
}

// m and 1 / sqrt(v + epsilon) of the set that begins with group g.
INLINE real *statistics_of(const BatchNorm *s, int64_t g, int64_t c) {
    return (real *)s->kept + (g / size_of_set(s) * s->channels + c) * 2;
}

// What chunks are asked for: the count, then means, then squares, of each channel.
EXPORT void NAME(batch_norm_gather)(const BatchNorm *s) {
    for (int64_t c = 0; c < s->channels; c++) {
        const Moments m = moments_of(s, c, 0, s->groups);
        s->gathered[0] = m.count;
        s->gathered[1 + c] = m.mean;
        s->gathered[1 + s->channels + c] = m.squares;
    }
}

EXPORT void NAME(batch_norm_add)(const BatchNorm *s, double *sum, const double *more) {
    const int64_t n = s->channels;
    Moments m = {0};
    for (int64_t c = 0; c < n; c++) {
        m = together((Moments){sum[0], sum[1 + c], sum[1 + n + c]},
                     (Moments){more[0], more[1 + c], more[1 + n + c]});
        sum[1 + c] = m.mean;
        sum[1 + n + c] = m.squares;
    }
    sum[0] = m.count;
}

INLINE Moments moments_to_take(const BatchNorm *s, int64_t c, int64_t first, int64_t end) {
    const double *t = s->total;
    if (s->over) return moments_of(s, c, first, end);
    return (Moments){t[0], t[1 + c], t[1 + s->channels + c]};
}

EXPORT void NAME(batch_norm_forward)(const BatchNorm *s) {
    for (int64_t c = 0; c < s->channels; c++) {
        double means = 0, variances = 0;  // of each sample's set, summed
        for (int64_t g = 0; g < s->groups; g += size_of_set(s)) {
            real mean, variance;
            const int64_t end = end_of_set(s, g);
            if (s->fixed) {
                mean = s->buffers[c];
                variance = s->buffers[s->channels + c];
            } else {
                const double samples = entries_in(s, g, end) / (double)(s->height * s->width);
                const Moments m = moments_to_take(s, c, g, end);
                mean = (real)m.mean;
                variance = (real)(m.squares / m.count);
                means += samples * m.mean;
                variances += samples * (m.squares / (m.count - 1));
            }
            const vector scale = 1 / root(all(variance) + all((real)s->epsilon));
            const vector m = all(mean);
            statistics_of(s, g, c)[0] = mean;
            statistics_of(s, g, c)[1] = scale[0];
            for (int64_t here = g; here < end; here++)
                for (int64_t i = 0; i < s->height; i++) {
                    const real *x = row_of(s->x, here, c, i);
                    real *y = row_of(s->y, here, c, i);
                    for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
                        store(y + j,
                              activated((load(x + j) - m) * scale * s->weight[c] + s->bias[c],
                                        s->activation));
                }
        }
        if (s->fixed || !s->statistics) continue;
        s->statistics[c] = (real)means;
        s->statistics[s->channels + c] = (real)variances;
    }
}

// Of groups first ... end - 1, e being h' dl/dy: the sums of z e and of e.
typedef struct {
    double along, level;
} Sums;
INLINE Sums sums_back(const BatchNorm *s, int64_t c, int64_t first, int64_t end) {
    const vector mean = all(statistics_of(s, first, c)[0]),
                 scale = all(statistics_of(s, first, c)[1]);
    Sums sums = {0, 0};
    for (int64_t g = first; g < end; g++) {
        vector along[PARTS], level[PARTS];
        EACH (h, PARTS) along[h] = level[h] = zero();
        for (int64_t i = 0; i < s->height; i++) {
            const real *x = row_of(s->x, g, c, i), *y = row_of(s->y, g, c, i),
                       *dy = row_of(s->dy, g, c, i);
            EACH (h, PARTS) {
                vector row_along = zero(), row_level = zero();
                for (int64_t j = h * WIDTH; j < s->width * LANES; j += LANES) {
                    const vector e = activated_back(load(y + j), load(dy + j), s->activation);
                    row_along += e * ((load(x + j) - mean) * scale);
                    row_level += e;
                }
                along[h] += row_along;
                level[h] += row_level;
            }
        }
        sums.along += (double)sum_of_lanes(along);
        sums.level += (double)sum_of_lanes(level);
    }
    return sums;
}

// The same for a chunk, which are its part of dl/dw and dl/db, after the count.
EXPORT void NAME(batch_norm_gather_back)(const BatchNorm *s) {
    s->gathered[0] = entries_in(s, 0, s->groups);
    for (int64_t c = 0; c < s->channels; c++) {
        const Sums sums = sums_back(s, c, 0, s->groups);
        s->gathered[1 + c] = sums.along;
        s->gathered[1 + s->channels + c] = sums.level;
        s->dweight[c] = (real)sums.along;
        s->dbias[c] = (real)sums.level;
    }
}

EXPORT void NAME(batch_norm_add_back)(const BatchNorm *s, double *sum, const double *more) {
    for (int64_t k = 0; k < 1 + 2 * s->channels; k++) sum[k] += more[k];
}

// With d = w e and means over the same entries as m:
//
//     dl/dx = (d - mean(d) - z mean(d z)) / sqrt(v + epsilon)
//
// or, with fixed statistics, d / sqrt(v + epsilon).
INLINE void dx_of(const BatchNorm *s, int64_t c, int64_t first, int64_t end, Sums sums,
                  double count) {
    const real weight = s->weight[c];
    const vector mean = all(statistics_of(s, first, c)[0]),
                 scale = all(statistics_of(s, first, c)[1]),
                 along = all((real)((double)weight * sums.along / count)),
                 level = all((real)((double)weight * sums.level / count));
    for (int64_t g = first; g < end; g++) {
        const Filled f = filled(s, g);
        for (int64_t i = 0; i < s->height; i++) {
            const real *x = row_of(s->x, g, c, i), *y = row_of(s->y, g, c, i),
                       *dy = row_of(s->dy, g, c, i);
            real *dx = row_of(s->dx, g, c, i);
            EACH (h, PARTS)
                for (int64_t j = h * WIDTH; j < s->width * LANES; j += LANES) {
                    const vector z = (load(x + j) - mean) * scale;
                    const vector e = activated_back(load(y + j), load(dy + j), s->activation);
                    store(dx + j, where(f.lanes[h], (e * weight - level - z * along) * scale));
                }
        }
    }
}

EXPORT void NAME(batch_norm_backward)(const BatchNorm *s) {
    const double *t = s->total;
    for (int64_t c = 0; c < s->channels; c++) {
        if (!s->over && !s->fixed) {  // dl/dw and dl/db are there
            if (s->need_dx)
                dx_of(s, c, 0, s->groups, (Sums){t[1 + c], t[1 + s->channels + c]}, t[0]);
            continue;
        }
        Sums of_chunk = {0, 0};
        for (int64_t g = 0; g < s->groups; g += size_of_set(s)) {
            const int64_t end = end_of_set(s, g);
            const Sums sums = sums_back(s, c, g, end);
            of_chunk.along += sums.along;
            of_chunk.level += sums.level;
            if (s->need_dx)
                dx_of(s, c, g, end, s->fixed ? (Sums){0, 0} : sums, entries_in(s, g, end));
        }
        s->dweight[c] = (real)of_chunk.along;
        s->dbias[c] = (real)of_chunk.level;
    }
}

#endif

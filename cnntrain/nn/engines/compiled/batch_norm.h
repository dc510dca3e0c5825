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

// Two sums over the entries of a plane, lane by lane; `terms` adds to a and b what entry j in row i, of
// part h, gives.  Of rows first, then of their sums, so that rounding errors do not add up.
typedef struct {
    vector a[PARTS], b[PARTS];
} Pair;
#define PAIR_OF_PLANE(s, h, i, j, terms) \
    ({ \
        Pair sum; \
        EACH (h, PARTS) sum.a[h] = sum.b[h] = zero(); \
        for (int64_t i = 0; i < (s)->height; i++) \
            EACH (h, PARTS) { \
                vector a = zero(), b = zero(); \
                for (int64_t j = h * WIDTH; j < (s)->width * LANES; j += LANES) { \
                    terms \
                } \
                sum.a[h] += a; \
                sum.b[h] += b; \
            } \
        sum; \
    })

// Over the samples that there are.
INLINE double sum_of_filled(const Filled *f, vector *sum) {
    EACH (h, PARTS) sum[h] = where(f->lanes[h], sum[h]);
    return (double)sum_of_lanes(sum);
}

INLINE Moments moments_of_plane(const BatchNorm *s, int64_t g, int64_t c) {
    const Filled f = filled(s, g);
    const double count = f.samples * (double)(s->height * s->width);
    Pair of_x = PAIR_OF_PLANE(s, h, i, j, a += load_ahead(row_of(s->x, g, c, i) + j););
    const double sum = sum_of_filled(&f, of_x.a);
    const vector mean = all((real)(sum / count));
    Pair from_mean =
        PAIR_OF_PLANE(s, h, i, j, const vector d = load(row_of(s->x, g, c, i) + j) - mean; a += d;
                      b += square(d););
    const double rest = sum_of_filled(&f, from_mean.a);
    const double squares = sum_of_filled(&f, from_mean.b);
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

// What becomes of an entry of a channel in that set.
typedef struct {
    vector mean, scale, weight, bias;
    Activation h;
} Channel;
INLINE Channel channel_of(const BatchNorm *s, int64_t g, int64_t c) {
    const real *m = statistics_of(s, g, c);
    return (Channel){all(m[0]), all(m[1]), all(s->weight[c]), all(s->bias[c]), s->activation};
}
INLINE vector normalised(const Channel *n, vector x) { return (x - n->mean) * n->scale; }
INLINE vector output_of(const Channel *n, vector z) {
    return activated(z * n->weight + n->bias, n->h);
}
// h' dl/dy; y is computed again, since to read it takes longer.
INLINE vector gradient_of(const Channel *n, vector z, vector dy) {
    return n->h.acts ? activated_back(output_of(n, z), dy, n->h) : dy;
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
            statistics_of(s, g, c)[0] = mean;
            statistics_of(s, g, c)[1] = scale[0];
            const Channel n = channel_of(s, g, c);
            for (int64_t here = g; here < end; here++)
                for (int64_t i = 0; i < s->height; i++) {
                    const real *x = row_of(s->x, here, c, i);
                    real *y = row_of(s->y, here, c, i);
                    for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
                        store_ahead(y + j, output_of(&n, normalised(&n, load_ahead(x + j))));
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
    const Channel n = channel_of(s, first, c);
    Sums sums = {0, 0};
    for (int64_t g = first; g < end; g++) {
        const Pair pair = PAIR_OF_PLANE(
            s, h, i, j, const vector z = normalised(&n, load_ahead(row_of(s->x, g, c, i) + j));
            const vector e = gradient_of(&n, z, load_ahead(row_of(s->dy, g, c, i) + j)); a += e * z;
            b += e;);
        sums.along += (double)sum_of_lanes(pair.a);
        sums.level += (double)sum_of_lanes(pair.b);
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
    const Channel n = channel_of(s, first, c);
    const double weight = (double)s->weight[c];
    const vector along = all((real)(weight * sums.along / count)),
                 level = all((real)(weight * sums.level / count));
    for (int64_t g = first; g < end; g++) {
        const Filled f = filled(s, g);
        for (int64_t i = 0; i < s->height; i++) {
            const real *x = row_of(s->x, g, c, i), *dy = row_of(s->dy, g, c, i);
            real *dx = row_of(s->dx, g, c, i);
            EACH (h, PARTS)
                for (int64_t j = h * WIDTH; j < s->width * LANES; j += LANES) {
                    const vector z = normalised(&n, load_ahead(x + j));
                    const vector e = gradient_of(&n, z, load_ahead(dy + j));
                    store_ahead(dx + j,
                                where(f.lanes[h], (e * n.weight - level - z * along) * n.scale));
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

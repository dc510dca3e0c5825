// Group normalisation (Wu and He 2018), of images or vectors: with the mean m and the variance v of a
// sample over `size` channels in a row,
//
//     z = (x - m) / sqrt(v + epsilon)        y = h(w z + b)
//
// The way back computes z again from m and 1 / sqrt(v + epsilon), which are kept.

#ifndef GROUP_NORM_H
#define GROUP_NORM_H

#include "activation.h"
#include "elementary.h"
#include "rows.h"

// The sum of `term` over all entries j, of vectors, in row i of a channel; then over the rows.  So that
// rounding errors do not add up, no sum goes over more than a row, a column or the channels.
#define SUM_OF_CHANNEL(s, i, j, term) \
    ({ \
        vector sum = zero(); \
        for (int64_t i = 0; i < (s)->height; i++) { \
            vector row = zero(); \
            for (int64_t j = 0; j < (s)->width; j++) row += (term); \
            sum += row; \
        } \
        sum; \
    })

INLINE int64_t size_of(const GroupNorm *s) { return s->channels / s->parts; }
INLINE vector count_of_entries(const GroupNorm *s) {
    return all((real)(size_of(s) * s->height * s->width));
}
INLINE vector at(Image x, int64_t g, int64_t c, int64_t i, int64_t j, int h) {
    return load(row_of(x, g, c, i) + j * LANES + h);
}

// m and 1 / sqrt(v + epsilon) of group g, part p: two times sixteen numbers.
INLINE real *statistics(const GroupNorm *s, int64_t g, int64_t p) {
    return (real *)s->kept + (g * s->parts + p) * 2 * LANES;
}

EXPORT void NAME(group_norm_forward)(const GroupNorm *s) {
    const int64_t size = size_of(s);
    for (int64_t g = 0; g < s->groups; g++)
        for (int64_t p = 0; p < s->parts; p++)
            for (int h = 0; h < LANES; h += WIDTH) {
                vector mean = zero(), variance = zero();
                for (int64_t c = p * size; c < (p + 1) * size; c++)
                    mean += SUM_OF_CHANNEL(s, i, j, at(s->x, g, c, i, j, h));
                mean /= count_of_entries(s);
                for (int64_t c = p * size; c < (p + 1) * size; c++)
                    variance += SUM_OF_CHANNEL(s, i, j, square(at(s->x, g, c, i, j, h) - mean));
                variance /= count_of_entries(s);
                const vector scale = 1 / root(variance + all((real)s->epsilon));
                store(statistics(s, g, p) + h, mean);
                store(statistics(s, g, p) + LANES + h, scale);
                for (int64_t c = p * size; c < (p + 1) * size; c++)
                    for (int64_t i = 0; i < s->height; i++)
                        for (int64_t j = 0; j < s->width; j++) {
                            const vector z = (at(s->x, g, c, i, j, h) - mean) * scale;
                            store(row_of(s->y, g, c, i) + j * LANES + h,
                                  activated(z * s->weight[c] + s->bias[c], s->activation));
                        }
            }
}

// dl/dy before the activation.
INLINE vector gradient(const GroupNorm *s, int64_t g, int64_t c, int64_t i, int64_t j, int h) {
    return activated_back(at(s->y, g, c, i, j, h), at(s->dy, g, c, i, j, h), s->activation);
}

// Numbers of scratch memory: two times sixteen sums of each channel.
EXPORT int64_t NAME(group_norm_scratch)(const GroupNorm *s) { return s->channels * 2 * LANES; }

// With e = h' dl/dy, d = w e, and means over the same entries as m:
//
//     dl/dx = (d - mean(d) - z mean(d z)) / sqrt(v + epsilon)
//     dl/dw = sum of z e        dl/db = sum of e
//
// The sums of a channel serve both.
EXPORT void NAME(group_norm_backward)(const GroupNorm *s) {
    const int64_t size = size_of(s);
    for (int64_t g = 0; g < s->groups; g++)
        for (int64_t p = 0; p < s->parts; p++)
            for (int h = 0; h < LANES; h += WIDTH) {
                const vector mean = load(statistics(s, g, p) + h);
                const vector scale = load(statistics(s, g, p) + LANES + h);
                vector along = zero(), level = zero();
                for (int64_t c = p * size; c < (p + 1) * size; c++) {
                    const vector dw = SUM_OF_CHANNEL(
                        s, i, j, (at(s->x, g, c, i, j, h) - mean) * scale * gradient(s, g, c, i, j, h));
                    const vector db = SUM_OF_CHANNEL(s, i, j, gradient(s, g, c, i, j, h));
                    real *sums = s->scratch + c * 2 * LANES + h;
                    store(sums, g ? load(sums) + dw : dw);
                    store(sums + LANES, g ? load(sums + LANES) + db : db);
                    along += dw * s->weight[c];
                    level += db * s->weight[c];
                }
                along /= count_of_entries(s);
                level /= count_of_entries(s);
                for (int64_t c = p * size; c < (p + 1) * size && s->need_dx; c++)
                    for (int64_t i = 0; i < s->height; i++)
                        for (int64_t j = 0; j < s->width; j++) {
                            const vector z = (at(s->x, g, c, i, j, h) - mean) * scale;
                            const vector d = gradient(s, g, c, i, j, h) * s->weight[c];
                            store(row_of(s->dx, g, c, i) + j * LANES + h, (d - level - z * along) * scale);
                        }
            }
    for (int64_t c = 0; c < s->channels; c++) {
        vector dw[PARTS], db[PARTS];
        for (int h = 0; h < PARTS; h++) {
            dw[h] = load(s->scratch + c * 2 * LANES + h * WIDTH);
            db[h] = load(s->scratch + c * 2 * LANES + LANES + h * WIDTH);
        }
        s->dweight[c] = sum_of_lanes(dw);
        s->dbias[c] = sum_of_lanes(db);
    }
}

#endif

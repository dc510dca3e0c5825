// Convolution + activation + max-pooling, summed as it is written down (equation of Conv in Python):
//
//     z[f, i, j] = b[f] + sum over c, u, v of W[f, c, u, v] x[c, i sh + u dh, j sw + v dw]
//
// A tile of a few filters and output columns stays in registers while (c, u, v) runs over a table of
// offsets, which makes any kernel, stride and dilation the same loop.
//
// y, dl/dx and dl/dW are within 1e-5 of the largest entry of each in float32, 2e-14 in float64
// (tests/nn/engines/compiled/test_precision.py).

#ifndef CONVOLUTION_H
#define CONVOLUTION_H

#include "pooling.h"
#include "tiles.h"

typedef struct {
    int64_t left, right, row, plane;  // columns of zeros beside dz, and the strides of dz
} Margins;
static Margins margins(const Convolution *s) {
    const Windows *w = &s->windows;
    const int64_t reach = (w->kernel[1] - 1) * w->dilation[1] - w->before[1];
    const int64_t last = (w->size[1] - 1 + w->before[1]) / w->stride[1];
    Margins m = {reach > 0 ? (reach + w->stride[1] - 1) / w->stride[1] : 0, 0, 0, 0};
    m.right = last >= w->output[1] ? last - w->output[1] + 1 : 0;
    m.row = (m.left + w->output[1] + m.right) * LANES;
    m.plane = w->output[0] * m.row;
    return m;
}

INLINE int64_t area(const Windows *w) { return w->kernel[0] * w->kernel[1]; }

// Numbers of scratch memory: z or dz of one group of samples, sums of `correlation`, weights in panels,
// tables of offsets.
EXPORT int64_t NAME(convolution_scratch)(const Convolution *s) {
    const int64_t in = s->channels / s->parts, out = s->filters / s->parts;
    return s->filters * margins(s).plane + sums_of_correlation(out) * LANES +
           (s->filters * in + in + 2 * larger(in, out)) * area(&s->windows) + LANES;
}

// Offsets in an image of entry (c, u, v) of a window.
static void window_offsets(const Convolution *s, int32_t *at) {
    const Windows *w = &s->windows;
    for (int64_t c = 0; c < s->channels / s->parts; c++)
        for (int64_t u = 0; u < w->kernel[0]; u++)
            for (int64_t v = 0; v < w->kernel[1]; v++)
                *at++ = (int32_t)(c * s->x.plane + u * w->dilation[0] * s->x.row +
                                  v * w->dilation[1] * LANES);
}

// Forward -----------------------------------------------------------------------------------------

static void pool_ready_rows(const Convolution *s, int64_t g, const real *z, int64_t z_plane,
                            int64_t z_row, int64_t row, int64_t *pooled) {
    for (; *pooled < s->pool.output[0]; ++*pooled) {
        const Inside rows = inside(&s->pool, 0, *pooled);
        if (rows.from + rows.end - 1 > row) return;
        for (int64_t f = 0; f < s->filters; f++)
            pool_row(s, z + f * z_plane, z_row, *pooled,
                     s->y.at + g * s->y.group + f * s->y.plane + *pooled * s->y.row,
                     winners_of(s, g, f, *pooled));
    }
}

EXPORT void NAME(convolution_forward)(const Convolution *s) {
    const Windows *w = &s->windows;
    const int64_t in = s->channels / s->parts, out = s->filters / s->parts, k = in * area(w);
    real *panels = s->scratch + s->filters * margins(s).plane;
    int32_t *at = (int32_t *)(panels + s->filters * k), *one_by_one = at + k;
    window_offsets(s, at);
    for (int64_t q = 0; q < k; q++) one_by_one[q] = (int32_t)q;
    for (int64_t p = 0; p < s->parts; p++)
        to_panels(s->weight + p * out * k, k, one_by_one, out, k, panels + p * out * k);
    for (int64_t g = 0; g < s->groups; g++) {
        const int64_t row = s->pools ? w->output[1] * LANES : s->y.row;
        const int64_t plane = s->pools ? w->output[0] * row : s->y.plane;
        real *z = s->pools ? s->scratch : s->y.at + g * s->y.group;
        int64_t pooled = 0;
        for (int64_t i = 0; i < w->output[0]; i++) {
            for (int64_t p = 0; p < s->parts; p++) {
                const real *x = s->x.at + g * s->x.group + p * in * s->x.plane;
                TableProduct row_of_z = {k,
                                         0,
                                         k,
                                         panels + p * out * k,
                                         x + i * w->stride[0] * s->x.row,
                                         at,
                                         w->stride[1] * LANES,
                                         w->stride[0] * s->x.row,
                                         s->bias ? s->bias + p * out : 0,
                                         s->activation,
                                         z + p * out * plane + i * row,
                                         plane,
                                         LANES};
                table_product(&row_of_z, out, w->output[1]);
            }
            if (s->pools) pool_ready_rows(s, g, z, plane, row, i, &pooled);
        }
    }
}

// Backward ----------------------------------------------------------------------------------------

// dl/dz of one group of samples with its margins, and its sums, dl/db.
static void before_pool(const Convolution *s, int64_t g, Margins m, real *dz) {
    const Windows *w = &s->windows;
    for (int64_t f = 0; f < s->filters; f++) {
        vector sum[PARTS];
        real *plane = dz + f * m.plane + m.left * LANES;
        for (int h = 0; h < PARTS; h++) sum[h] = zero();
        for (int64_t i = 0; i < w->output[0]; i++) {
            real *row = plane + i * m.row;
            memset(row - m.left * LANES, 0, (size_t)(m.left * LANES) * sizeof(real));
            memset(row + w->output[1] * LANES, 0, (size_t)(m.right * LANES) * sizeof(real));
        }
        if (s->pools) unpool(s, g, f, plane, m.row, sum);
        else
            for (int64_t i = 0; i < w->output[0]; i++) {
                const int64_t from = f * s->dy.plane + i * s->dy.row;
                const real *dy = s->dy.at + g * s->dy.group + from;
                const real *y = s->y.at + g * s->y.group + f * s->y.plane + i * s->y.row;
                for (int64_t j = 0; j < w->output[1] * LANES; j += LANES)
                    for (int h = 0; h < PARTS; h++) {
                        const int64_t k = j + h * WIDTH;
                        vector d = activated_back(load(y + k), load(dy + k), s->activation);
                        store(plane + i * m.row + k, d);
                        sum[h] += d;
                    }
            }
        if (s->dbias) s->dbias[f] = (g ? s->dbias[f] : 0) + sum_of_lanes(sum);
    }
}

// dl/dx: each entry is a sum over the windows that it is in.  Rows and columns of x that leave the same
// remainder by the stride lie at the same places of windows, (u, v), and are computed together.
static void convolution_dx(const Convolution *s, int64_t g, Margins m, const real *dz, real *panels,
                           int32_t *table) {
    const Windows *w = &s->windows;
    const int64_t in = s->channels / s->parts, out = s->filters / s->parts;
    const int64_t kh = w->kernel[0], kw = w->kernel[1], sh = w->stride[0], sw = w->stride[1];
    const int64_t top = w->before[0], left = w->before[1];
    int32_t *a_at = table, *b_at = table + out * kh * kw;
    for (int64_t rho = 0; rho < sh; rho++)
        for (int64_t q = 0; q < sw; q++) {
            int64_t rows[MOST_KERNEL], found = 0, k = 0;  // dz row, relative to that of the x row
            int64_t per_row = 0;
            const int64_t j0 = ((q - left) % sw + sw) % sw;  // the first such column of x
            for (int64_t u = 0; u < kh; u++) {
                if ((rho - u * w->dilation[0]) % sh) continue;
                rows[found++] = (rho - u * w->dilation[0]) / sh;
                const int64_t before = k;
                for (int64_t f = 0; f < out; f++)
                    for (int64_t v = 0; v < kw; v++) {
                        const int64_t column = j0 + left - v * w->dilation[1];
                        if (column % sw) continue;
                        a_at[k] = (int32_t)(f * in * kh * kw + u * kw + v);
                        b_at[k++] =
                            (int32_t)(f * m.plane + rows[found - 1] * m.row + column / sw * LANES);
                    }
                per_row = k - before;
            }
            for (int64_t p = 0; p < s->parts && g == 0; p++)
                to_panels(s->weight + p * out * in * kh * kw, kh * kw, a_at, in, k,
                          panels + p * in * k);
            const int64_t columns = j0 < w->size[1] ? (w->size[1] - j0 + sw - 1) / sw : 0;
            for (int64_t r = ((rho - top) % sh + sh) % sh; r < w->size[0]; r += sh) {
                const int64_t i = (r + top - rho) / sh;
                int64_t first = 0, end = found;  // rows[] fall with u
                while (first < end && i + rows[first] >= w->output[0]) first++;
                while (end > first && i + rows[end - 1] < 0) end--;
                for (int64_t p = 0; p < s->parts; p++) {
                    real *dx = s->dx.at + g * s->dx.group + p * in * s->dx.plane +
                               (r + top) * s->dx.row + (j0 + left) * LANES;
                    TableProduct row_of_dx = {k,
                                              first * per_row,
                                              end * per_row,
                                              panels + p * in * k,
                                              dz + p * out * m.plane + i * m.row + m.left * LANES,
                                              b_at,
                                              LANES,
                                              m.row,
                                              0,
                                              {0, 0, 0},
                                              dx,
                                              s->dx.plane,
                                              sw * LANES};
                    table_product(&row_of_dx, in, columns);
                }
            }
            panels += s->channels * k;
        }
}

EXPORT void NAME(convolution_backward)(const Convolution *s) {
    const Windows *w = &s->windows;
    const Margins m = margins(s);
    const int64_t in = s->channels / s->parts, out = s->filters / s->parts, k = in * area(w);
    real *dz = s->scratch;
    real *sums = dz + s->filters * m.plane, *panels = sums + sums_of_correlation(out) * LANES;
    int32_t *at = (int32_t *)(panels + s->filters * k), *table = at + k;
    window_offsets(s, at);
    for (int64_t g = 0; g < s->groups; g++) {
        before_pool(s, g, m, dz);
        for (int64_t p = 0; p < s->parts; p++) {
            const real *x = s->x.at + g * s->x.group + p * in * s->x.plane;
            Correlation dw = {dz + p * out * m.plane + m.left * LANES,
                              m.plane,
                              m.row,
                              x,
                              w->stride[0] * s->x.row,
                              w->stride[1] * LANES,
                              at,
                              w->output[0],
                              w->output[1],
                              s->dweight + p * out * k,
                              k,
                              g > 0,
                              sums};
            correlation(&dw, out, k);
        }
        if (s->need_dx) convolution_dx(s, g, m, dz, panels, table);
    }
}

#endif

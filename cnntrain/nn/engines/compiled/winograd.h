// Convolution by Winograd's algorithm: 3x3 kernels at stride 1 (transforms.h has the equation).
//
// The outputs are cut into tiles of 4x4, each from 6x6 inputs.  The transformed tiles V, of a block of
// tiles that stays in the second-level cache, and the transformed kernels U meet in 36 products of
// matrices, M[e] = U[e] V[e].  U lies in panels (36, C / 16, F, 16), which serve both directions; C is
// rounded up to a multiple of 16 by channels of zeros.  The way back transforms the input again rather
// than keep V.
//
// y, dl/dx and dl/dW are within 3e-5 of the largest entry of each in float32, 6e-14 in float64
// (tests/nn/engines/compiled/test_precision.py).

#ifndef WINOGRAD_H
#define WINOGRAD_H

#include "products.h"
#include "transpose.h"
#include "winograd_tiles.h"

EXPORT int64_t NAME(winograd_scratch)(const Convolution *s) { return plan(s).scratch; }
EXPORT int64_t NAME(winograd_kernels)(const Convolution *s) { return MATRICES * plan(s).u; }

// U = G g G^T of the kernels of `share`, one of so many, in panels of sixteen channels.  Before the
// forward pass, once for all groups of samples.
EXPORT void NAME(winograd_prepare)(const Convolution *s, int64_t share, int64_t shares) {
    const Plan whole = plan(s), *p = &whole;
    for (int64_t c0 = share * LANES; c0 < p->channels; c0 += shares * LANES)
        for (int64_t f = 0; f < s->filters; f++) {
            real g[9][LANES] __attribute__((aligned(64)));
            memset(g, 0, sizeof g);
            for (int64_t l = 0; l < LANES && c0 + l < s->channels; l++)
                for (int k = 0; k < 9; k++) g[k][l] = s->weight[(f * s->channels + c0 + l) * 9 + k];
            for (int h = 0; h < LANES; h += WIDTH) {
                vector x[3][6], u[6][6];
                EACH (k, 9) x[k / 3][k % 3] = load(g[k] + h);
                both_ways(kernel_transform, 3, 6, x, u);
                real *to = s->kernels + c0 * s->filters + f * LANES + h;
                EACH (e, MATRICES) store(to + e * p->u, u[e / 6][e % 6]);
            }
        }
}

// dl/dg = G^T dU G.
static void transform_kernels_back(const Convolution *s, const Plan *p) {
    for (int64_t c0 = 0; c0 < p->channels; c0 += LANES)
        for (int64_t f = 0; f < s->filters; f++) {
            real g[9][LANES] __attribute__((aligned(64)));
            for (int h = 0; h < LANES; h += WIDTH) {
                const real *from = p->dU + c0 * s->filters + f * LANES + h;
                vector u[6][6], x[3][6];
                EACH (e, MATRICES) u[e / 6][e % 6] = load(from + e * p->u);
                both_ways(kernel_transform_back, 6, 3, u, x);
                EACH (k, 9) store(g[k] + h, x[k / 3][k % 3]);
            }
            for (int64_t l = 0; l < LANES && c0 + l < s->channels; l++)
                for (int k = 0; k < 9; k++)
                    s->dweight[(f * s->channels + c0 + l) * 9 + k] = g[k][l];
        }
}

// z, or dl/dz, of all groups where pooling is a step of its own.
INLINE Image between(const Convolution *s, const Plan *p, Image otherwise) {
    if (!s->pools || p->fused) return otherwise;
    const int64_t row = s->windows.output[1] * LANES, plane = s->windows.output[0] * row;
    return (Image){p->z, s->filters * plane, plane, row};
}

EXPORT void NAME(winograd_forward)(const Convolution *s) {
    const Plan p = plan(s);
    const Image z = between(s, &p, s->y);
    for (int64_t t0 = 0; t0 < p.count; t0 += p.block) {
        const int64_t tiles = p.count - t0 < p.block ? p.count - t0 : p.block;
        const Tiles these = {t0, tiles};
        input_tiles(s, &p, these);
        for (int e = 0; e < MATRICES; e++) {
            Product m = {p.channels / LANES,
                         LANES,
                         s->kernels + e * p.u,
                         LANES,
                         s->filters * LANES,
                         1,
                         p.V + e * p.v,
                         LANES * LANES,
                         LANES,
                         p.channels * LANES,
                         p.M + e * p.m,
                         LANES,
                         s->filters * LANES,
                         0};
            product(&m, s->filters, tiles);
        }
        output_tiles(s, &p, these, z);
    }
    for (int64_t g = 0; g < s->groups && s->pools && !p.fused; g++)
        for (int64_t f = 0; f < s->filters; f++)
            for (int64_t i = 0; i < s->pool.output[0]; i++)
                pool_row(s, z.at + g * z.group + f * z.plane, z.row, i,
                         s->y.at + g * s->y.group + f * s->y.plane + i * s->y.row,
                         winners_of(s, g, f, i));
}

// dl/db: the entry (1, 1) of A dz A^T is the sum of the tile.
static void add_to_bias(const Convolution *s, const Plan *p, int64_t tiles, int first) {
    for (int64_t f = 0; f < s->filters; f++) {
        vector sum[PARTS];
        for (int h = 0; h < PARTS; h++) {
            sum[h] = zero();
            for (int64_t t = 0; t < tiles; t++)
                sum[h] += load(p->M + 7 * p->m + (t * s->filters + f) * LANES + h * WIDTH);
        }
        s->dbias[f] = (first ? 0 : s->dbias[f]) + sum_of_lanes(sum);
    }
}

EXPORT void NAME(winograd_backward)(const Convolution *s) {
    const Plan p = plan(s);
    const Image dz = between(s, &p, s->dy);
    const int64_t F = s->filters, C = p.channels;
    for (int64_t g = 0; g < s->groups && s->pools && !p.fused; g++)
        for (int64_t f = 0; f < F; f++) {
            vector unused[PARTS] = {{0}};
            unpool(s, g, f, dz.at + g * dz.group + f * dz.plane, dz.row, unused);
        }
    for (int64_t t0 = 0; t0 < p.count; t0 += p.block) {
        const int64_t tiles = p.count - t0 < p.block ? p.count - t0 : p.block;
        const Tiles these = {t0, tiles};
        input_tiles(s, &p, these);
        output_tiles_back(s, &p, these, dz);
        if (s->dbias) add_to_bias(s, &p, tiles, t0 == 0);
        for (int e = 0; e < MATRICES; e++) {
            real *V = p.V + e * p.v, *M = p.M + e * p.m;
            for (int64_t t = 0; t < tiles; t++)
                to_rows(V + t * C * LANES, C, p.turned + t * C * LANES, C);
            Product du = {tiles,     LANES, M,     LANES,          F * LANES, 1,         p.turned,
                          LANES * C, C,     LANES, p.dU + e * p.u, LANES,     F * LANES, t0 > 0};
            product(&du, F, C / LANES);
            for (int64_t c = 0; c < C && s->need_dx; c += LANES) {  // V becomes dV = U^T dM
                Product dv = {1,
                              F,
                              s->kernels + e * p.u + c * F,
                              1,
                              0,
                              LANES,
                              M,
                              0,
                              LANES,
                              F * LANES,
                              V + c * LANES,
                              LANES,
                              C * LANES,
                              0};
                product(&dv, LANES, tiles);
            }
        }
        if (s->need_dx) input_tiles_back(s, &p, these);
    }
    transform_kernels_back(s, &p);
}

#endif

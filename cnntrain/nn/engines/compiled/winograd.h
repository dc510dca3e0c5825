// Convolution by Winograd's algorithm: 3x3 kernels at stride 1 (transforms.h has the equation).
//
// The outputs are cut into tiles of 4x4, each from 6x6 inputs, and smaller ones at the edges.  The
// transformed tiles V, of a block of tiles that stays in the second-level cache, and the transformed
// kernels U meet in 36 products of matrices, M[e] = U[e] V[e], smaller tiles in fewer of them.  U lies
// in panels (36, C / 16, F, 16), which serve both directions; C is rounded up to a multiple of 16 by
// channels of zeros.  The way back transforms the input again rather than keep V.
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
                real *to = s->kernels + c0 * s->filters + f * LANES + h;
                both_ways(kernel_transform, TILE_SIZE, TILE_SIZE, -1, 2,
                          (Grid){g[0] + h, 3 * LANES, LANES}, in_matrices(to, p->u));
            }
        }
}

// dl/dg = G^T dU G.
static void transform_kernels_back(const Convolution *s, const Plan *p) {
    for (int64_t c0 = 0; c0 < p->channels; c0 += LANES)
        for (int64_t f = 0; f < s->filters; f++) {
            real g[9][LANES] __attribute__((aligned(64)));
            for (int h = 0; h < LANES; h += WIDTH) {
                real *from = p->dU + c0 * s->filters + f * LANES + h;
                both_ways(kernel_transform_back, TILE_SIZE, TILE_SIZE, 2, -1,
                          in_matrices(from, p->u), (Grid){g[0] + h, 3 * LANES, LANES});
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
    EACH_BLOCK (tiles, s, &p) {
        input_tiles(s, &p, tiles);
        EACH_MATRIX (e, tiles) {
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
            product(&m, s->filters, tiles.count);
        }
        output_tiles(s, &p, tiles, z);
    }
    for (int64_t g = 0; g < s->groups && s->pools && !p.fused; g++)
        for (int64_t f = 0; f < s->filters; f++)
            for (int64_t i = 0; i < s->pool.output[0]; i++)
                pool_row(s, z.at + g * z.group + f * z.plane, z.row, i,
                         s->y.at + g * s->y.group + f * s->y.plane + i * s->y.row,
                         winners_of(s, g, f, i));
}

// dl/db: A dz A^T at the points (1, 1) is the sum of the tile.
static void add_to_bias(const Convolution *s, const Plan *p, Tiles tiles) {
    const real *sums = p->M + (2 * POINTS + 2) * p->m;
    for (int64_t f = 0; f < s->filters; f++) {
        vector sum[PARTS];
        for (int h = 0; h < PARTS; h++) {
            sum[h] = zero();
            for (int64_t t = 0; t < tiles.count; t++)
                sum[h] += load(sums + (t * s->filters + f) * LANES + h * WIDTH);
        }
        s->dbias[f] = (is_first(tiles) ? 0 : s->dbias[f]) + sum_of_lanes(sum);
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
    if (p.down[0].size < TILE_SIZE || p.across[0].size < TILE_SIZE)  // some matrices are not used
        memset(p.dU, 0, (size_t)(MATRICES * p.u) * sizeof(real));
    EACH_BLOCK (tiles, s, &p) {
        input_tiles(s, &p, tiles);
        output_tiles_back(s, &p, tiles, dz);
        if (s->dbias) add_to_bias(s, &p, tiles);
        EACH_MATRIX (e, tiles) {
            real *V = p.V + e * p.v, *M = p.M + e * p.m;
            for (int64_t t = 0; t < tiles.count; t++)
                to_rows(V + t * C * LANES, C, p.turned + t * C * LANES, C);
            Product du = {tiles.count, LANES,           M, LANES, F * LANES,      1,
                          p.turned,    LANES * C,       C, LANES, p.dU + e * p.u, LANES,
                          F * LANES,   !is_first(tiles)};
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
                product(&dv, LANES, tiles.count);
            }
        }
        if (s->need_dx) input_tiles_back(s, &p, tiles);
    }
    transform_kernels_back(s, &p);
}

#endif

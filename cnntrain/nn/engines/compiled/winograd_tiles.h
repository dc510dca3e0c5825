// Tiles on their way into the products of winograd.h, out of them, and back.
//
// Outputs are cut into tiles of 4x4, and what is left at the bottom and on the right into smaller ones,
// so that nothing is computed beyond the image.

#ifndef WINOGRAD_TILES_H
#define WINOGRAD_TILES_H

#include "convolution.h"
#include "transforms.h"

#define TILE_SIZE 4
#define MATRICES (POINTS * POINTS)
#define CACHE_BYTES 1300000  // of V and M together
#define APART_BY 80  // numbers between matrices, so that they do not meet in one set of the cache

// Tiles along one axis: so many of one size, from one output on.
typedef struct {
    int64_t size, count, from;
} Cut;

typedef struct {
    Cut down[2], across[2];  // tiles of 4, and one of what is left; the first is never empty
    int64_t block;           // tiles that are computed together, at most
    int64_t channels;        // rounded up
    int64_t v, m, u;         // from one of the 36 matrices to the next
    int fused;               // pooling within the tiles
    real *V, *M, *turned, *dU, *z;
    int64_t scratch;
} Plan;

static void cut(int64_t outputs, Cut *cuts) {
    const Cut whole = {TILE_SIZE, outputs / TILE_SIZE, 0};
    const Cut rest = {outputs % TILE_SIZE, outputs % TILE_SIZE != 0, whole.count * TILE_SIZE};
    cuts[0] = whole.count ? whole : rest;
    cuts[1] = whole.count ? rest : (Cut){0, 0, 0};
}

static Plan plan(const Convolution *s) {
    const Windows *w = &s->windows, *pool = &s->pool;
    Plan p = {0};
    cut(w->output[0], p.down);
    cut(w->output[1], p.across);
    p.channels = rounded_up(s->channels, LANES);
    const int64_t per_tile = MATRICES * LANES * (int64_t)sizeof(real) * (p.channels + s->filters);
    const int64_t most = s->groups * p.down[0].count * p.across[0].count;
    p.block = larger(CACHE_BYTES / per_tile, 4);
    if (p.block > most) p.block = most;
    p.v = p.block * p.channels * LANES + LANES;
    p.m = p.block * s->filters * LANES + LANES;
    p.u = s->filters * p.channels + APART_BY;
    p.fused = s->pools && pool->kernel[0] == 2 && pool->kernel[1] == 2 && pool->stride[0] == 2 &&
              pool->stride[1] == 2 && !pool->before[0] && !pool->before[1] &&
              2 * pool->output[0] <= pool->size[0] && 2 * pool->output[1] <= pool->size[1];
    p.V = s->scratch;
    p.M = p.V + MATRICES * p.v;
    p.turned = p.M + MATRICES * p.m;
    p.dU = p.turned + p.block * p.channels * LANES;
    p.z = p.dU + rounded_up(MATRICES * p.u, LANES);
    const int64_t kept =
        s->pools && !p.fused ? s->filters * w->output[0] * w->output[1] * LANES : 0;
    p.scratch = (p.z - p.V) + s->groups * kept;
    return p;
}

// Tiles of one size that are computed together: `count` from number `first` on.
typedef struct {
    Cut down, across;
    int64_t first, count;
} Tiles;
// As many from `first` on as make blocks of one size; 0: there are none.
INLINE Tiles block_from(const Convolution *s, const Plan *p, Cut down, Cut across, int64_t first) {
    const int64_t left = s->groups * down.count * across.count - first;
    const int64_t blocks = (left + p->block - 1) / p->block;
    return (Tiles){down, across, first, left / larger(blocks, 1)};
}
// The largest size comes first.
#define EACH_BLOCK(tiles, s, p) \
    for (int k_ = 0; k_ < 4; k_++) \
        for (Tiles tiles = block_from(s, p, (p)->down[k_ / 2], (p)->across[k_ % 2], 0); \
             tiles.count; \
             tiles = block_from(s, p, tiles.down, tiles.across, tiles.first + tiles.count))
INLINE int is_first(Tiles t) { return !t.down.from && !t.across.from && !t.first; }

// The matrices that tiles of this size take part in.
#define EACH_MATRIX(e, tiles) \
    for (int i_ = 0; i_ < (tiles).down.size + 2; i_++) \
        for (int e = i_ * POINTS; e < i_ * POINTS + (tiles).across.size + 2; e++)

typedef struct {
    int64_t g, i, j;  // its group and its first output
} Place;
INLINE Place place(Tiles tiles, int64_t t) {
    const int64_t row = t / tiles.across.count;
    return (Place){row / tiles.down.count, tiles.down.from + row % tiles.down.count * TILE_SIZE,
                   tiles.across.from + t % tiles.across.count * TILE_SIZE};
}
INLINE real *entry(Image x, Place a) { return x.at + a.g * x.group + a.i * x.row + a.j * LANES; }

// Their channels some at a time: what a tile shares with the next one is still in the cache then.
#define AT_A_TIME 8
#define EACH_CHANNEL_AND_TILE(c, channels, t, a, tiles) \
    for (int64_t c0_ = 0, t = 0; c0_ < (channels); c0_ += AT_A_TIME, t = 0) \
        for (Place a; t < (tiles).count && (a = place(tiles, (tiles).first + t), 1); t++) \
            for (int64_t c = c0_; c < (channels) && c < c0_ + AT_A_TIME; c++)

// The columns of the next tile are fetched while those of this one are computed.
INLINE void fetch(const real *x, int64_t row, int64_t rows, int64_t columns) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) __builtin_prefetch(x + i * row + j * LANES);
}

// What a tile is in the matrices at `from`, which are so far apart.
INLINE Grid in_matrices(real *from, int64_t apart) { return (Grid){from, POINTS * apart, apart}; }

// V = B^T d B, and channels of zeros.
APART void input_tiles(const Convolution *s, const Plan *p, Tiles tiles) {
    EACH_CHANNEL_AND_TILE(c, p->channels, t, a, tiles)
    for (int h = 0; h < LANES; h += WIDTH) {
        real *to = p->V + (t * p->channels + c) * LANES + h;
        if (c < s->channels) {
            const Grid d = {entry(s->x, a) + c * s->x.plane + h, s->x.row, LANES};
            fetch(d.at + 6 * LANES, d.row, tiles.down.size + 2, TILE_SIZE);
            both_ways(input_transform, tiles.down.size, tiles.across.size, 2, 2, d,
                      in_matrices(to, p->v));
        } else
            EACH_MATRIX (e, tiles) store(to + e * p->v, zero());
    }
}

// dl/dd = B dV B^T, added to dl/dx, whose rows are 0 once the first tile comes to them.
APART void input_tiles_back(const Convolution *s, const Plan *p, Tiles tiles) {
    EACH_CHANNEL_AND_TILE(c, s->channels, t, a, tiles) {
        if (a.j == 0) {
            const int64_t there = a.i ? 2 : 0;
            memset(entry(s->dx, a) + c * s->dx.plane + there * s->dx.row, 0,
                   (size_t)((tiles.down.size + 2 - there) * s->dx.row) * sizeof(real));
        }
        for (int h = 0; h < LANES; h += WIDTH) {
            real *from = p->V + (t * p->channels + c) * LANES + h;
            real *dx = entry(s->dx, a) + c * s->dx.plane + h;
            real numbers[MATRICES * WIDTH] __attribute__((aligned(VECTOR_BYTES)));
            const Grid d = {numbers, POINTS * WIDTH, WIDTH};
            both_ways(input_transform_back, tiles.down.size, tiles.across.size, 2, 2,
                      in_matrices(from, p->v), d);
            for (int64_t i = 0; i < tiles.down.size + 2; i++)
                for (int64_t j = 0; j < tiles.across.size + 2; j++) {
                    real *to = dx + i * s->dx.row + j * LANES;
                    store(to, load(to) + load(d.at + i * d.row + j * d.column));
                }
        }
    }
}

// z = h(A^T M A + b), where the next step wants it: pooled, or as it is in `to`.
APART void output_tiles(const Convolution *s, const Plan *p, Tiles tiles, Image to) {
    int64_t at[4] = {0};
    for (int q = 0; q < 4 && p->fused; q++)
        at[q] = (s->drawn[q] / 2 * TILE_SIZE + s->drawn[q] % 2) * WIDTH;
    EACH_CHANNEL_AND_TILE(f, s->filters, t, a, tiles)
    for (int h = 0; h < LANES; h += WIDTH) {
        real *M = p->M + (t * s->filters + f) * LANES + h;
        real *y = entry(to, a) + f * to.plane + h;
        real numbers[TILE_SIZE * TILE_SIZE * WIDTH] __attribute__((aligned(VECTOR_BYTES)));
        const Grid z = {numbers, TILE_SIZE * WIDTH, WIDTH};
        both_ways(output_transform, tiles.down.size, tiles.across.size, 2, 0, in_matrices(M, p->m),
                  z);
        const vector bias = s->bias ? all(s->bias[f]) : zero();
        for (int64_t i = 0; i < tiles.down.size; i++)
            for (int64_t j = 0; j < tiles.across.size; j++) {
                real *here = z.at + i * z.row + j * z.column;
                const vector value = activated(load(here) + bias, s->activation);
                store(p->fused ? here : y + i * to.row + j * LANES, value);
            }
        if (!p->fused) continue;
        const Image pooled = s->y;
        for (int64_t i = 0; i < tiles.down.size / 2; i++)
            for (int64_t j = 0; j < tiles.across.size / 2; j++)
                maximum(4, z.at + 2 * i * z.row + 2 * j * z.column, at, s->drawn,
                        (int)s->activation.acts,
                        pooled.at + a.g * pooled.group + f * pooled.plane +
                            (a.i / 2 + i) * pooled.row + (a.j / 2 + j) * LANES + h,
                        winners_of(s, a.g, f, a.i / 2 + i) + (a.j / 2 + j) * LANES + h);
    }
}

// dl/dz of a tile for filter f, with pooling within the tile, in `d`.
INLINE void unpooled_tile(const Convolution *s, Tiles tiles, Place a, int64_t f, int h, Grid d) {
    EACH (q, TILE_SIZE * TILE_SIZE) store(d.at + q * d.column, zero());
    for (int64_t i = 0; i < tiles.down.size / 2; i++)
        for (int64_t j = 0; j < tiles.across.size / 2; j++) {
            const int64_t row = a.i / 2 + i, column = (a.j / 2 + j) * LANES + h;
            const real *dy =
                s->dy.at + a.g * s->dy.group + f * s->dy.plane + row * s->dy.row + column;
            const uint8_t *winner = winners_of(s, a.g, f, row) + column;
            real *to = d.at + 2 * i * d.row + 2 * j * d.column;
            __builtin_prefetch(dy + TILE_SIZE / 2 * LANES);
            mask who = __builtin_convertvector(*(const bytes *)winner, mask);
            vector share = before_winner(who, load(dy), s->activation);
            who &= LOW_SIDE - 1;
            EACH (q, 4) store(to + q / 2 * d.row + q % 2 * d.column, where(who == q, share));
        }
}

// Likewise where y is not pooled, from dl/dy and y.
INLINE void inactive_tile(const Convolution *s, Tiles tiles, const real *dy, const real *y,
                          Grid d) {
    fetch(y + TILE_SIZE * LANES, s->y.row, tiles.down.size, TILE_SIZE);
    for (int64_t i = 0; i < tiles.down.size; i++)
        for (int64_t j = 0; j < tiles.across.size; j++)
            store(d.at + i * d.row + j * d.column,
                  activated_back(load(y + i * s->y.row + j * LANES),
                                 load(dy + i * s->dy.row + j * LANES), s->activation));
}

// dM = A dz A^T.
APART void output_tiles_back(const Convolution *s, const Plan *p, Tiles tiles, Image dz) {
    EACH_CHANNEL_AND_TILE(f, s->filters, t, a, tiles)
    for (int h = 0; h < LANES; h += WIDTH) {
        real *M = p->M + (t * s->filters + f) * LANES + h;
        real numbers[TILE_SIZE * TILE_SIZE * WIDTH] __attribute__((aligned(VECTOR_BYTES)));
        Grid d = {numbers, TILE_SIZE * WIDTH, WIDTH};
        if (p->fused) unpooled_tile(s, tiles, a, f, h, d);
        else {
            real *there = entry(dz, a) + f * dz.plane + h;
            fetch(there + TILE_SIZE * LANES, dz.row, tiles.down.size, TILE_SIZE);
            if (!s->pools && s->activation.acts)
                inactive_tile(s, tiles, there, entry(s->y, a) + f * s->y.plane + h, d);
            else d = (Grid){there, dz.row, LANES};
        }
        both_ways(output_transform_back, tiles.down.size, tiles.across.size, 0, 2, d,
                  in_matrices(M, p->m));
    }
}

#endif

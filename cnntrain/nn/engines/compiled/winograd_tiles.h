// Tiles on their way into the 36 products of winograd.h, out of them, and back.

#ifndef WINOGRAD_TILES_H
#define WINOGRAD_TILES_H

#include "convolution.h"
#include "transforms.h"

#define TILE_SIZE 4
#define MATRICES 36
#define CACHE_BYTES 1300000  // of V and M together
#define APART_BY 80  // numbers between matrices, so that they do not meet in one set of the cache

typedef struct {
    int64_t down, across, count;  // tiles of an image, and of all
    int64_t block;                // that are computed together
    int64_t channels;             // rounded up
    int64_t v, m, u;              // from one of the 36 matrices to the next
    int fused;                    // pooling within the tiles
    real *V, *M, *turned, *dU, *z;
    int64_t scratch;
} Plan;

static Plan plan(const Convolution *s) {
    const Windows *w = &s->windows, *pool = &s->pool;
    Plan p = {0};
    p.down = (w->output[0] + 3) / TILE_SIZE;
    p.across = (w->output[1] + 3) / TILE_SIZE;
    p.count = s->groups * p.down * p.across;
    p.channels = rounded_up(s->channels, LANES);
    const int64_t per_tile = MATRICES * LANES * (int64_t)sizeof(real) * (p.channels + s->filters);
    const int64_t fitting = larger(CACHE_BYTES / per_tile, 4);
    const int64_t blocks = (p.count + fitting - 1) / fitting;
    p.block = (p.count + blocks - 1) / blocks;
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

typedef struct {
    int64_t g, i, j, rows, columns;  // its first output, and how many lie in the image
} Place;
INLINE Place place_at(const Convolution *s, int64_t g, int64_t i, int64_t j) {
    Place a = {g, i, j, TILE_SIZE, TILE_SIZE};
    if (s->windows.output[0] - i < a.rows) a.rows = s->windows.output[0] - i;
    if (s->windows.output[1] - j < a.columns) a.columns = s->windows.output[1] - j;
    return a;
}
INLINE Place place(const Convolution *s, const Plan *p, int64_t t) {
    const int64_t in_group = t % (p->down * p->across);
    return place_at(s, t / (p->down * p->across), in_group / p->across * TILE_SIZE,
                    in_group % p->across * TILE_SIZE);
}
INLINE Place place_after(const Convolution *s, Place a) {
    if (a.j + TILE_SIZE < s->windows.output[1]) return place_at(s, a.g, a.i, a.j + TILE_SIZE);
    if (a.i + TILE_SIZE < s->windows.output[0]) return place_at(s, a.g, a.i + TILE_SIZE, 0);
    return place_at(s, a.g + 1, 0, 0);
}
INLINE real *entry(Image x, Place a) { return x.at + a.g * x.group + a.i * x.row + a.j * LANES; }

// Some tiles that are computed together: `count` from number `first` on.
typedef struct {
    int64_t first, count;
} Tiles;
// Their channels some at a time: what a tile shares with the next one is still in the cache then.
#define AT_A_TIME 8
#define EACH_CHANNEL_AND_TILE(c, channels, t, a, s, p, tiles) \
    for (int64_t c0_ = 0, t = 0; c0_ < (channels); c0_ += AT_A_TIME, t = 0) \
        for (Place a = place(s, p, (tiles).first); t < (tiles).count; t++, a = place_after(s, a)) \
            for (int64_t c = c0_; c < (channels) && c < c0_ + AT_A_TIME; c++)

// The columns of the next tile are fetched while those of this one are computed.
INLINE void fetch(const real *x, int64_t row, const int rows, const int columns) {
    EACH (i, rows)
        EACH (j, columns) __builtin_prefetch(x + i * row + j * LANES);
}

// V = B^T d B, and channels of zeros.
APART void input_tiles(const Convolution *s, const Plan *p, Tiles tiles) {
    EACH_CHANNEL_AND_TILE(c, p->channels, t, a, s, p, tiles)
    for (int h = 0; h < LANES; h += WIDTH) {
        real *to = p->V + (t * p->channels + c) * LANES + h;
        vector d[6][6], v[6][6];
        if (c < s->channels) {
            const real *x = entry(s->x, a) + c * s->x.plane + h;
            fetch(x + 6 * LANES, s->x.row, 6, TILE_SIZE);
            EACH (i, 6)
                EACH (j, 6) d[i][j] = load(x + i * s->x.row + j * LANES);
            both_ways(input_transform, 6, 6, d, v);
            EACH (e, MATRICES) store(to + e * p->v, v[e / 6][e % 6]);
        } else
            for (int e = 0; e < MATRICES; e++) store(to + e * p->v, zero());
    }
}

// dl/dd = B dV B^T, added to dl/dx, whose rows are 0 once the first tile comes to them.
APART void input_tiles_back(const Convolution *s, const Plan *p, Tiles tiles) {
    EACH_CHANNEL_AND_TILE(c, s->channels, t, a, s, p, tiles) {
        if (a.j == 0) {
            const int64_t there = a.i ? 2 : 0;
            memset(entry(s->dx, a) + c * s->dx.plane + there * s->dx.row, 0,
                   (size_t)((6 - there) * s->dx.row) * sizeof(real));
        }
        for (int h = 0; h < LANES; h += WIDTH) {
            const real *from = p->V + (t * p->channels + c) * LANES + h;
            real *dx = entry(s->dx, a) + c * s->dx.plane + h;
            vector v[6][6], d[6][6];
            EACH (e, MATRICES) v[e / 6][e % 6] = load(from + e * p->v);
            both_ways(input_transform_back, 6, 6, v, d);
            EACH (i, 6)
                EACH (j, 6) {
                    real *to = dx + i * s->dx.row + j * LANES;
                    store(to, load(to) + d[i][j]);
                }
        }
    }
}

// z = h(A^T M A + b), where the next step wants it: pooled, or as it is in `to`.
APART void output_tiles(const Convolution *s, const Plan *p, Tiles tiles, Image to) {
    int64_t at[4] = {0};
    for (int q = 0; q < 4 && p->fused; q++)
        at[q] = (s->drawn[q] / 2 * TILE_SIZE + s->drawn[q] % 2) * WIDTH;
    EACH_CHANNEL_AND_TILE(f, s->filters, t, a, s, p, tiles)
    for (int h = 0; h < LANES; h += WIDTH) {
        const real *M = p->M + (t * s->filters + f) * LANES + h;
        vector m[6][6], z[4][6];
        EACH (e, MATRICES) m[e / 6][e % 6] = load(M + e * p->m);
        both_ways(output_transform, 6, 4, m, z);
        const vector bias = s->bias ? all(s->bias[f]) : zero();
        real flat[TILE_SIZE * TILE_SIZE * WIDTH] __attribute__((aligned(VECTOR_BYTES)));
        real *y = entry(to, a) + f * to.plane + h;
        EACH (i, TILE_SIZE)
            EACH (j, TILE_SIZE) {
                const vector value = activated(z[i][j] + bias, s->activation);
                if (p->fused) store(flat + (i * TILE_SIZE + j) * WIDTH, value);
                else if (i < a.rows && j < a.columns) store(y + i * to.row + j * LANES, value);
            }
        if (!p->fused) continue;
        const Image pooled = s->y;
        for (int64_t i = 0; i < a.rows / 2; i++)
            for (int64_t j = 0; j < a.columns / 2; j++)
                maximum(4, flat + (2 * i * TILE_SIZE + 2 * j) * WIDTH, at, s->drawn,
                        (int)s->activation.acts,
                        pooled.at + a.g * pooled.group + f * pooled.plane +
                            (a.i / 2 + i) * pooled.row + (a.j / 2 + j) * LANES + h,
                        winners_of(s, a.g, f, a.i / 2 + i) + (a.j / 2 + j) * LANES + h);
    }
}

// dl/dz of one tile, for filter f, of which `rows` and `columns` lie in the image; 0 outside.
INLINE void gradient_tile(const Convolution *s, const Plan *p, Place a, int64_t f, int h, Image dz,
                          const int64_t rows, const int64_t columns, vector (*d)[6]) {
    EACH (i, TILE_SIZE)
        EACH (j, TILE_SIZE) d[i][j] = zero();
    if (p->fused) {
        EACH (i, TILE_SIZE / 2)
            EACH (j, TILE_SIZE / 2) {
                if (2 * i + 1 >= rows || 2 * j + 1 >= columns) continue;
                const int64_t row = a.i / 2 + i, column = (a.j / 2 + j) * LANES + h;
                const real *dy =
                    s->dy.at + a.g * s->dy.group + f * s->dy.plane + row * s->dy.row + column;
                const uint8_t *winner = winners_of(s, a.g, f, row) + column;
                __builtin_prefetch(dy + TILE_SIZE / 2 * LANES);
                mask who = __builtin_convertvector(*(const bytes *)winner, mask);
                vector share = before_winner(who, load(dy), s->activation);
                who &= LOW_SIDE - 1;
                EACH (q, 4) d[2 * i + q / 2][2 * j + q % 2] = where(who == q, share);
            }
        return;
    }
    const real *from = entry(dz, a) + f * dz.plane + h, *y = entry(s->y, a) + f * s->y.plane + h;
    fetch(from + TILE_SIZE * LANES, dz.row, TILE_SIZE, TILE_SIZE);
    if (!s->pools && s->activation.acts)
        fetch(y + TILE_SIZE * LANES, s->y.row, TILE_SIZE, TILE_SIZE);
    EACH (i, TILE_SIZE)
        EACH (j, TILE_SIZE) {
            if (i >= rows || j >= columns) continue;
            d[i][j] = load(from + i * dz.row + j * LANES);
            if (s->pools) continue;
            d[i][j] = activated_back(load(y + i * s->y.row + j * LANES), d[i][j], s->activation);
        }
}

// dM = A dz A^T.
INLINE void output_part_back(const Convolution *s, const Plan *p, Place a, int64_t f, real *M,
                             Image dz, const int64_t rows, const int64_t columns) {
    for (int h = 0; h < LANES; h += WIDTH) {
        vector d[4][6], m[6][6];
        gradient_tile(s, p, a, f, h, dz, rows, columns, d);
        both_ways(output_transform_back, 4, 6, d, m);
        EACH (e, MATRICES) store(M + e * p->m + h, m[e / 6][e % 6]);
    }
}
APART void output_tiles_back(const Convolution *s, const Plan *p, Tiles tiles, Image dz) {
    EACH_CHANNEL_AND_TILE(f, s->filters, t, a, s, p, tiles) {
        real *M = p->M + (t * s->filters + f) * LANES;
        if (a.rows == TILE_SIZE && a.columns == TILE_SIZE)
            output_part_back(s, p, a, f, M, dz, TILE_SIZE, TILE_SIZE);
        else output_part_back(s, p, a, f, M, dz, a.rows, a.columns);
    }
}

#endif

// Products of matrices, C = A B, where an entry of B and of C is a block of sixteen numbers.
//
//     c[f][p] = sum over k of a[f][k] b[k][p]
//
// computed in tiles of a few rows f and blocks p that stay in registers while k runs.  Each entry
// is one chain of fused multiply-adds in the order of k, whatever the tile, hence the same bits.

#ifndef PRODUCTS_H
#define PRODUCTS_H

#include "vectors.h"

// Tiles of ROWS x BLOCKS, or of fewer blocks and up to MOST_ROWS, leave enough registers for one row of
// B and a number of A.
#if PARTS == 1
#define ROWS 6
#define BLOCKS 4
#define MOST_ROWS 8
#else
#if PARTS == 2 || (defined(__aarch64__) && PARTS == 4)
#define ROWS 6
#else
#define ROWS 3
#endif
#define BLOCKS 1
#define MOST_ROWS ROWS
#endif

// Where the operands lie.  k = (k1, k2) takes outer x inner values; block p is `block` from the next.
typedef struct {
    int64_t outer, inner;
    const real *a;
    int64_t a_row, a_outer, a_inner;
    const real *b;
    int64_t b_outer, b_inner, b_block;
    real *c;
    int64_t c_row, c_block;
    int add;  // to what is in c
} Product;

INLINE void tile(const int rows, const int blocks, const Product *x, int64_t f0, int64_t p0) {
    vector sum[MOST_ROWS][BLOCKS * PARTS];
    const real *a1 = x->a + f0 * x->a_row, *b1 = x->b + p0 * x->b_block;
    const int64_t a_row = x->a_row, a_inner = x->a_inner, b_inner = x->b_inner,
                  b_block = x->b_block;
    EACH (f, rows)
        EACH (p, blocks * PARTS) sum[f][p] = zero();
    for (int64_t k1 = 0; k1 < x->outer; k1++, a1 += x->a_outer, b1 += x->b_outer) {
        const real *a = a1, *b = b1;
        EACH (f, rows) __builtin_prefetch(a1 + x->a_outer + f * a_row);
        for (int64_t k2 = 0; k2 < x->inner; k2++, a += a_inner, b += b_inner) {
            vector column[BLOCKS * PARTS];
            EACH (p, blocks * PARTS) column[p] = load(b + p / PARTS * b_block + p % PARTS * WIDTH);
            EACH (f, rows) {
                vector number = all(a[f * a_row]);
                EACH (p, blocks * PARTS) sum[f][p] = fma_(number, column[p], sum[f][p]);
            }
        }
    }
    EACH (f, rows)
        EACH (p, blocks * PARTS) {
            real *c =
                x->c + (f0 + f) * x->c_row + (p0 + p / PARTS) * x->c_block + p % PARTS * WIDTH;
            store_any(c, x->add ? load_any(c) + sum[f][p] : sum[f][p]);
        }
}

#define TILE(rows, blocks) \
    APART void tile_##rows##_##blocks(const Product *x, int64_t f, int64_t p) { \
        tile(rows, blocks, x, f, p); \
    }
typedef void (*Tile)(const Product *, int64_t, int64_t);
#define TILES_3(n) TILE(1, n) TILE(2, n) TILE(3, n)
#define TILES_6(n) \
    TILES_3(n) \
    TILE(4, n) TILE(5, n) TILE(6, n)
#define TILES_8(n) \
    TILES_6(n) \
    TILE(7, n) TILE(8, n)
#define LIST_3(n) tile_1_##n, tile_2_##n, tile_3_##n
#define LIST_6(n) LIST_3(n), tile_4_##n, tile_5_##n, tile_6_##n
#define LIST_8(n) LIST_6(n), tile_7_##n, tile_8_##n
#if BLOCKS == 4
TILES_8(1)
TILES_8(2)
TILES_8(3)
TILES_6(4)
static const Tile TILE_OF[BLOCKS][MOST_ROWS] = {{LIST_8(1)}, {LIST_8(2)}, {LIST_8(3)}, {LIST_6(4)}};
#elif ROWS == 6
TILES_6(1)
static const Tile TILE_OF[BLOCKS][MOST_ROWS] = {{LIST_6(1)}};
#else
TILES_3(1)
static const Tile TILE_OF[BLOCKS][MOST_ROWS] = {{LIST_3(1)}};
#endif

// How many of the blocks that are left a tile takes: three and two rather than four and one.
INLINE int64_t blocks_of(int64_t left) {
    if (left <= BLOCKS) return left;
    return BLOCKS == 4 && left <= 6 ? 3 : BLOCKS;
}

// The whole product, `rows` x `blocks`, the rows cut as evenly as can be.
static void product(const Product *x, int64_t rows, int64_t blocks) {
    for (int64_t p = 0, n; p < blocks; p += n) {
        n = blocks_of(blocks - p);
        const int64_t most = n == BLOCKS ? ROWS : MOST_ROWS, cuts = (rows + most - 1) / most;
        for (int64_t f = 0, i = 0, height; i < cuts; i++, f += height) {
            height = (rows - f + cuts - i - 1) / (cuts - i);
            TILE_OF[n - 1][height - 1](x, f, p);
        }
    }
}

// Likewise where A is transposed, that is x->a_row = 1 and x->outer = 1: sixteen columns of it at a
// time are first copied to `packed` (inner, 16), where they lie together.
static void product_transposed(const Product *x, int64_t rows, int64_t blocks, real *packed) {
    for (int64_t f = 0; f < rows; f += LANES) {
        const int64_t height = rows - f < LANES ? rows - f : LANES;
        for (int64_t k = 0; k < x->inner; k++) {
            const real *from = x->a + f + k * x->a_inner;
            if (height == LANES) memcpy(packed + k * LANES, from, LANES * sizeof(real));
            else memcpy(packed + k * LANES, from, (size_t)height * sizeof(real));
        }
        Product part = *x;
        part.a = packed;
        part.a_inner = LANES;
        part.c = x->c + f * x->c_row;
        product(&part, height, blocks);
    }
}

#endif

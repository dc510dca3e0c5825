// The two sums of a convolution, in tiles that stay in registers.

#ifndef TILES_H
#define TILES_H

#include "activation.h"
#include "transpose.h"

#define MOST_KERNEL 4096  // rows of a kernel; stages.py leaves larger ones to NumPy

#if VECTOR_BYTES == 64 || defined(__aarch64__)
#define REGISTERS 32
#else
#define REGISTERS 16
#endif

// A product of matrices, the entries of the right one at tabled offsets ----------------------------
//
//     c[f][p] = h(bias[f] + sum over k = first, ..., end - 1 of a[f][k] b[p][at[k]])
//
// an entry of b and c being a block of sixteen numbers.  bias 0: none.  Each entry is one chain of fused
// multiply-adds, which waits in c between one run of TABLE_TERMS and the next.
typedef struct {
    int64_t terms, first, end;  // of so many
    const real *a;              // in panels, see `to_panels`
    const real *b;
    const int32_t *at;
    int64_t b_block, ahead;  // ahead: from b to where the next product has it
    const real *bias;
    Activation activation;
    real *c;
    int64_t c_row, c_block;
} TableProduct;

#define TABLE_TERMS \
    144  // so many entries of b, of all blocks of a tile, stay in the first-level cache
#define TABLE_BLOCKS (PARTS == 1 ? 4 : 1)
#if PARTS <= 2 || (PARTS == 4 && REGISTERS == 32)
#define TABLE_ROWS 6
#else
#define TABLE_ROWS 3
#endif

// Rows f, ... of a tile: all of them cut as evenly as can be.
#define EACH_CUT(f, height, rows, most) \
    for (int64_t f = 0, height, i_ = 0, cuts_ = ((rows) + (most) - 1) / (most); \
         i_ < cuts_ && (height = ((rows) - f + cuts_ - i_ - 1) / (cuts_ - i_)); i_++, f += height)

// Rows a[f][at[k]] as tiles read them: for each cut of them k by k.
static void to_panels(const real *a, int64_t a_row, const int32_t *at, int64_t rows, int64_t terms,
                      real *to) {
    EACH_CUT(f0, height, rows, TABLE_ROWS)
    for (int64_t k = 0; k < terms; k++)
        for (int64_t f = f0; f < f0 + height; f++) *to++ = a[f * a_row + at[k]];
}

INLINE void table_tile(const int rows, const int blocks, const TableProduct *x, int64_t f0,
                       int64_t p0, int64_t first, int64_t end) {
    vector sum[TABLE_ROWS][TABLE_BLOCKS * PARTS];
    const real *a = x->a + f0 * x->terms + first * rows, *b0 = x->b + p0 * x->b_block;
    real *c = x->c + f0 * x->c_row + p0 * x->c_block;
    const int64_t b_block = x->b_block, c_row = x->c_row, c_block = x->c_block;
    const Activation activation = x->activation;
    const int64_t number =
        f0 / TABLE_ROWS;  // of the block that this tile fetches for the next product
    const real *next = b0 + (number < blocks ? number * b_block + x->ahead : 0);
    if (first > x->first) {
        EACH (f, rows)
            EACH (p, blocks * PARTS)
                sum[f][p] = load(c + f * c_row + p / PARTS * c_block + p % PARTS * WIDTH);
    } else {
        EACH (f, rows)
            EACH (p, blocks * PARTS) sum[f][p] = x->bias ? all(x->bias[f0 + f]) : zero();
    }
    for (int64_t k = first; k < end; k++, a += rows) {
        const real *b = b0 + x->at[k];
        __builtin_prefetch(next + x->at[k], 0, 2);
        vector column[TABLE_BLOCKS * PARTS];
        EACH (p, blocks * PARTS) column[p] = load(b + p / PARTS * b_block + p % PARTS * WIDTH);
        EACH (f, rows) {
            vector number = all(a[f]);
            EACH (p, blocks * PARTS) sum[f][p] = fma_(number, column[p], sum[f][p]);
        }
    }
    const int last = end == x->end;
    EACH (f, rows)
        EACH (p, blocks * PARTS)
            store(c + f * c_row + p / PARTS * c_block + p % PARTS * WIDTH,
                  last ? activated(sum[f][p], activation) : sum[f][p]);
}

#define TABLE_TILE(rows, blocks) \
    APART void table_tile_##rows##_##blocks(const TableProduct *x, int64_t f, int64_t p, \
                                            int64_t first, int64_t end) { \
        table_tile(rows, blocks, x, f, p, first, end); \
    }
typedef void (*TableTile)(const TableProduct *, int64_t, int64_t, int64_t, int64_t);
#define TABLE_3(n) table_tile_1_##n, table_tile_2_##n, table_tile_3_##n
#define TABLE_6(n) TABLE_3(n), table_tile_4_##n, table_tile_5_##n, table_tile_6_##n
#define TABLE_TILES_3(n) TABLE_TILE(1, n) TABLE_TILE(2, n) TABLE_TILE(3, n)
#define TABLE_TILES_6(n) \
    TABLE_TILES_3(n) \
    TABLE_TILE(4, n) TABLE_TILE(5, n) TABLE_TILE(6, n)
#if PARTS == 1
TABLE_TILES_6(1)
TABLE_TILES_6(2)
TABLE_TILES_6(4)
static const TableTile TABLE_TILE_OF[5][TABLE_ROWS] = {
    {0}, {TABLE_6(1)}, {TABLE_6(2)}, {0}, {TABLE_6(4)}};
#elif TABLE_ROWS == 6
TABLE_TILES_6(1)
static const TableTile TABLE_TILE_OF[2][TABLE_ROWS] = {{0}, {TABLE_6(1)}};
#else
TABLE_TILES_3(1)
static const TableTile TABLE_TILE_OF[2][TABLE_ROWS] = {{0}, {TABLE_3(1)}};
#endif

static void table_product(const TableProduct *x, int64_t rows, int64_t blocks) {
    for (int64_t first = x->first, end;; first = end) {
        end = x->end - first > TABLE_TERMS ? first + TABLE_TERMS : x->end;
        for (int64_t p = 0, n; p < blocks; p += n) {
            n = TABLE_BLOCKS == 1 || blocks - p == 1 ? 1 : blocks - p >= 4 ? 4 : 2;
            EACH_CUT(f, height, rows, TABLE_ROWS)
            TABLE_TILE_OF[n][height - 1](x, f, p, first, end);
        }
        if (end == x->end) return;
    }
}

// dl/dW: what of the gradient meets what of the input ------------------------------------------------
//
//     dw[f][k] (+)= sum over i, j and the sixteen samples of dz[f, i, j] x[at[k] + (i, j)]
//
// Sums over (i, j) of each sample wait in memory between one run of rows and the next, so that what of x
// a tile meets stays in the first-level cache for all f.
typedef struct {
    const real *dz;
    int64_t dz_plane, dz_row;
    const real *x;
    int64_t x_row, x_column;  // from one window to the next
    const int32_t *at;
    int64_t height, width;
    real *dw;
    int64_t dw_row;
    int add;
    real *sums;  // (f, MEETS_COLUMNS, 16), sums_of_correlation(rows) blocks
} Correlation;

#define MEETS_ROWS (REGISTERS == 32 ? 4 : 2)
#define MEETS_COLUMNS (REGISTERS == 32 ? 6 : 5)
#define MEETS_AT_ONCE 48  // entries (i, j)

INLINE int64_t sums_of_correlation(int64_t rows) { return rounded_up(rows * MEETS_COLUMNS, LANES); }

INLINE void meeting(const int rows, const int columns, const Correlation *s, int64_t f0, int64_t k0,
                    int64_t first, int64_t end) {
    const int32_t *at = s->at + k0;
    const int64_t plane = s->dz_plane, step = s->x_column;
    const int64_t number =
        f0 / MEETS_ROWS;  // of the column that this tile fetches for the next run
    const int64_t ahead = number < columns ? at[number] + (end - first) * s->x_row : 0;
    for (int h = 0; h < PARTS; h++) {
        real *sums = s->sums + f0 * MEETS_COLUMNS * LANES + h * WIDTH;
        vector sum[MEETS_ROWS][MEETS_COLUMNS];
        EACH (f, rows)
            EACH (k, columns)
                sum[f][k] = first ? load(sums + (f * MEETS_COLUMNS + k) * LANES) : zero();
        for (int64_t i = first; i < end; i++) {
            const real *dz = s->dz + f0 * plane + i * s->dz_row + h * WIDTH;
            const real *x = s->x + i * s->x_row + h * WIDTH;
            const real *next = x + ahead;
            for (int64_t j = 0; j < s->width; j++, dz += LANES, x += step, next += step) {
                __builtin_prefetch(next, 0, 2);
                vector input[MEETS_COLUMNS];
                EACH (k, columns) input[k] = load(x + at[k]);
                EACH (f, rows) {
                    vector d = load(dz + f * plane);
                    EACH (k, columns) sum[f][k] = fma_(d, input[k], sum[f][k]);
                }
            }
        }
        EACH (f, rows)
            EACH (k, columns) store(sums + (f * MEETS_COLUMNS + k) * LANES, sum[f][k]);
    }
}

#define MEETING(rows, columns) \
    APART void meeting_##rows##_##columns(const Correlation *s, int64_t f, int64_t k, \
                                          int64_t first, int64_t end) { \
        meeting(rows, columns, s, f, k, first, end); \
    }
#define MEETINGS_5(rows) \
    MEETING(rows, 1) MEETING(rows, 2) MEETING(rows, 3) MEETING(rows, 4) MEETING(rows, 5)
#define MEETINGS_6(rows) MEETINGS_5(rows) MEETING(rows, 6)
#define LIST_MEETINGS(n) \
    meeting_##n##_1, meeting_##n##_2, meeting_##n##_3, meeting_##n##_4, meeting_##n##_5
typedef void (*Meeting)(const Correlation *, int64_t, int64_t, int64_t, int64_t);
#if REGISTERS == 32
MEETINGS_6(1)
MEETINGS_6(2)
MEETINGS_6(3)
MEETINGS_6(4)
static const Meeting MEETING_OF[MEETS_ROWS][MEETS_COLUMNS] = {{LIST_MEETINGS(1), meeting_1_6},
                                                              {LIST_MEETINGS(2), meeting_2_6},
                                                              {LIST_MEETINGS(3), meeting_3_6},
                                                              {LIST_MEETINGS(4), meeting_4_6}};
#else
MEETINGS_5(1)
MEETINGS_5(2)
static const Meeting MEETING_OF[MEETS_ROWS][MEETS_COLUMNS] = {{LIST_MEETINGS(1)},
                                                              {LIST_MEETINGS(2)}};
#endif

static void correlation(const Correlation *s, int64_t rows, int64_t columns) {
    const int64_t run = larger(MEETS_AT_ONCE / s->width, 1);
    EACH_CUT(k, width, columns, MEETS_COLUMNS) {
        for (int64_t first = 0, end; first < s->height; first = end) {
            end = s->height - first > run ? first + run : s->height;
            EACH_CUT(f, height, rows, MEETS_ROWS)
            MEETING_OF[height - 1][width - 1](s, f, k, first, end);
        }
        sums_of_lanes(s->sums, sums_of_correlation(rows));
        for (int64_t f = 0; f < rows; f++)
            for (int64_t q = 0; q < width; q++) {
                real *dw = s->dw + f * s->dw_row + k + q;
                *dw = (s->add ? *dw : 0) + s->sums[f * MEETS_COLUMNS + q];
            }
    }
}

#endif

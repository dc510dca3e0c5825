// Samples as the data have them, standardised on their way into groups of sixteen.
//
//     x <- x scale + shift        bytes, computed in the type of the network
//     x <- (x - mean) / std       other numbers, computed in double precision
//
// just as data/standardize.py does, to the same bits.

#ifndef INPUTS_H
#define INPUTS_H

#include "stages.h"
#include "transpose.h"

enum { BYTES, SINGLES, DOUBLES };

// Rows (H, W, C) or (d), without gaps; sample s of a batch is row `rows[s]`.
typedef struct {
    const void *at;
    int64_t kind;  // one of the above
    const int64_t *rows;
    int64_t height, width, channels;  // a vector is 1 x 1 x d
    const real *scale, *shift;        // of each entry of a row: of bytes,
    const double *mean, *std;         // or of others; 0: they stay as they are
} Inputs;

INLINE real ready(const Inputs *in, const void *row, int64_t q) {
    if (in->kind == BYTES) {
        const real x = (real)((const uint8_t *)row)[q];
        return in->scale ? x * in->scale[q] + in->shift[q] : x;
    }
    const double x =
        in->kind == SINGLES ? (double)((const float *)row)[q] : ((const double *)row)[q];
    return (real)(in->mean ? (x - in->mean[q]) / in->std[q] : x);
}

// WIDTH entries from q on of WIDTH rows, standardised, as entries of WIDTH samples.
#define READY_SQUARE(name, type, formula) \
    APART void name(const Inputs *in, const char *const *rows, int64_t q, vector *r) { \
        for (int l = 0; l < WIDTH; l++) { \
            const type *row = (const type *)rows[l] + q; \
            real line[WIDTH] __attribute__((aligned(VECTOR_BYTES))); \
            EACH (i, WIDTH) line[i] = (real)(formula); \
            r[l] = load(line); \
        } \
        (void)in; \
        transpose(r); \
    }
READY_SQUARE(bytes_ready, uint8_t, (real)row[i] * in->scale[q + i] + in->shift[q + i])
READY_SQUARE(bytes_as_they_are, uint8_t, row[i])
READY_SQUARE(singles_ready, float, ((double)row[i] - in->mean[q + i]) / in->std[q + i])
READY_SQUARE(singles_as_they_are, float, row[i])
READY_SQUARE(doubles_ready, double, (row[i] - in->mean[q + i]) / in->std[q + i])
READY_SQUARE(doubles_as_they_are, double, row[i])
typedef void (*Square)(const Inputs *, const char *const *, int64_t, vector *);
static const Square SQUARE_OF[3][2] = {{bytes_as_they_are, bytes_ready},
                                       {singles_as_they_are, singles_ready},
                                       {doubles_as_they_are, doubles_ready}};

// Samples start ... start + n - 1.  Lanes beyond the last repeat it, so that no number arises there that
// does not elsewhere.
static void load_inputs(const Inputs *in, int64_t start, int64_t n, Image to) {
    const int64_t size[] = {1, 4, 8}, count = in->height * in->width * in->channels;
    const Square square = SQUARE_OF[in->kind][in->kind == BYTES ? in->scale != 0 : in->mean != 0];
    for (int64_t first = 0; first < n; first += LANES) {
        const char *rows[LANES];
        real *group = to.at + first / LANES * to.group;
        for (int64_t l = 0; l < LANES; l++) {
            const int64_t sample = start + (first + l < n ? first + l : n - 1);
            rows[l] = (const char *)in->at + in->rows[sample] * count * size[in->kind];
        }
        int64_t q = 0, c = 0, j = 0, i = 0;
        while (q < count) {
            vector entries[PARTS][WIDTH];
            const int64_t there = count - q < WIDTH ? count - q : WIDTH;
            for (int p = 0; p < PARTS; p++)
                if (there == WIDTH) square(in, rows + p * WIDTH, q, entries[p]);
                else
                    for (int64_t k = 0; k < there; k++)
                        for (int l = 0; l < WIDTH; l++)
                            entries[p][k][l] = ready(in, rows[p * WIDTH + l], q + k);
            for (int64_t k = 0; k < there; k++, q++) {
                real *at = group + c * to.plane + i * to.row + j * LANES;
                for (int p = 0; p < PARTS; p++) store(at + p * WIDTH, entries[p][k]);
                if (++c == in->channels) {
                    c = 0;
                    if (++j == in->width) j = 0, i++;
                }
            }
        }
    }
}

#endif

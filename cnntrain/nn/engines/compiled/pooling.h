// Max-pooling of what a convolution puts out, plane by plane, and the way back (appendix of the note).
//
// Of each window two things are kept: its maximum, and which position holds it.  That is a byte, the
// number of the position row by row, plus LOW where the activation had taken its left side there.
// Of several largest entries the first in the given order of positions has it; a NaN wins.

#ifndef POOLING_H
#define POOLING_H

#include "activation.h"
#include "windows.h"

#define LOW_SIDE 128
#define MOST_POSITIONS 128

// The maximum of `count` entries at x + at[q] and the number of its position.
INLINE void maximum(const int64_t count, const real *x, const int64_t *at, const int64_t *number,
                    int rectified, real *y, uint8_t *winner) {
    vector best = load(x + at[0]);
    mask who = (whole)number[0] - (mask){0};
    for (int64_t q = 1; q < count; q++) {
        vector other = load(x + at[q]);
        mask larger = (other > best) | (other != other);
        best = choose(larger, other, best);
        who = (((whole)number[q] - (mask){0}) & larger) | (who & ~larger);
    }
    if (rectified) who |= ((mask)best < 0) & LOW_SIDE;
    store(y, best);
    *(bytes *)winner = __builtin_convertvector(who, bytes);
}

// Row i of the windows of one plane z.
static void pool_row(const Convolution *s, const real *z, int64_t z_row, int64_t i, real *y,
                     uint8_t *winners) {
    const Windows *w = &s->pool;
    const int64_t width = w->kernel[1], area = w->kernel[0] * width;
    const int rectified = (int)s->activation.acts;
    int64_t at[MOST_POSITIONS], number[MOST_POSITIONS];
    const Inside rows = inside(w, 0, i);
    int64_t last_count = -1;  // columns share their table as long as windows lie inside altogether
    for (int64_t j = 0; j < w->output[1]; j++) {
        const Inside columns = inside(w, 1, j);
        const int whole_width = columns.first == 0 && columns.end == width;
        if (!whole_width || last_count < 0) {
            int64_t count = 0;
            for (int64_t q = 0; q < area; q++) {
                const int64_t u = s->drawn[q] / width, v = s->drawn[q] % width;
                if (u < rows.first || u >= rows.end || v < columns.first || v >= columns.end) continue;
                at[count] = u * z_row + v * LANES;
                number[count++] = s->drawn[q];
            }
            last_count = whole_width ? count : -count;
        }
        const int64_t count = last_count < 0 ? -last_count : last_count;
        const real *x = z + rows.from * z_row + columns.from * LANES;
        for (int h = 0; h < LANES; h += WIDTH) {
            real *to = y + j * LANES + h;
            uint8_t *winner = winners + j * LANES + h;
            if (count == 4) maximum(4, x + h, at, number, rectified, to, winner);
            else maximum(count, x + h, at, number, rectified, to, winner);
        }
    }
}

INLINE uint8_t *winners_of(const Convolution *s, int64_t g, int64_t f, int64_t i) {
    const int64_t *size = s->pool.output;
    return (uint8_t *)s->kept + (((g * s->filters + f) * size[0] + i) * size[1]) * LANES;
}

// What reaches the winner: dl/dy times the derivative of the activation there.
INLINE vector before_winner(mask who, vector dy, Activation h) {
    mask low = (who & LOW_SIDE) != 0;
    if (!h.acts) return dy;
    return h.slope == 0 ? where(~low, dy) : choose(low, all((real)h.slope) * dy, dy);
}

// The windows of row i and column j back to `to`, by addition or, `over` what is there, by storing.
INLINE void unpool_window(const int64_t height, const int64_t width, Inside rows, Inside columns,
                          mask who, vector dy, real *to, int64_t row, int over) {
    const mask position = who & (LOW_SIDE - 1);
    for (int64_t u = rows.first; u < (over ? height : rows.end); u++)
        for (int64_t v = columns.first; v < (over ? width : columns.end); v++) {
            vector share = where(position == (whole)(u * width + v), dy);
            real *at = to + u * row + v * LANES;
            store(at, over ? share : load(at) + share);
        }
}

// One plane dz of the gradient, and its sum over the plane, lane by lane, added to `sum`.
static void unpool(const Convolution *s, int64_t g, int64_t f, real *dz, int64_t row, vector *sum) {
    const Windows *w = &s->pool;
    const int64_t kh = w->kernel[0], kw = w->kernel[1];
    const int stores = kh == 2 && kw == 2 && w->stride[0] == 2 && w->stride[1] == 2 &&
                       !w->before[0] && !w->before[1] && w->output[0] * 2 <= w->size[0] &&
                       w->output[1] * 2 <= w->size[1];  // each entry once, hence without addition
    if (!stores || w->output[0] * kh < w->size[0] || w->output[1] * kw < w->size[1])
        for (int64_t i = 0; i < w->size[0]; i++)
            memset(dz + i * row, 0, (size_t)(w->size[1] * LANES) * sizeof(real));
    for (int64_t i = 0; i < w->output[0]; i++) {
        const real *dy = s->dy.at + g * s->dy.group + f * s->dy.plane + i * s->dy.row;
        const uint8_t *winners = winners_of(s, g, f, i);
        const Inside rows = inside(w, 0, i);
        for (int64_t j = 0; j < w->output[1]; j++) {
            const Inside columns = inside(w, 1, j);
            real *to = dz + rows.from * row + columns.from * LANES;
            for (int p = 0; p < PARTS; p++) {
                const int h = p * WIDTH;
                mask who = __builtin_convertvector(*(const bytes *)(winners + j * LANES + h), mask);
                vector d = before_winner(who, load(dy + j * LANES + h), s->activation);
                if (stores)
                    unpool_window(2, 2, rows, columns, who, d, to + h, row, 1);
                else unpool_window(kh, kw, rows, columns, who, d, to + h, row, 0);
                sum[p] += d;
            }
        }
    }
}

#endif

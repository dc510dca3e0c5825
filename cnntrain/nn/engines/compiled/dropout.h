// Dropout (Srivastava et al. 2014): entries are set to 0 at random, the others scaled up.
//
// Each sample has blocks of random words of its own, a word of 32 bits for each entry, in the order of
// entries: what context.py calls `words`, so that the choices are those of NumPy.

#ifndef DROPOUT_H
#define DROPOUT_H

#include "philox.h"
#include "rows.h"

#define ENTRIES 8  // that a block of words is for

// What is drawn for a step: whether dropout acts, and the key of the words.
enum { ACTS, KEY };

// Whether entry (c, i, j) is kept, for sixteen samples, a byte each.
INLINE uint8_t *kept_row(const Dropout *s, int64_t g, int64_t c, int64_t i) {
    return (uint8_t *)s->kept + (((g * s->channels + c) * s->height + i) * s->width) * LANES;
}

static void draw(const Dropout *s) {
    const int64_t count = s->channels * s->height * s->width, blocks = (count + ENTRIES - 1) / ENTRIES;
    const uint64_t *key = (const uint64_t *)s->drawn + KEY;
    for (int64_t g = 0; g < s->groups; g++) {
        uint8_t *kept = kept_row(s, g, 0, 0);
        for (int64_t b = 0; b < blocks; b++)
            for (int64_t l = 0; l < LANES; l++) {
                const int64_t sample = s->start + g * LANES + l;
                const Block words = philox((uint64_t)(sample * blocks + b), key[0], key[1]);
                for (int64_t e = 0; e < ENTRIES && b * ENTRIES + e < count; e++) {
                    const uint32_t word = (uint32_t)(words.word[e / 2] >> (e % 2 * 32));
                    kept[(b * ENTRIES + e) * LANES + l] = word >= s->threshold;
                }
            }
    }
}

// What sixteen entries, or their gradients, are multiplied by.
INLINE vector factor(const Dropout *s, const uint8_t *kept) {
    return where(__builtin_convertvector(*(const bytes *)kept, mask) != 0, all((real)s->scale));
}

static void multiply_by_factors(const Dropout *s, Image from, Image to) {
    ALL_ROWS_OF(s) {
        const uint8_t *kept = kept_row(s, g, c, i);
        const real *x = row_of(from, g, c, i);
        real *y = row_of(to, g, c, i);
        for (int64_t j = 0; j < s->width * LANES; j += WIDTH)
            store(y + j, load(x + j) * factor(s, kept + j));
    }
}

EXPORT void NAME(dropout_forward)(const Dropout *s) {
    if (s->drawn[ACTS]) {
        draw(s);
        multiply_by_factors(s, s->x, s->y);
    } else
        ALL_ROWS_OF(s)
            memcpy(row_of(s->y, g, c, i), row_of(s->x, g, c, i), (size_t)(s->width * LANES) * sizeof(real));
}

EXPORT void NAME(dropout_backward)(const Dropout *s) { multiply_by_factors(s, s->dy, s->dx); }

#endif

// Between arrays of NumPy (C, H, W, n), with any strides, and groups of sixteen samples.

#ifndef BLOCKS_H
#define BLOCKS_H

#include "stages.h"

// An array in NumPy: entry (c, i, j, sample) is at + c s[0] + i s[1] + j s[2] + sample s[3].
typedef struct {
    real *at;
    int64_t shape[4], strides[4];
} Plain;

// `filled`: lanes beyond the last sample repeat it, so that no number arises there that does not
// elsewhere; otherwise they are 0.
EXPORT void NAME(to_blocks)(const Plain *p, const Image *into, int64_t filled) {
    const int64_t n = p->shape[3], groups = (n + LANES - 1) / LANES;
    for (int64_t g = 0; g < groups; g++)
        for (int64_t c = 0; c < p->shape[0]; c++)
            for (int64_t i = 0; i < p->shape[1]; i++) {
                const real *from = p->at + c * p->strides[0] + i * p->strides[1];
                real *to = into->at + g * into->group + c * into->plane + i * into->row;
                const int64_t there = n - g * LANES < LANES ? n - g * LANES : LANES;
                for (int64_t j = 0; j < p->shape[2]; j++)
                    for (int64_t l = 0; l < LANES; l++) {
                        const int64_t sample = g * LANES + (l < there ? l : there - 1);
                        const real *x = from + j * p->strides[2] + sample * p->strides[3];
                        to[j * LANES + l] = l < there || filled ? *x : 0;
                    }
            }
}

EXPORT void NAME(from_blocks)(const Image *from, const Plain *p) {
    for (int64_t c = 0; c < p->shape[0]; c++)
        for (int64_t i = 0; i < p->shape[1]; i++)
            for (int64_t j = 0; j < p->shape[2]; j++) {
                const real *x = from->at + c * from->plane + i * from->row + j * LANES;
                real *to = p->at + c * p->strides[0] + i * p->strides[1] + j * p->strides[2];
                for (int64_t s = 0; s < p->shape[3]; s++)
                    to[s * p->strides[3]] = x[s / LANES * from->group + s % LANES];
            }
}

#endif

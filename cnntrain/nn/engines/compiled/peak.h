// How fast this processor multiplies and adds when nothing else holds it up: what benchmarks compare
// the kernels with.

#ifndef PEAK_H
#define PEAK_H

#include "vectors.h"

#define CHAINS 12  // enough to hide how long one operation takes, few enough for the registers

// `rounds` fused multiply-adds of CHAINS registers each; how many operations those are.
EXPORT int64_t NAME(multiply_adds)(int64_t rounds) {
    volatile real kept;
    vector chain[CHAINS];
    const vector factor = all((real)0.999), addend = all((real)0.001);
    UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = all((real)i);
    for (int64_t k = 0; k < rounds; k++)
        UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = fma_(chain[i], factor, addend);
    UNROLL for (int i = 1; i < CHAINS; i++) chain[0] += chain[i];
    kept = chain[0][0];
    (void)kept;
    return 2 * rounds * CHAINS * WIDTH;
}

#endif

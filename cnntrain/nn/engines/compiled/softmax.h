// Soft-max as a layer (Section 1 of the note), where the loss does not take it over.

#ifndef SOFTMAX_H
#define SOFTMAX_H

#include "elementary.h"
#include "stages.h"

// p_c = exp(z_c) / sum over j of exp(z_j).  The largest z is subtracted first.
EXPORT void NAME(softmax_forward)(const Softmax *s) {
    for (int64_t g = 0; g < s->groups; g++)
        for (int h = 0; h < LANES; h += WIDTH) {
            const real *z = s->x.at + g * s->x.group + h;
            real *p = s->y.at + g * s->y.group + h;
            vector top = load(z), sum = zero();
            for (int64_t c = 1; c < s->outputs; c++) top = larger_or_nan(top, load(z + c * LANES));
            for (int64_t c = 0; c < s->outputs; c++) {
                const vector power = exponential(load(z + c * LANES) - top);
                store(p + c * LANES, power);
                sum += power;
            }
            for (int64_t c = 0; c < s->outputs; c++) store(p + c * LANES, load(p + c * LANES) / sum);
        }
}

// dl/dz = (diag(p) - p p^T) dl/dp.
EXPORT void NAME(softmax_backward)(const Softmax *s) {
    for (int64_t g = 0; g < s->groups; g++)
        for (int h = 0; h < LANES; h += WIDTH) {
            const real *p = s->y.at + g * s->y.group + h, *dp = s->dy.at + g * s->dy.group + h;
            real *dz = s->dx.at + g * s->dx.group + h;
            vector along = zero();
            for (int64_t c = 0; c < s->outputs; c++) along += load(p + c * LANES) * load(dp + c * LANES);
            for (int64_t c = 0; c < s->outputs; c++)
                store(dz + c * LANES, load(p + c * LANES) * (load(dp + c * LANES) - along));
        }
}

#endif

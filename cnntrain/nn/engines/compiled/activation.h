// The rectified linear unit and the leaky one, in the place where a stage writes its output.
//
// The sign of an output says on which side of 0 its input was: max(0, x) is -0 for x < 0.  So the
// way back needs the output alone.

#ifndef ACTIVATION_H
#define ACTIVATION_H

#include "stages.h"

INLINE vector activated(vector x, Activation h) {
    if (!h.acts) return x;
    vector left = -zero();
    if (h.slope != 0) left = -(all((real)h.slope) * choose(x < 0, -x, x));
    mask low = h.zero_is_low ? x <= 0 : x < 0;
    return choose(low, left, x + 0);  // -0 + 0 is 0
}

// dl/dx = h'(x) dl/dy, from y.
INLINE vector activated_back(vector y, vector dy, Activation h) {
    if (!h.acts) return dy;
    mask low = (mask)y < 0;  // the sign alone
    return h.slope == 0 ? where(~low, dy) : choose(low, all((real)h.slope) * dy, dy);
}

#endif

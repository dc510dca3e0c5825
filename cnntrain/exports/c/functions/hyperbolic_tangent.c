#include <math.h>

// y = tanh(x).  y may be x.
static void hyperbolic_tangent(int n, const float x[], float y[]) {
    for (int k = 0; k < n; k++) y[k] = tanhf(x[k]);
}

#include <math.h>

// y = x / (1 + exp(-x)).  y may be x.
static void silu(int n, const float x[], float y[]) {
    for (int k = 0; k < n; k++) y[k] = x[k] / (1 + expf(-x[k]));
}

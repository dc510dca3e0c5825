#include <math.h>

// y = 1 / (1 + exp(-x)).  y may be x.
static void sigmoid(int n, const float x[], float y[]) {
    for (int k = 0; k < n; k++) y[k] = 1 / (1 + expf(-x[k]));
}

#include <math.h>

// y[k] = exp(x[k]) / sum over i of exp(x[i]).  y may be x.
static void softmax(int n, const float x[], float y[]) {
    float most = x[0], sum = 0;
    for (int k = 1; k < n; k++)
        if (x[k] > most) most = x[k];
    for (int k = 0; k < n; k++) {
        y[k] = expf(x[k] - most);
        sum += y[k];
    }
    for (int k = 0; k < n; k++) y[k] /= sum;
}

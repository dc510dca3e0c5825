#include <math.h>

#include "inner_product.c"
#include "mean.c"

// y[c] = weight[c] (x[c] - m) / sqrt(v + epsilon) + bias[c], m and v being mean and variance of
// the group of channels that c is in.  y may be x.
static void group_norm(int groups, int channels, int size, float epsilon, const float weight[],
                       const float bias[], const float x[], float y[]) {
    const int of_group = channels / groups, n = of_group * size;
    for (int g = 0; g < groups; g++, x += n) {
        const float m = mean(n, x);
        for (int k = 0; k < n; k++) y[k] = x[k] - m;
        const float scale = 1 / sqrtf(inner_product(n, y, y) / (float)n + epsilon);
        for (int c = 0; c < of_group; c++, y += size, weight++, bias++)
            for (int k = 0; k < size; k++) y[k] = y[k] * scale * *weight + *bias;
    }
}

#include "inner_product.c"

// y = weight x + bias.
static void dense(int inputs, int outputs, const float weight[], const float bias[],
                  const float x[], float y[]) {
    for (int k = 0; k < outputs; k++)
        y[k] = inner_product(inputs, weight + k * inputs, x) + bias[k];
}

#include <stdint.h>

// y[k] = scales[k] times the sum of weight[k, i] x[i], plus bias[k].
static void dense_int8(int inputs, int outputs, const int8_t weight[], const float scales[],
                       const float bias[], const float x[], float y[]) {
    for (int k = 0; k < outputs; k++) {
        float sum = 0;
        for (int i = 0; i < inputs;) {  // some at a time: rounding errors of long sums add up
            const int end = inputs - i < 64 ? inputs : i + 64;
            float part = 0;
            for (; i < end; i++) part += (float)*weight++ * x[i];
            sum += part;
        }
        y[k] = scales[k] * sum + bias[k];
    }
}

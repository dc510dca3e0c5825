#include <math.h>

#include "largest.c"

// y[c, i, j] = log(sum of exp(beta x)) / beta over the entries x of window (i, j) of x[c].
static void smooth_max_pool(const struct windows *at, int channels, float beta, const float x[],
                            float y[]) {
    for (int c = 0; c < channels; c++, x += at->height * at->width)
        for (int i = 0; i < at->rows; i++)
            for (int j = 0; j < at->columns; j++) {
                const struct part part = inside(at, i, j);
                const float most = largest(at, part, x);
                float sum = 0;
                for (int row = part.top; row < part.bottom; row++)
                    for (int column = part.left; column < part.right; column++)
                        sum += expf(beta * (x[row * at->width + column] - most));
                *y++ = most + logf(sum) / beta;
            }
}

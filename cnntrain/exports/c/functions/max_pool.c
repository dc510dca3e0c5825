#include "largest.c"

// y[c, i, j] = the largest entry of window (i, j) of x[c].
static void max_pool(const struct windows *at, int channels, const float x[], float y[]) {
    for (int c = 0; c < channels; c++, x += at->height * at->width)
        for (int i = 0; i < at->rows; i++)
            for (int j = 0; j < at->columns; j++) *y++ = largest(at, inside(at, i, j), x);
}

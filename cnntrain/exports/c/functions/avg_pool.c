#include "inside.c"

// y[c, i, j] = the mean of those entries of window (i, j) that lie on the image x[c].
static void avg_pool(const struct windows *at, int channels, const float x[], float y[]) {
    for (int c = 0; c < channels; c++, x += at->height * at->width)
        for (int i = 0; i < at->rows; i++)
            for (int j = 0; j < at->columns; j++) {
                const struct part part = inside(at, i, j);
                float sum = 0;
                for (int row = part.top; row < part.bottom; row++) {
                    float of_row = 0;
                    for (int column = part.left; column < part.right; column++)
                        of_row += x[row * at->width + column];
                    sum += of_row;
                }
                *y++ = sum / (float)((part.bottom - part.top) * (part.right - part.left));
            }
}

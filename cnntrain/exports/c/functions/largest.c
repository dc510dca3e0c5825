#include "inside.c"

// The largest entry of a part of the image x.
static float largest(const struct windows *at, struct part part, const float x[]) {
    float most = x[part.top * at->width + part.left];
    for (int row = part.top; row < part.bottom; row++)
        for (int column = part.left; column < part.right; column++)
            if (x[row * at->width + column] > most) most = x[row * at->width + column];
    return most;
}

#include "windows.c"

// y[i, j] += weight times entry (u, v) of window (i, j), where that lies on the image x.
static void add_entry(const struct windows *at, int u, int v, float weight, const float *restrict x,
                      float *restrict y) {
    const int down = u * at->dilation[0] - at->top, right = v * at->dilation[1] - at->left;
    const int step = at->stride[1];
    int first = 0, end = at->columns;
    while (first < end && first * step + right < 0) first++;
    while (first < end && (end - 1) * step + right >= at->width) end--;
    for (int i = 0; i < at->rows; i++, y += at->columns) {
        const int row = i * at->stride[0] + down;
        if (row < 0 || row >= at->height) continue;
        const int start = row * at->width + right;
        for (int j = first; j < end; j++) y[j] += weight * x[start + j * step];
    }
}

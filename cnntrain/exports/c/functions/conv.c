#include "add_entry.c"

// y[f, i, j] = bias[f] + sum over c, u, v of weight[f, c, u, v] x[c], at entry (u, v) of window
// (i, j); filters come in groups, each of which sees some of the channels only.
static void conv(const struct windows *at, int groups, int channels, int filters,
                 const float weight[], const float bias[], const float x[], float y[]) {
    const int size = at->rows * at->columns, of_group = channels / groups;
    for (int f = 0; f < filters; f++, y += size) {
        const float *of_channel = x + f / (filters / groups) * of_group * at->height * at->width;
        for (int k = 0; k < size; k++) y[k] = bias[f];
        for (int c = 0; c < of_group; c++, of_channel += at->height * at->width)
            for (int u = 0; u < at->kernel[0]; u++)
                for (int v = 0; v < at->kernel[1]; v++)
                    add_entry(at, u, v, *weight++, of_channel, y);
    }
}

// y[c] = (x[c] - mean[c]) scale[c] + bias[c].  y may be x.
static void batch_norm(int channels, int size, const float mean[], const float scale[],
                       const float bias[], const float x[], float y[]) {
    for (int c = 0; c < channels; c++, x += size, y += size)
        for (int k = 0; k < size; k++) y[k] = (x[k] - mean[c]) * scale[c] + bias[c];
}

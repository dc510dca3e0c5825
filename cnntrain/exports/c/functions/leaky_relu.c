// y = x on the right of 0, slope x on the left.  y may be x.
static void leaky_relu(int n, float slope, const float x[], float y[]) {
    for (int k = 0; k < n; k++) y[k] = x[k] > 0 ? x[k] : slope * x[k];
}

// y = max(0, x).  y may be x.
static void relu(int n, const float x[], float y[]) {
    for (int k = 0; k < n; k++) y[k] = x[k] > 0 ? x[k] : 0;
}

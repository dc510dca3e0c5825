// y = max(0, x), but within `radius` of 0 a parabola that joins smoothly.  y may be x.
static void smooth_relu(int n, float radius, const float x[], float y[]) {
    for (int k = 0; k < n; k++) {
        const float line = x[k] + radius;
        if (x[k] >= radius) y[k] = x[k];
        else y[k] = line <= 0 ? 0 : line * line / (4 * radius);
    }
}

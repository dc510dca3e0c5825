// The sum of w[i] x[i], some at a time: rounding errors of long sums add up.
static float inner_product(int n, const float w[], const float x[]) {
    float sum = 0;
    for (int i = 0; i < n;) {
        const int end = n - i < 64 ? n : i + 64;
        float part = 0;
        for (; i < end; i++) part += w[i] * x[i];
        sum += part;
    }
    return sum;
}

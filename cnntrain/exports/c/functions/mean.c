// The mean of x[i], added up some at a time: rounding errors of long sums add up.
static float mean(int n, const float x[]) {
    float sum = 0;
    for (int i = 0; i < n;) {
        const int end = n - i < 64 ? n : i + 64;
        float part = 0;
        for (; i < end; i++) part += x[i];
        sum += part;
    }
    return sum / (float)n;
}

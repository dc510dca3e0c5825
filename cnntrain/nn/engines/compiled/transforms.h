// The transforms of Winograd's algorithm F(n x n, 3x3), for n = 4, 3, 2 or 1 outputs, in one direction;
// both are taken one by one (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016,
// Section 4.3).
//
//     Y = A^T [(G g G^T) * (B^T d B)] A        with a product * entry by entry
//
// Entries belong to the points 0, infinity, 1, -1, 2 and -2, of which n outputs take the first n + 2.
// G is the same for every n, scaled for n = 4: that of a smaller n is in its B.  Each matrix comes with
// its transpose, which is what the gradient goes through.

#ifndef TRANSFORMS_H
#define TRANSFORMS_H

#include "vectors.h"

#define POINTS 6

INLINE vector times(real a, vector x) { return all(a) * x; }

// t = B^T d, n + 2 numbers of as many.
INLINE void input_transform(const int n, const vector *d, vector *t) {
    if (n == 4) {
        const vector e = d[4] - times(4, d[2]), o = d[3] - times(4, d[1]);
        const vector p = d[4] - d[2], r = times(2, d[3] - d[1]);
        t[0] = times(4, d[0]) - times(5, d[2]) + d[4];
        t[1] = times(4, d[1]) - times(5, d[3]) + d[5];
        t[2] = e + o;
        t[3] = e - o;
        t[4] = p + r;
        t[5] = p - r;
    } else if (n == 3) {
        const vector r = times(2, d[3] - d[1]);
        t[0] = times(4, d[0] - d[2]) + r;
        t[1] = d[4] - d[2] - r;
        t[2] = times(3, d[3] - d[2] - times(2, d[1]));
        t[3] = d[3] - times(3, d[2]) + times(2, d[1]);
        t[4] = times(2, r);
    } else if (n == 2) {
        t[0] = times(4, d[0] - d[2]);
        t[1] = d[3] - d[1];
        t[2] = times(-3, d[1] + d[2]);
        t[3] = times(3, d[1] - d[2]);
    } else {
        t[0] = times(4, d[0] - d[1]);
        t[1] = d[2] - d[1];
        t[2] = times(-6, d[1]);
    }
}

// d = B t.
INLINE void input_transform_back(const int n, const vector *t, vector *d) {
    if (n == 4) {
        const vector a = t[2] + t[3], m = t[2] - t[3], c = t[4] + t[5], e = t[4] - t[5];
        d[0] = times(4, t[0]);
        d[1] = times(-4, m) - times(2, e) + times(4, t[1]);
        d[2] = times(-5, t[0]) - times(4, a) - c;
        d[3] = m + times(2, e) - times(5, t[1]);
        d[4] = t[0] + a + c;
        d[5] = t[1];
    } else if (n == 3) {
        const vector r = times(2, t[0] - t[1]) + times(4, t[4]);
        d[0] = times(4, t[0]);
        d[1] = times(2, t[3]) - times(6, t[2]) - r;
        d[2] = times(-4, t[0]) - times(3, t[2] + t[3]) - t[1];
        d[3] = times(3, t[2]) + t[3] + r;
        d[4] = t[1];
    } else if (n == 2) {
        d[0] = times(4, t[0]);
        d[1] = times(-3, t[2] - t[3]) - t[1];
        d[2] = times(-4, t[0]) - times(3, t[2] + t[3]);
        d[3] = t[1];
    } else {
        d[0] = times(4, t[0]);
        d[1] = times(-4, t[0]) - times(6, t[2]) - t[1];
        d[2] = t[1];
    }
}

// y = A^T m, n numbers of n + 2.
INLINE void output_transform(const int n, const vector *m, vector *y) {
    if (n == 1) {
        y[0] = m[0] + m[1] + m[2];
        return;
    }
    const vector a = m[2] + m[3], s = m[2] - m[3];
    if (n == 2) {
        y[0] = m[0] + a;
        y[1] = s + m[1];
    } else if (n == 3) {
        y[0] = m[0] + a + m[4];
        y[1] = s + times(2, m[4]);
        y[2] = a + times(4, m[4]) + m[1];
    } else {
        const vector b = m[4] + m[5], e = m[4] - m[5];
        y[0] = m[0] + a + b;
        y[1] = s + times(2, e);
        y[2] = a + times(4, b);
        y[3] = s + times(8, e) + m[1];
    }
}

// m = A y.
INLINE void output_transform_back(const int n, const vector *y, vector *m) {
    m[0] = y[0];
    m[1] = y[n - 1];
    if (n == 1) {
        m[2] = y[0];
        return;
    }
    const vector e = n > 2 ? y[0] + y[2] : y[0], o = n > 3 ? y[1] + y[3] : y[1];
    m[2] = e + o;
    m[3] = e - o;
    if (n == 2) return;
    const vector f = y[0] + times(4, y[2]);
    const vector g = n > 3 ? times(2, y[1]) + times(8, y[3]) : times(2, y[1]);
    m[4] = f + g;
    if (n > 3) m[5] = f - g;
}

#define FRACTION(n) ((real)1 / (n))

// u = G g, 6 numbers of 3, for n = 4.
INLINE void kernel_transform(const int n, const vector *g, vector *u) {
    const vector p = times(-FRACTION(6), g[0] + g[2]);
    const vector q = times(FRACTION(24), g[0]) + times(FRACTION(6), g[2]);
    const vector b6 = times(FRACTION(6), g[1]), b12 = times(FRACTION(12), g[1]);
    u[0] = times(FRACTION(4), g[0]);
    u[1] = g[2];
    u[2] = p - b6;
    u[3] = p + b6;
    u[4] = q + b12;
    u[5] = q - b12;
    (void)n;
}

// g = G^T u.
INLINE void kernel_transform_back(const int n, const vector *u, vector *g) {
    const vector a = u[2] + u[3], b = u[4] + u[5];
    g[0] = times(FRACTION(4), u[0]) - times(FRACTION(6), a) + times(FRACTION(24), b);
    g[1] = times(FRACTION(6), u[3] - u[2]) + times(FRACTION(12), u[4] - u[5]);
    g[2] = times(FRACTION(6), b - a) + u[1];
    (void)n;
}

// A tile, or what becomes of it: vector (i, j) is at + i row + j column.
typedef struct {
    real *at;
    int64_t row, column;
} Grid;

// `transform` of each of so many columns of x, for n outputs; it takes n + `in` numbers and gives
// n + `out`.
typedef void (*Transform)(const int n, const vector *, vector *);
INLINE void columns_of(Transform transform, const int n, const int in, const int out, Grid x,
                       int64_t columns, Grid y) {
    for (int64_t j = 0; j < columns; j++) {
        vector a[POINTS], b[POINTS];
        EACH (i, n + in) a[i] = load(x.at + i * x.row + j * x.column);
        transform(n, a, b);
        EACH (i, n + out) store(y.at + i * y.row + j * y.column, b[i]);
    }
}
INLINE void every_column(Transform transform, int64_t n, const int in, const int out, Grid x,
                         int64_t columns, Grid y) {
    if (n == 4) columns_of(transform, 4, in, out, x, columns, y);
    else if (n == 3) columns_of(transform, 3, in, out, x, columns, y);
    else if (n == 2) columns_of(transform, 2, in, out, x, columns, y);
    else columns_of(transform, 1, in, out, x, columns, y);
}

// Both directions: of the columns of x, then of the rows of what results, for rows x columns outputs.
INLINE void both_ways(Transform transform, int64_t rows, int64_t columns, const int in,
                      const int out, Grid x, Grid y) {
    real numbers[POINTS * POINTS * WIDTH] __attribute__((aligned(VECTOR_BYTES)));
    const Grid between = {numbers, POINTS * WIDTH, WIDTH},
               turned = {numbers, WIDTH, POINTS * WIDTH};
    every_column(transform, rows, in, out, x, columns + in, between);
    every_column(transform, columns, in, out, turned, rows + out, (Grid){y.at, y.column, y.row});
}

#endif

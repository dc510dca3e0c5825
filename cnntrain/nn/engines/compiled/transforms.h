// The transforms of Winograd's algorithm F(4x4, 3x3), in one direction; both are taken one by one
// (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016, Section 4.3).
//
//     Y = A^T [(G g G^T) * (B^T d B)] A        with a product * entry by entry
//
// Each matrix comes with its transpose, which is what the gradient goes through.

#ifndef TRANSFORMS_H
#define TRANSFORMS_H

#include "vectors.h"

INLINE vector times(real a, vector x) { return all(a) * x; }

// t = B^T d, of 6 numbers.
INLINE void input_transform(const vector *d, vector *t) {
    const vector e = d[4] - times(4, d[2]), o = d[3] - times(4, d[1]);
    const vector p = d[4] - d[2], r = times(2, d[3] - d[1]);
    t[0] = times(4, d[0]) - times(5, d[2]) + d[4];
    t[1] = e + o;
    t[2] = e - o;
    t[3] = p + r;
    t[4] = p - r;
    t[5] = times(4, d[1]) - times(5, d[3]) + d[5];
}

// d = B t.
INLINE void input_transform_back(const vector *t, vector *d) {
    const vector a = t[1] + t[2], m = t[1] - t[2], c = t[3] + t[4], e = t[3] - t[4];
    d[0] = times(4, t[0]);
    d[1] = times(-4, m) - times(2, e) + times(4, t[5]);
    d[2] = times(-5, t[0]) - times(4, a) - c;
    d[3] = m + times(2, e) - times(5, t[5]);
    d[4] = t[0] + a + c;
    d[5] = t[5];
}

// y = A^T m, 4 numbers of 6.
INLINE void output_transform(const vector *m, vector *y) {
    const vector a = m[1] + m[2], s = m[1] - m[2], b = m[3] + m[4], e = m[3] - m[4];
    y[0] = m[0] + a + b;
    y[1] = s + times(2, e);
    y[2] = a + times(4, b);
    y[3] = s + times(8, e) + m[5];
}

// m = A y.
INLINE void output_transform_back(const vector *y, vector *m) {
    const vector e = y[0] + y[2], o = y[1] + y[3];
    const vector f = y[0] + times(4, y[2]), g = times(2, y[1]) + times(8, y[3]);
    m[0] = y[0];
    m[1] = e + o;
    m[2] = e - o;
    m[3] = f + g;
    m[4] = f - g;
    m[5] = y[3];
}

#define FRACTION(n) ((real)1 / (n))

// u = G g, 6 numbers of 3.
INLINE void kernel_transform(const vector *g, vector *u) {
    const vector p = times(-FRACTION(6), g[0] + g[2]);
    const vector q = times(FRACTION(24), g[0]) + times(FRACTION(6), g[2]);
    const vector b6 = times(FRACTION(6), g[1]), b12 = times(FRACTION(12), g[1]);
    u[0] = times(FRACTION(4), g[0]);
    u[1] = p - b6;
    u[2] = p + b6;
    u[3] = q + b12;
    u[4] = q - b12;
    u[5] = g[2];
}

// g = G^T u.
INLINE void kernel_transform_back(const vector *u, vector *g) {
    const vector a = u[1] + u[2], b = u[3] + u[4];
    g[0] = times(FRACTION(4), u[0]) - times(FRACTION(6), a) + times(FRACTION(24), b);
    g[1] = times(FRACTION(6), u[2] - u[1]) + times(FRACTION(12), u[3] - u[4]);
    g[2] = times(FRACTION(6), b - a) + u[5];
}

// Both directions: `transform` of the columns of x (rows, columns), then of the rows of what results.
// A matrix is an array of rows of 6 vectors, whatever its size.
typedef void (*Transform)(const vector *, vector *);
INLINE void both_ways(Transform transform, const int from, const int to, vector (*x)[6],
                      vector (*y)[6]) {
    vector between[6][6];
    EACH (j, from) {
        vector column[6], out[6];
        EACH (i, from) column[i] = x[i][j];
        transform(column, out);
        EACH (i, to) between[i][j] = out[i];
    }
    EACH (i, to) transform(between[i], y[i]);
}

#endif

// What a stage is given: shapes, addresses and strides.  stages.py fills the same structures.

#ifndef STAGES_H
#define STAGES_H

#include "vectors.h"

// Images of one or more groups: entry (group, c, i, j) is at + g group + c plane + i row + 16 j.
typedef struct {
    real *at;
    int64_t group, plane, row;
} Image;

// Where windows lie, as Windows in Python: `kernel` rows and columns, `dilation` apart, each window
// `stride` from the next, on an image `size` that is padded by `before` at the top and on the left.
typedef struct {
    int64_t size[2], kernel[2], stride[2], before[2], dilation[2], output[2];
} Windows;

// h(x) = x for x > 0 and slope x for x < 0, or h(x) = x where it does not `act`.  At 0 the derivative
// is 1, or `slope` if zero_is_low.
typedef struct {
    int64_t acts, zero_is_low;
    double slope;
} Activation;

// What every stage has, in this order: where its numbers lie, for so many groups of samples.
#define OF_EVERY_STAGE \
    int64_t groups; \
    Image x, dx, y, dy; /* x and dx begin with their padding */ \
    const real *weight, *bias; \
    real *dweight, *dbias; \
    int64_t need_dx; \
    void *kept; /* what the way back needs beside x and y */ \
    real *scratch; \
    const int64_t *drawn; /* for this step: see those who use it */ \
    int64_t start;        /* number in the batch of the first sample */ \
    int64_t samples; \
    int64_t fixed;       /* takes running statistics, and leaves them as they are */ \
    const real *buffers; /* these */ \
    real *statistics; /* what the chunk's samples add to those of the batch; 0: not asked for */ \
    double *gathered; /* what the chunk adds to that which is needed of all, */ \
    const double *total; /* and what they gave together */

typedef struct {
    OF_EVERY_STAGE
} Stage;

// Convolution, activation, max-pooling.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels, filters, parts;  // parts: groups of channels
    Windows windows;
    Activation activation;
    int64_t pools;
    Windows pool;
    real *kernels;  // Winograd: the transformed kernels
} Convolution;

// Pooling of windows of each channel by itself.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels;
    Windows windows;
    int64_t splits;  // entries that hold the same maximum share its gradient
    double beta;     // of the smooth maximum
} Pool;

// A function of one number, of images or vectors: C x 1 x 1.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels, height, width;
    double left, at_zero;  // rectifiers: the derivative for x < 0, and at 0
    double radius;         // the rounded one
    double alpha;          // elu
} PointFunction;

// Group normalisation, activation, of images or vectors: C x 1 x 1.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels, height, width;
    int64_t parts;  // groups of channels
    double epsilon;
    Activation activation;
} GroupNorm;

// Batch normalisation, activation, of images or vectors: C x 1 x 1.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels, height, width;
    int64_t over;  // samples that have statistics of their own; 0: the batch
    double epsilon;
    Activation activation;
} BatchNorm;

// Dropout, of images or vectors: C x 1 x 1.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels, height, width;
    int64_t threshold;  // of random words: entries with a smaller one are set to 0
    double scale;       // of the others
} Dropout;

// A joint of a residual block, of images or vectors: C x 1 x 1.
typedef struct {
    OF_EVERY_STAGE
    int64_t channels, height, width;
    Image inside;         // of dx, without its padding
    Image other, dother;  // what waits on the stack, and its gradient
    Activation activation;
} Joint;

// Soft-max.  x (groups, outputs, 16), y likewise.
typedef struct {
    OF_EVERY_STAGE
    int64_t outputs;
} Softmax;

// Dense layer, activation.  x (groups, inputs, 16), y (groups, units, 16).
typedef struct {
    OF_EVERY_STAGE
    int64_t inputs, units;
    Activation activation;
} Dense;

#endif

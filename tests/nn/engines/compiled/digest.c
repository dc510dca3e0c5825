// Prints a digest of what all kernels make of the same numbers: one for every
// processor and compiler.

#include <stdio.h>
#include <stdlib.h>

#ifndef REAL_BYTES
#define REAL_BYTES 4
#endif
#include "average_pooling.h"
#include "batch.h"
#include "batch_norm.h"
#include "convolution.h"
#include "dense.h"
#include "dropout.h"
#include "group_norm.h"
#include "joints.h"
#include "loss.h"
#include "max_pooling.h"
#include "normals.c"
#include "point_functions.h"
#include "resampling.c"
#include "smooth_pooling.h"
#include "softmax.h"
#include "winograd.h"

#define GROUPS 2

static uint64_t digest = 14695981039346656037u;  // FNV-1a
static void add(const void *from, int64_t count) {
    const uint8_t *byte = from;
    for (int64_t i = 0; i < count * (int64_t)sizeof(real); i++)
        digest = (digest ^ byte[i]) * 1099511628211u;
}

static void *taken[400];
static int blocks = 0;
static real *numbers(int64_t count) {
    static uint32_t seed = 1;
    real *p = aligned_alloc(64, (size_t)rounded_up(count * (int64_t)sizeof(real), 64));
    for (int64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (real)((int32_t)seed / 2147483648.0);
    }
    return taken[blocks++] = p;
}
static Image images(int64_t channels, int64_t height, int64_t width) {
    const int64_t row = width * LANES, plane = height * row;
    return (Image){numbers(GROUPS * channels * plane), channels * plane, plane, row};
}

static void convolution(int winograd, int64_t channels, int64_t filters, int64_t height,
                        int64_t width) {
    const int64_t oh = height - 2, ow = width - 2;
    int64_t order[] = {2, 0, 3, 1};
    Convolution s = {.groups = GROUPS, .channels = channels, .filters = filters, .parts = 1};
    s.windows = (Windows){{height, width}, {3, 3}, {1, 1}, {0, 0}, {1, 1}, {oh, ow}};
    s.pool = (Windows){{oh, ow}, {2, 2}, {2, 2}, {0, 0}, {1, 1}, {oh / 2, ow / 2}};
    s.pools = s.need_dx = 1;
    s.drawn = order;
    s.activation = (Activation){1, 0, 0.1};
    const int64_t room[] = {rounded_up(oh, 4) + 2, rounded_up(ow, 4) + 2};
    s.x = images(channels, room[0], room[1]);
    s.dx = images(channels, room[0], room[1]);
    memset(s.dx.at, 0, (size_t)(GROUPS * s.dx.group) * sizeof(real));
    s.y = images(filters, oh / 2, ow / 2);
    s.dy = images(filters, oh / 2, ow / 2);
    s.kept = numbers(GROUPS * filters * oh * ow * LANES);
    s.weight = numbers(filters * channels * 9);
    s.dweight = numbers(filters * channels * 9);
    s.bias = numbers(filters);
    s.dbias = numbers(filters);
    if (winograd) {
        s.scratch = numbers(NAME(winograd_scratch)(&s));
        s.kernels = numbers(NAME(winograd_kernels)(&s));
        for (int share = 0; share < 3; share++) NAME(winograd_prepare)(&s, share, 3);
        NAME(winograd_forward)(&s);
        NAME(winograd_backward)(&s);
    } else {
        s.scratch = numbers(NAME(convolution_scratch)(&s));
        NAME(convolution_forward)(&s);
        NAME(convolution_backward)(&s);
    }
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
    add(s.dweight, filters * channels * 9);
    add(s.dbias, filters);
}

static void dense(int64_t inputs, int64_t units) {
    Dense s = {.groups = GROUPS, .inputs = inputs, .units = units, .need_dx = 1};
    s.activation.acts = 1;
    s.x = images(inputs, 1, 1);
    s.dx = images(inputs, 1, 1);
    s.y = images(units, 1, 1);
    s.dy = images(units, 1, 1);
    s.weight = numbers(inputs * units);
    s.dweight = numbers(inputs * units);
    s.bias = numbers(units);
    s.dbias = numbers(units);
    s.scratch = numbers(NAME(dense_scratch)(&s));
    NAME(dense_forward)(&s);
    NAME(dense_backward)(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
    add(s.dweight, inputs * units);
}

typedef void (*PoolFunction)(const Pool *);
static void pool(PoolFunction forward, PoolFunction backward, int64_t splits) {
    int64_t order[] = {2, 0, 5, 3, 1, 4};
    Pool s = {.groups = GROUPS, .channels = 3, .splits = splits, .beta = 1.7, .drawn = order};
    s.windows = (Windows){{7, 9}, {2, 3}, {1, 2}, {1, 1}, {1, 1}, {8, 5}};
    s.x = images(3, 7, 9);
    s.dx = images(3, 7, 9);
    s.y = images(3, 8, 5);
    s.dy = images(3, 8, 5);
    s.scratch = numbers(larger(NAME(max_pool_scratch)(&s), NAME(smooth_pool_scratch)(&s)));
    for (int64_t i = 0; i < GROUPS * s.x.group; i += 2) s.x.at[i] = 0;  // so that some are tied
    forward(&s);
    backward(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
}

typedef void (*PointwiseFunction)(const PointFunction *);
static void point_function(PointwiseFunction forward, PointwiseFunction backward) {
    PointFunction s = {.groups = GROUPS, .channels = 3, .height = 5, .width = 4};
    s.left = 0.1, s.at_zero = 0.5, s.radius = 0.25, s.alpha = 0.7;
    s.x = images(3, 5, 4);
    s.dx = images(3, 5, 4);
    s.y = images(3, 5, 4);
    s.dy = images(3, 5, 4);
    for (int64_t i = 0; i < GROUPS * s.x.group; i++) s.x.at[i] *= 20;
    forward(&s);
    backward(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
}

// Statistics over groups of `over` samples, over all of two chunks, or fixed
// ones.
static void batch_norm(int64_t over, int64_t fixed) {
    BatchNorm s = {.groups = GROUPS, .channels = 6, .height = 5, .width = 4, .over = over};
    s.samples = GROUPS * LANES - 5;
    s.need_dx = s.activation.acts = 1;
    s.fixed = fixed;
    s.epsilon = 1e-5;
    s.x = images(6, 5, 4);
    s.dx = images(6, 5, 4);
    s.y = images(6, 5, 4);
    s.dy = images(6, 5, 4);
    s.weight = numbers(6);
    s.bias = numbers(6);
    s.dweight = numbers(6);
    s.dbias = numbers(6);
    s.kept = numbers(GROUPS * 6 * 2);
    real *buffers = numbers(12), *statistics = numbers(12);
    for (int64_t c = 6; c < 12; c++) buffers[c] *= buffers[c];
    s.buffers = buffers;
    s.statistics = statistics;
    double one[13], total[13];
    s.gathered = one;
    s.total = total;
    NAME(batch_norm_gather)(&s);
    memcpy(total, one, sizeof one);
    NAME(batch_norm_add)(&s, total, one);
    NAME(batch_norm_forward)(&s);
    if (!over && !fixed) {
        NAME(batch_norm_gather_back)(&s);
        memcpy(total, one, sizeof one);
        NAME(batch_norm_add_back)(&s, total, one);
    }
    NAME(batch_norm_backward)(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
    add(s.dweight, 6);
    add(s.dbias, 6);
    add(statistics, 12);
}

static void group_norm(int64_t parts) {
    GroupNorm s = {.groups = GROUPS, .channels = 6, .height = 5, .width = 4, .parts = parts};
    s.need_dx = s.activation.acts = 1;
    s.epsilon = 1e-5;
    s.x = images(6, 5, 4);
    s.dx = images(6, 5, 4);
    s.y = images(6, 5, 4);
    s.dy = images(6, 5, 4);
    s.weight = numbers(6);
    s.bias = numbers(6);
    s.dweight = numbers(6);
    s.dbias = numbers(6);
    s.kept = numbers(GROUPS * parts * 2 * LANES);
    s.scratch = numbers(NAME(group_norm_scratch)(&s));
    NAME(group_norm_forward)(&s);
    NAME(group_norm_backward)(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
    add(s.dweight, 6);
    add(s.dbias, 6);
}

static void joints(int64_t acts) {
    Joint s = {.groups = GROUPS, .channels = 3, .height = 5, .width = 4};
    s.activation = (Activation){acts, 0, 0.1};
    s.x = images(3, 5, 4);
    s.y = images(3, 5, 4);
    s.dx = s.inside = images(3, 5, 4);
    s.dy = images(3, 5, 4);
    s.other = images(3, 5, 4);
    s.dother = images(3, 5, 4);
    NAME(sum_forward)(&s);
    NAME(sum_backward)(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
    NAME(branch_forward)(&s);
    NAME(branch_backward)(&s);
    add(s.dx.at, GROUPS * s.dx.group);
    NAME(turn_forward)(&s);
    add(s.y.at, GROUPS * s.y.group);
}

static void dropout(int64_t acts) {
    const int64_t drawn[] = {acts, -123456789012345678, 987654321098765432};
    Dropout s = {
        .groups = GROUPS, .channels = 3, .height = 5, .width = 3, .drawn = drawn, .start = 77};
    s.threshold = (int64_t)1 << 31;
    s.scale = 2;
    s.x = images(3, 5, 3);
    s.dx = images(3, 5, 3);
    s.y = images(3, 5, 3);
    s.dy = images(3, 5, 3);
    s.kept = numbers(GROUPS * s.x.group);
    NAME(dropout_forward)(&s);
    add(s.y.at, GROUPS * s.y.group);
    if (!acts) return;
    NAME(dropout_backward)(&s);
    add(s.dx.at, GROUPS * s.dx.group);
}

static void softmax(int64_t outputs) {
    Softmax s = {.groups = GROUPS, .outputs = outputs};
    s.x = images(outputs, 1, 1);
    s.dx = images(outputs, 1, 1);
    s.y = images(outputs, 1, 1);
    s.dy = images(outputs, 1, 1);
    NAME(softmax_forward)(&s);
    NAME(softmax_backward)(&s);
    add(s.y.at, GROUPS * s.y.group);
    add(s.dx.at, GROUPS * s.dx.group);
}

static void loss(LossFunction function, int64_t outputs, int64_t samples) {
    int64_t labels[GROUPS * LANES];
    for (int64_t i = 0; i < samples; i++) labels[i] = i % outputs;
    Loss l = {
        .outputs = outputs, .samples = samples, .labels = labels, .smoothing = 0.1, .share = 0.5};
    l.z = images(outputs, 1, 1);
    l.p = images(outputs, 1, 1);
    l.values = numbers(GROUPS * LANES);
    for (int64_t i = 0; i < GROUPS * l.z.group; i++) l.z.at[i] *= 20;
    for (l.trains = 0; l.trains < 2; l.trains++) {
        function(&l);
        add(l.p.at, GROUPS * l.p.group);
        add(l.values, samples);
    }
}

static void inputs(int64_t height, int64_t width, int64_t channels, int64_t samples) {
    const int64_t count = height * width * channels;
    int64_t rows[GROUPS * LANES];
    for (int64_t i = 0; i < samples; i++) rows[i] = (3 * i) % samples;
    const real *x = numbers(samples * count), *scale = numbers(count), *shift = numbers(count);
    double *mean = malloc((size_t)count * 2 * sizeof(double)), *std = mean + count;
    for (int64_t i = 0; i < count; i++) mean[i] = (double)shift[i], std[i] = 2 + (double)scale[i];
    const Image to = images(channels, height, width);
    Inputs in = {x, 0, rows, height, width, channels, scale, shift, 0, 0};
    load_inputs(&in, 0, samples, to);
    add(to.at, GROUPS * to.group);
    in = (Inputs){
        x, REAL_BYTES == 4 ? SINGLES : DOUBLES, rows, height, width, channels, 0, 0, mean, std};
    load_inputs(&in, 0, samples, to);
    add(to.at, GROUPS * to.group);
    free(mean);
}

// What augmentations call.
static void augmentations(void) {
    const int64_t in_reals = 8 / sizeof(real);
    const uint64_t words[] = {1, 1u << 31, 0x61C8864680B583EB};
    double y[3 * 130];
    normals(words, y, 3, 130);
    add(y, 3 * 130 * in_reals);
    double maps[3][6] = {
        {0.9, 0.3, -1, -0.4, 1.1, 2.5}, {1, 0, -2, 0, 1, 3}, {3, 0, 9, 0, -2.7, 8}};
    double to[3 * 8 * 7 * 2], color[2] = {0.25, 3};
    float single[3 * 8 * 7 * 2], single_to[3 * 8 * 7 * 2];
    uint8_t byte[3 * 8 * 7 * 2], byte_to[3 * 8 * 7 * 2];
    for (int k = 0; k < 3 * 8 * 7 * 2; k++) single[k] = (float)y[k], byte[k] = (uint8_t)(37 * k);
    for (int64_t fill = 0; fill < 3; fill++) {
        Resampling r = {y, to, maps[0], fill == 2 ? color : 0, 3, 8, 7, 2, fill == 1};
        resample_float64(&r);
        add(to, 3 * 8 * 7 * 2 * in_reals);
        r.from = single, r.to = single_to;
        resample_float32(&r);
        for (int k = 0; k < 3 * 8 * 7 * 2; k++) to[k] = (double)single_to[k];
        add(to, 3 * 8 * 7 * 2 * in_reals);
        r.from = byte, r.to = byte_to;
        resample_uint8(&r);
        for (int k = 0; k < 3 * 8 * 7 * 2; k++) to[k] = byte_to[k];
        add(to, 3 * 8 * 7 * 2 * in_reals);
    }
}

int main(void) {
    convolution(0, 3, 5, 9, 11);
    convolution(1, 17, 19, 11, 13);
    dense(37, 21);
    pool(NAME(max_pool_forward), NAME(max_pool_backward), 0);
    pool(NAME(max_pool_forward), NAME(max_pool_backward), 1);
    pool(NAME(avg_pool_forward), NAME(avg_pool_backward), 0);
    pool(NAME(smooth_pool_forward), NAME(smooth_pool_backward), 0);
#define POINT(h) point_function(NAME(h##_forward), NAME(h##_backward))
    POINT(rectifier);
    POINT(rounded_rectifier);
    POINT(elu);
    POINT(gelu);
    POINT(silu);
    POINT(sigmoid);
    POINT(hyperbolic_tangent);
    batch_norm(0, 0);
    batch_norm(LANES, 0);
    batch_norm(0, 1);
    group_norm(1);
    group_norm(3);
    joints(0);
    joints(1);
    dropout(0);
    dropout(1);
    softmax(11);
    loss(NAME(cross_entropy), 10, 23);
    loss(NAME(quadratic), 3, 32);
    inputs(5, 7, 3, 27);
    augmentations();
    printf("%016llx\n", (unsigned long long)digest);
    while (blocks) free(taken[--blocks]);
    return 0;
}

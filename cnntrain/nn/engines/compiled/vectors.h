// Vectors: sixteen samples, one a lane, whatever the width of the processor's registers.
//
// Arrays are (group, C, H, W, 16): the samples of a batch in groups of sixteen, innermost.  An
// operation does the same in every lane, so that nothing is ever shuffled and no remainder is left
// over, and what is summed over samples is summed over a tree of sixteen lanes.  The bits of a
// result therefore do not depend on WIDTH, the number of lanes in a register.
//
// This file and those that include it are read once for each type of number, see float32.c.

#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>
#include <string.h>

#if REAL_BYTES == 4
typedef float real;
typedef int32_t whole;
#define NAME(name) name##_float32
#else
typedef double real;
typedef int64_t whole;
#define NAME(name) name##_float64
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

#define LANES 16
#define WIDTH (VECTOR_BYTES / REAL_BYTES)
#define PARTS (LANES / WIDTH)  // registers that hold one number of each of sixteen samples

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real aligned __attribute__((vector_size(VECTOR_BYTES), aligned(VECTOR_BYTES), may_alias));
typedef real unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(REAL_BYTES), may_alias));
typedef whole mask __attribute__((vector_size(VECTOR_BYTES)));
typedef uint8_t bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif
// for i = 0, ..., n - 1, written out one after the other.
#define EACH(i, n) UNROLL for (int i = 0; i < (n); i++)

// Fused multiply-add, a b + c rounded once: the same bits on every processor that has it.
#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif
INLINE vector fma_(vector a, vector b, vector c) {
#if VECTOR_BYTES == 64 && REAL_BYTES == 4
    return (vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif VECTOR_BYTES == 64
    return (vector)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif VECTOR_BYTES == 32 && REAL_BYTES == 4
    return (vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif VECTOR_BYTES == 32
    return (vector)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif REAL_BYTES == 4
    return (vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return (vector)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#endif
}

INLINE vector load(const real *p) { return *(const aligned *)p; }
INLINE void store(real *p, vector x) { *(aligned *)p = x; }
INLINE vector load_any(const real *p) { return *(const unaligned *)p; }
INLINE void store_any(real *p, vector x) { *(unaligned *)p = x; }
INLINE vector zero(void) { return (vector){0}; }
INLINE vector all(real x) { return x - (vector){0}; }
INLINE vector choose(mask m, vector a, vector b) {
    return (vector)(((mask)a & m) | ((mask)b & ~m));
}
INLINE vector where(mask m, vector a) { return (vector)((mask)a & m); }
INLINE vector larger_or_nan(vector a, vector b) { return choose((b > a) | (b != b), b, a); }

// The sum of sixteen lanes over a tree: lane l and l + 8, then l and l + 4, ...
INLINE real sum_of_lanes(const vector *x) {
    real s[LANES];
    for (int h = 0; h < PARTS; h++) store_any(s + h * WIDTH, x[h]);
    for (int k = LANES / 2; k; k /= 2)
        for (int i = 0; i < k; i++) s[i] += s[i + k];
    return s[0];
}

INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
INLINE int64_t rounded_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

#endif

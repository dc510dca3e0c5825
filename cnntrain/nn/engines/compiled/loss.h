// The losses (Section 2 of the note), of outputs z of the last layer in groups of sixteen samples.

#ifndef LOSS_H
#define LOSS_H

#include "elementary.h"
#include "stages.h"

// z (groups, e, 16) of `samples` samples, and what is wanted of them.
typedef struct {
    Image z, p;  // p: the network's outputs, then in training `share` times dl/dz
    int64_t outputs, samples;
    const int64_t *labels;  // (samples), or
    const double *targets;  // (samples, e): real numbers, or the shares of the classes
    const double *weights;  // (e): of the classes in cross-entropy; 0: all are 1
    double smoothing, share;
    int64_t trains;
    real *values;          // (groups, 16): the loss of each sample
    double loss;           // their sum, and how many of them are misclassified or tied
    int64_t errors, ties;  // against the largest share where labels are mixed
} Loss;

typedef void (*LossFunction)(Loss *);

// The class with the largest share of a sample, the lowest of several.
INLINE whole largest_share(const double *shares, int64_t classes) {
    int64_t best = 0;
    for (int64_t c = 1; c < classes; c++)
        if (shares[c] > shares[best]) best = c;
    return (whole)best;
}

// The labels of sixteen samples; those of lanes without a sample are -1, no class.
INLINE void labels_of(const Loss *l, int64_t g, whole *labels) {
    for (int64_t k = 0; k < LANES; k++) {
        const int64_t s = g * LANES + k;
        if (s >= l->samples) labels[k] = -1;
        else if (l->labels) labels[k] = (whole)l->labels[s];
        else labels[k] = largest_share(l->targets + s * l->outputs, l->outputs);
    }
}

// Whether lanes h, h + 1, ... of group g hold a sample.
INLINE mask are_samples(const Loss *l, int64_t g, int h) {
    mask m;
    for (int k = 0; k < WIDTH; k++) m[k] = -(whole)(g * LANES + h + k < l->samples);
    return m;
}

// What BatchTotals counts: samples whose first largest p is not their label's, or not the only one.
INLINE void count_errors(Loss *l, const real *p, int64_t plane, mask label, mask counts) {
    vector best = load(p);
    mask who = {0}, equal = {0};
    for (int64_t c = 1; c < l->outputs; c++) {
        const vector value = load(p + c * plane);
        const mask larger = value > best;
        who = (((whole)c - (mask){0}) & larger) | (who & ~larger);
        equal = (equal & ~larger) | (value == best);
        best = choose(larger, value, best);
    }
    const mask wrong = (who != label) & counts, tied = equal & counts;
    for (int k = 0; k < WIDTH; k++) l->errors -= wrong[k], l->ties -= tied[k];
}

// The samples in lanes h, h + 1, ... of a group: where their z and p lie, what is known of them.
typedef struct {
    const real *z;
    real *p;
    int64_t first;  // number of the first sample
    mask label, counts;
} Lanes;

// All of them; `one` writes p, or its gradient, and gives the losses.
INLINE void for_all_lanes(Loss *l, vector (*one)(Loss *, const Lanes *)) {
    l->errors = l->ties = 0;
    for (int64_t g = 0; g < (l->samples + LANES - 1) / LANES; g++) {
        whole labels[LANES] __attribute__((aligned(64)));
        labels_of(l, g, labels);
        for (int h = 0; h < LANES; h += WIDTH) {
            const Lanes here = {l->z.at + g * l->z.group + h, l->p.at + g * l->p.group + h,
                                g * LANES + h, *(const mask *)(labels + h), are_samples(l, g, h)};
            store(l->values + here.first, one(l, &here));
        }
    }
    l->loss = 0;
    for (int64_t i = 0; i < l->samples; i++) l->loss += (double)l->values[i];  // in their order
}

// What the targets are in entry c, or the one-hot encoding of the labels.
INLINE vector target(const Loss *l, const Lanes *at, int64_t c) {
    vector y = where(at->label == (whole)c, all(1));
    for (int64_t k = 0; l->targets && k < WIDTH; k++)
        y[k] = at->counts[k] ? (real)l->targets[(at->first + k) * l->outputs + c] : 0;
    return y;
}

// Likewise r_c = v_c q_c, of classes with weights v, and q smoothed.
INLINE vector weighted_share(const Loss *l, const Lanes *at, int64_t c) {
    const double weight = l->weights ? l->weights[c] : 1;
    const double kept = 1 - l->smoothing, spread = l->smoothing / (double)l->outputs;
    return target(l, at, c) * (real)(kept * weight) + (real)(spread * weight);
}

// Cross-entropy of mixed labels, or where classes have weights, given p, the largest z, and
// log sum exp(z - top):
//
//     l = -sum over c of r_c log p_c      dl/dz = (sum over c of r_c) p - r
INLINE vector of_shares(Loss *l, const Lanes *at, vector top, vector log_sum) {
    const vector share = all((real)l->share);
    vector total = zero(), sum = zero();
    for (int64_t c = 0; c < l->outputs; c++) {
        const vector r = weighted_share(l, at, c);
        sum += where(r != 0, r * (log_sum - (load(at->z + c * l->z.plane) - top)));
        total += r;
    }
    for (int64_t c = 0; c < l->outputs && l->trains; c++) {
        const vector r = weighted_share(l, at, c);
        real *p = at->p + c * l->p.plane;
        store(p, where(at->counts, (total * load(p) - r) * share));
    }
    return sum;
}

// Soft-max and cross-entropy:
//
//     p_c = exp(z_c) / sum over j of exp(z_j)       l = log sum over j of exp(z_j) - q^T z
//
// and dl/dz = p - q, q being the one-hot encoding of the label, smoothed.  The largest z is
// subtracted first.
INLINE vector cross_entropy(Loss *l, const Lanes *at) {
    const int64_t e = l->outputs, z_plane = l->z.plane, p_plane = l->p.plane;
    const real kept = (real)(1 - l->smoothing), spread = (real)(l->smoothing / (double)e);
    const vector share = all((real)l->share);
    vector top = load(at->z), sum = zero(), of_label = zero(), total = zero();
    for (int64_t c = 1; c < e; c++) top = larger_or_nan(top, load(at->z + c * z_plane));
    for (int64_t c = 0; c < e; c++) {
        const vector shifted = load(at->z + c * z_plane) - top, power = exponential(shifted);
        store(at->p + c * p_plane, power);
        sum += power;
        total += shifted;
        of_label = choose(at->label == (whole)c, shifted, of_label);
    }
    for (int64_t c = 0; c < e; c++) store(at->p + c * p_plane, load(at->p + c * p_plane) / sum);
    if (l->smoothing != 0) of_label = kept * of_label + spread * total;
    count_errors(l, at->p, p_plane, at->label, at->counts);
    if (l->weights || l->targets) return of_shares(l, at, top, logarithm(sum));
    for (int64_t c = 0; c < e && l->trains; c++) {
        vector d = load(at->p + c * p_plane);
        d = choose(at->label == (whole)c, d - kept, d);
        if (l->smoothing != 0) d -= spread;
        store(at->p + c * p_plane, where(at->counts, d * share));
    }
    return logarithm(sum) - of_label;
}
EXPORT void NAME(cross_entropy)(Loss *l) { for_all_lanes(l, cross_entropy); }

// l = ||z - y||^2, y being the target or the one-hot encoding of the label; dl/dz = 2 (z - y).
INLINE vector quadratic(Loss *l, const Lanes *at) {
    const vector share = all((real)l->share);
    vector sum = zero();
    count_errors(l, at->z, l->z.plane, at->label, at->counts);
    for (int64_t c = 0; c < l->outputs; c++) {
        const vector output = load(at->z + c * l->z.plane), apart = output - target(l, at, c);
        sum += apart * apart;
        store(at->p + c * l->p.plane,
              l->trains ? where(at->counts, (apart + apart) * share) : output);
    }
    return sum;
}
EXPORT void NAME(quadratic)(Loss *l) { for_all_lanes(l, quadratic); }

#endif

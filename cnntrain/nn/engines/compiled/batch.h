// A batch on its way through all stages, forwards and back, in one call.
//
// Its chunks go to the members of a team as they come (team.h), each with memory of its own.  What adds
// up over samples is added over the tree of chunk numbers (execution/tree.py), so that results depend
// on the chunks and not on the members.

#ifndef BATCH_H
#define BATCH_H

#include "inputs.h"
#include "loss.h"
#include "team.h"
#include "update.h"

// What is the same for a stage in every member's memory.
typedef struct {
    void (*forward)(const void *), (*backward)(const void *);
    void (*prepare)(const void *, int64_t share, int64_t shares);  // 0: nothing to prepare
    int64_t weight, bias;  // where its parameters begin in w; -1: it has none
    int64_t drawn;         // where that which is drawn for it begins among all
} Kind;

typedef struct {
    int64_t stages, chunks, chunk_size, samples, members;
    const Kind *kinds;       // (stages)
    Stage *const *memories;  // (members, stages)
    Image *first;            // (members): where inputs go, inside the padding
    Inputs inputs;
    LossFunction lose;
    Loss *losses;            // (chunks)
    int64_t trains, below;   // stages below this one have no parameters: no gradient goes there
    const real *w;
    int64_t count;           // of parameters
    real *gradients;         // (chunks, count); the sum comes in the first
    const int64_t *drawn;    // for each stage, one after the other
    int64_t before;          // samples of the batch that come before these
    real *outputs;           // (samples, e), or 0: nobody wants them
} Batch;

static void one_chunk(Batch *b, int64_t member, int64_t number) {
    Stage *const *stages = b->memories + member * b->stages;
    Loss *loss = b->losses + number;
    const int64_t start = number * b->chunk_size;
    loss->samples = b->samples - start < b->chunk_size ? b->samples - start : b->chunk_size;
    load_inputs(&b->inputs, start, loss->samples, b->first[member]);
    for (int64_t k = 0; k < b->stages; k++) {
        const Kind *kind = b->kinds + k;
        real *gradient = b->gradients + number * b->count;
        Stage *s = stages[k];
        s->groups = (loss->samples + LANES - 1) / LANES;
        s->weight = kind->weight < 0 ? 0 : b->w + kind->weight;
        s->bias = kind->bias < 0 ? 0 : b->w + kind->bias;
        s->dweight = kind->weight < 0 ? 0 : gradient + kind->weight;
        s->dbias = kind->bias < 0 ? 0 : gradient + kind->bias;
        s->need_dx = k > b->below;
        s->drawn = b->drawn + kind->drawn;
        s->start = b->before + start;
        kind->forward(s);
    }
    loss->z = stages[b->stages - 1]->y;
    loss->p = stages[b->stages - 1]->dy;
    loss->z.plane = loss->p.plane = LANES;  // as vectors
    if (loss->labels) loss->labels += start;
    if (loss->targets) loss->targets += start * loss->outputs;
    b->lose(loss);
    for (int64_t s = 0; s < loss->samples && b->outputs; s++)
        for (int64_t c = 0; c < loss->outputs; c++)
            b->outputs[(start + s) * loss->outputs + c] =
                loss->p.at[s / LANES * loss->p.group + c * loss->p.plane + s % LANES];
    for (int64_t k = b->stages - 1; k >= b->below && b->trains; k--) b->kinds[k].backward(stages[k]);
}

// Numbers first ... end - 1 of the gradients, added over the tree.
static void add_gradients(const Batch *b, int64_t first, int64_t end) {
    for (int64_t step = 1; step < b->chunks; step *= 2)
        for (int64_t chunk = 0; chunk + step < b->chunks; chunk += 2 * step) {
            real *sum = b->gradients + chunk * b->count;
            const real *more = sum + step * b->count;
            for (int64_t i = first; i < end; i++) sum[i] += more[i];
        }
}

// The parallel parts of the work, task by task.
static void prepare(void *what, int64_t share, int64_t member) {
    Batch *b = what;
    for (int64_t k = 0; k < b->stages; k++) {
        if (!b->kinds[k].prepare) continue;
        Stage *s = b->memories[member * b->stages + k];
        s->weight = b->w + b->kinds[k].weight;
        b->kinds[k].prepare(s, share, b->members);
    }
}
static void pass_chunk(void *what, int64_t chunk, int64_t member) { one_chunk(what, member, chunk); }

static void add_strip(void *what, int64_t strip, int64_t member) {
    const Batch *b = what;
    (void)member;
    add_gradients(b, strip * STRIP, end_of(strip, b->count));
}

EXPORT void NAME(batch)(Batch *b) {
    int prepares = 0;
    for (int64_t k = 0; k < b->stages; k++) prepares |= b->kinds[k].prepare != 0;
    if (prepares) work_together(prepare, b, b->members, b->members);
    work_together(pass_chunk, b, b->chunks, b->members);
    if (b->trains && b->chunks > 1)
        work_together(add_strip, b, strips(b->count), b->members);
}

#endif

// A batch on its way through all stages, forwards and back, in one call.
//
// Its chunks go to the members of a team as they come (team.h), each with memory of its own.  What adds
// up over samples is added over the tree of chunk numbers (execution/tree.py), so that results depend
// on the chunks and not on the members.
//
// A stage that gathers needs something of all chunks.  The way is cut in legs there: all chunks go one
// leg, what they have gathered is added, and with the total they go the next.  The last leg forwards is
// also the first one back.

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
    void (*gather)(const void *), (*gather_back)(const void *);    // 0: it needs no other chunks
    void (*add)(const void *, double *, const double *);
    void (*add_back)(const void *, double *, const double *);
    int64_t weight, bias;  // where its parameters begin in w; -1: it has none
    int64_t drawn;         // where that which is drawn for it begins among all
    int64_t buffers;       // likewise its buffers, and what is noted for them; -1: it has none
    int64_t gathered;      // likewise what it gathers,
    int64_t gathers;       // so many numbers
    int64_t fixed;         // whether it leaves its buffers as they are
} Kind;

typedef struct {
    int64_t stages, chunks, chunk_size, samples, members;
    const Kind *kinds;        // (stages)
    int64_t memory_by_chunk;  // whether each chunk has memory of its own, or each member
    Stage *const *memories;   // (chunks or members, stages)
    Image *first;             // (chunks or members): where inputs go, inside the padding
    real *const *scratch;     // (members)
    Inputs inputs;
    LossFunction lose;
    Loss *losses;           // (chunks)
    int64_t trains, below;  // stages below this one have no parameters: no gradient goes there
    const real *w;
    int64_t count;         // of parameters
    real *gradients;       // (chunks, count); the sum comes in the first
    const int64_t *drawn;  // for each stage, one after the other
    int64_t before;        // samples of the batch that come before these
    real *outputs;         // (samples, e), or 0: nobody wants them
    int64_t evaluates;     // all stages take their buffers
    const real *buffers;
    int64_t buffer_count;
    real *statistics;  // (chunks, buffer_count): what each adds to the statistics of the batch
    int64_t gathered_count;
    double *gathered;  // (chunks, gathered_count)
    double *totals;    // (gathered_count): what all chunks gave
} Batch;

// Stages first ... end - 1, forwards or back or both.
typedef struct {
    Batch *batch;
    int64_t first, end;
    int forward, back, loads;  // loads: it begins with the inputs
} Leg;

static int asks_all(const Batch *b, int64_t k) {
    return b->kinds[k].gather && !b->evaluates && !b->kinds[k].fixed;
}

static int64_t next_that_asks_all(const Batch *b, int64_t k) {
    while (k < b->stages && !asks_all(b, k)) k++;
    return k;
}

static void begin(const Batch *b, Stage *s, const Kind *kind, int64_t chunk) {
    const int64_t start = chunk * b->chunk_size;
    real *gradient = b->gradients + chunk * b->count;
    s->samples = b->losses[chunk].samples;
    s->groups = (s->samples + LANES - 1) / LANES;
    s->weight = kind->weight < 0 ? 0 : b->w + kind->weight;
    s->bias = kind->bias < 0 ? 0 : b->w + kind->bias;
    s->dweight = kind->weight < 0 ? 0 : gradient + kind->weight;
    s->dbias = kind->bias < 0 ? 0 : gradient + kind->bias;
    s->drawn = b->drawn + kind->drawn;
    s->start = b->before + start;
    s->fixed = b->evaluates || kind->fixed;
    if (kind->buffers >= 0) {
        s->buffers = b->buffers + kind->buffers;
        s->statistics = b->statistics + chunk * b->buffer_count + kind->buffers;
        s->gathered = b->gathered + chunk * b->gathered_count + kind->gathered;
        s->total = b->totals + kind->gathered;
    }
}

static void end_forward(Batch *b, const Stage *last, int64_t chunk) {
    Loss *loss = b->losses + chunk;
    const int64_t start = chunk * b->chunk_size;
    loss->z = last->y;
    loss->p = last->dy;
    loss->z.plane = loss->p.plane = LANES;  // as vectors
    if (loss->labels) loss->labels += start;
    if (loss->targets) loss->targets += start * loss->outputs;
    b->lose(loss);
    for (int64_t s = 0; s < loss->samples && b->outputs; s++)
        for (int64_t c = 0; c < loss->outputs; c++)
            b->outputs[(start + s) * loss->outputs + c] =
                loss->p.at[s / LANES * loss->p.group + c * loss->p.plane + s % LANES];
}

static void pass_leg(void *what, int64_t chunk, int64_t member) {
    const Leg *leg = what;
    Batch *b = leg->batch;
    const int64_t memory = b->memory_by_chunk ? chunk : member;
    Stage *const *stages = b->memories + memory * b->stages;
    for (int64_t k = 0; k < b->stages; k++) stages[k]->scratch = b->scratch[member];
    if (leg->loads) {
        const int64_t start = chunk * b->chunk_size, left = b->samples - start;
        b->losses[chunk].samples = left < b->chunk_size ? left : b->chunk_size;
        load_inputs(&b->inputs, start, b->losses[chunk].samples, b->first[memory]);
    }
    for (int64_t k = leg->first; k < leg->end && leg->forward; k++) {
        begin(b, stages[k], b->kinds + k, chunk);
        b->kinds[k].forward(stages[k]);
    }
    if (leg->forward && leg->end == b->stages) end_forward(b, stages[b->stages - 1], chunk);
    else if (leg->forward) {
        begin(b, stages[leg->end], b->kinds + leg->end, chunk);
        b->kinds[leg->end].gather(stages[leg->end]);
    }
    if (!leg->back) return;
    for (int64_t k = leg->end < b->stages ? leg->end : b->stages - 1;
         k >= b->below && k >= leg->first; k--) {
        stages[k]->need_dx = k > b->below;
        if (k == leg->first && asks_all(b, k)) b->kinds[k].gather_back(stages[k]);
        else b->kinds[k].backward(stages[k]);
    }
}

// What all chunks have gathered for stage k, added over the tree.
static void add_gathered(const Batch *b, int64_t k, int back) {
    const Kind *kind = b->kinds + k;
    for (int64_t step = 1; step < b->chunks; step *= 2)
        for (int64_t chunk = 0; chunk + step < b->chunks; chunk += 2 * step) {
            double *sum = b->gathered + chunk * b->gathered_count + kind->gathered;
            const double *more = sum + step * b->gathered_count;
            (back ? kind->add_back : kind->add)(b->memories[k], sum, more);
        }
    memcpy(b->totals + kind->gathered, b->gathered + kind->gathered,
           (size_t)kind->gathers * sizeof(double));
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

static void add_strip(void *what, int64_t strip, int64_t member) {
    const Batch *b = what;
    (void)member;
    add_gradients(b, strip * STRIP, end_of(strip, b->count));
}

EXPORT void NAME(batch)(Batch *b) {
    int prepares = 0;
    for (int64_t k = 0; k < b->stages; k++) prepares |= b->kinds[k].prepare != 0;
    if (prepares) work_together(prepare, b, b->members, b->members);
    Leg leg = {b, 0, next_that_asks_all(b, 0), 1, 0, 1};
    for (;;) {  // forwards
        leg.back = b->trains && leg.end == b->stages;
        work_together(pass_leg, &leg, b->chunks, b->members);
        if (leg.end == b->stages) break;
        add_gathered(b, leg.end, 0);
        leg = (Leg){b, leg.end, next_that_asks_all(b, leg.end + 1), 1, 0, 0};
    }
    for (leg.forward = leg.loads = 0; b->trains && leg.first > b->below;) {  // and back
        add_gathered(b, leg.first, 1);
        leg.end = leg.first--;
        while (leg.first > 0 && !asks_all(b, leg.first)) leg.first--;
        work_together(pass_leg, &leg, b->chunks, b->members);
    }
    if (b->trains && b->chunks > 1) work_together(add_strip, b, strips(b->count), b->members);
}

#endif

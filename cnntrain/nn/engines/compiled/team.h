// Threads that work together: the caller, and others that live until the work is done.
//
// None is kept between calls, so that none is left behind by a fork or at the end of the process.
// The work does not ask how many there are: where no thread can be started the caller does it all.

#ifndef TEAM_H
#define TEAM_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

#define MOST_MEMBERS 256
#define SPINS 4000  // looks at a number before the processor is given to others
#define STACK_BYTES (1 << 20)

typedef struct Team Team;
typedef void (*Work)(void *what, Team *team, int64_t member);

struct Team {
    Work work;
    void *what;
    atomic_int members;  // 0 until all are there
    atomic_int arrived, meetings;
};

typedef struct {
    Team *team;
    int64_t number;
    pthread_t thread;
} Member;

static void wait_until_not(atomic_int *number, int value) {
    for (int64_t spin = 0; atomic_load_explicit(number, memory_order_acquire) == value; spin++)
        if (spin >= SPINS) sched_yield();
}

// All members come here before one goes on.
static void meet(Team *team) {
    const int members = atomic_load(&team->members), meeting = atomic_load(&team->meetings);
    if (atomic_fetch_add(&team->arrived, 1) + 1 < members) {
        wait_until_not(&team->meetings, meeting);
        return;
    }
    atomic_store(&team->arrived, 0);
    atomic_store_explicit(&team->meetings, meeting + 1, memory_order_release);
}

static void *begin(void *given) {
    Member *member = given;
    wait_until_not(&member->team->members, 0);
    member->team->work(member->team->what, member->team, member->number);
    return 0;
}

// `work` by up to `most` members at once.
static void work_together(Work work, void *what, int64_t most) {
    Team team = {.work = work, .what = what};
    Member others[MOST_MEMBERS];
    pthread_attr_t settings;
    sigset_t all, before;
    int count = 1;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);  // signals are the caller's
    pthread_attr_init(&settings);
    pthread_attr_setstacksize(&settings, STACK_BYTES);
    for (; count < most && count < MOST_MEMBERS; count++) {
        others[count] = (Member){.team = &team, .number = count};
        if (pthread_create(&others[count].thread, &settings, begin, &others[count])) break;
    }
    pthread_attr_destroy(&settings);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    atomic_store_explicit(&team.members, count, memory_order_release);
    work(what, &team, 0);
    while (--count) pthread_join(others[count].thread, 0);
}

#endif

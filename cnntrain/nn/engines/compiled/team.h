// Threads that help the one that calls: tasks 0, 1, ... are taken by whoever is free.
//
// Helpers are started when they are first wanted, and sleep until there is work again; only for a
// moment after it they stay awake, since the next call of a training comes soon, and to wake a
// thread takes longer than a small task.  Nobody counts on them: where none can be started, or
// they serve another caller, or they are late, the caller does all tasks itself.

#ifndef TEAM_H
#define TEAM_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define MOST_HELPERS 255
#define AWAKE 200000  // nanoseconds after its last task that a helper looks for the next
#define STACK_BYTES (1 << 20)

// Does one task with the memory of `member`, the caller being number 0.
typedef void (*Work)(void *what, int64_t task, int64_t member);

static struct {
    atomic_flag taken;  // by a caller
    atomic_long call;   // odd: there is work, of this number
    atomic_int inside;  // helpers that may be looking at it
    Work work;
    void *what;
    int64_t tasks, members;
    atomic_long next, done;
    int helpers;
    pthread_mutex_t lock;
    pthread_cond_t news;
    atomic_int asleep;
} team = {
    .taken = ATOMIC_FLAG_INIT,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .news = PTHREAD_COND_INITIALIZER,
};

// A child of this process has none of its threads, in the middle of whatever they were.
static void begin_anew(void) {
    memset(&team, 0, sizeof team);
    pthread_mutex_init(&team.lock, 0);
    pthread_cond_init(&team.news, 0);
}
__attribute__((constructor)) static void ask_for_it(void) { pthread_atfork(0, 0, begin_anew); }

static inline void pause_briefly(int64_t round) {
    if (round % 64 == 63) sched_yield();
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void do_tasks(int64_t member) {
    for (;;) {
        const int64_t task = atomic_fetch_add(&team.next, 1);
        if (task >= team.tasks) return;
        team.work(team.what, task, member);
        atomic_fetch_add(&team.done, 1);
    }
}

// Waits until there is a call other than the last one seen.
static long next_call(long seen) {
    const int64_t since = nanoseconds();
    for (int64_t round = 0;; round++) {
        const long call = atomic_load(&team.call);
        if (call % 2 && call != seen) return call;
        pause_briefly(round);
        if (round % 64 || nanoseconds() - since < AWAKE) continue;
        pthread_mutex_lock(&team.lock);
        atomic_fetch_add(&team.asleep, 1);
        for (long now; now = atomic_load(&team.call), now % 2 == 0 || now == seen;)
            pthread_cond_wait(&team.news, &team.lock);
        atomic_fetch_sub(&team.asleep, 1);
        pthread_mutex_unlock(&team.lock);
    }
}

static void *help(void *number) {
    for (long seen = 0;;) {
        seen = next_call(seen);
        atomic_fetch_add(&team.inside, 1);
        if (atomic_load(&team.call) == seen && (intptr_t)number < team.members)
            do_tasks((intptr_t)number);
        atomic_fetch_sub(&team.inside, 1);
    }
    return 0;
}

static void start_helpers(int64_t wanted) {
    pthread_attr_t settings;
    sigset_t all, before;
    if (team.helpers >= wanted || team.helpers == MOST_HELPERS) return;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);  // signals are the caller's
    pthread_attr_init(&settings);
    pthread_attr_setstacksize(&settings, STACK_BYTES);
    pthread_attr_setdetachstate(&settings, PTHREAD_CREATE_DETACHED);
    while (team.helpers < wanted && team.helpers < MOST_HELPERS) {
        pthread_t thread;
        if (pthread_create(&thread, &settings, help, (void *)(intptr_t)(team.helpers + 1))) break;
        team.helpers++;
    }
    pthread_attr_destroy(&settings);
    pthread_sigmask(SIG_SETMASK, &before, 0);
}

#define AS_BEFORE 0  // as many members as in the call before

// All tasks, by up to `members` at once.
static void work_together(Work work, void *what, int64_t tasks, int64_t members) {
    if (members == 1 || tasks == 1 || atomic_flag_test_and_set(&team.taken)) {
        for (int64_t task = 0; task < tasks; task++) work(what, task, 0);
        return;
    }
    if (members != AS_BEFORE) start_helpers(members - 1);
    else members = team.members;
    team.work = work;
    team.what = what;
    team.tasks = tasks;
    team.members = members;
    atomic_store(&team.next, 0);
    atomic_store(&team.done, 0);
    atomic_fetch_add(&team.call, 1);
    if (atomic_load(&team.asleep)) {
        pthread_mutex_lock(&team.lock);
        pthread_cond_broadcast(&team.news);
        pthread_mutex_unlock(&team.lock);
    }
    do_tasks(0);
    for (int64_t round = 0; atomic_load(&team.done) < tasks; round++) pause_briefly(round);
    atomic_fetch_add(&team.call, 1);
    for (int64_t round = 0; atomic_load(&team.inside); round++) pause_briefly(round);
    atomic_flag_clear(&team.taken);
}

#endif

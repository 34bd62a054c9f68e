#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"
#include "staged_ring.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * A thread that the runtime does not know, and so does not suspend for a collection: it moves records out of the kernel's small
 * rings into large ones in memory. It looks at all rings when one announces itself, when it is kicked, and when the longest
 * delay since the start of the last look is over.
 */

/* glibc 2.34 took over what was in libpthread, under new versions. The old ones go on being there and are found in both, so
 * that a shim that was built today loads where glibc is as old as .NET allows; there the host process has libpthread. */
#if defined(__GLIBC__) && defined(__x86_64__)
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
__asm__(".symver pthread_create, pthread_create@GLIBC_2.17");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.17");
#endif

/* Kernel headers may be older than the kernel. The number is the same on every architecture. */
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

#define MOST_RINGS 65536u
#define LARGEST_STAGING_RING (UINT64_C(1) << 30)

/* The token of the eventfd through which the thread is called. */
#define CONTROL UINT64_MAX

#define NONE INT64_MAX
#define SHORTEST_WAIT_FOR_ROOM INT64_C(20000)
#define LONGEST_WAIT_FOR_ROOM INT64_C(1000000)

/* Nobody may announce the end of an unfinished record: its producer may be gone, or send no wakeups. */
#define UNFINISHED_LOOK INT64_C(10000000)

/* struct __kernel_timespec: 64-bit on every architecture, whatever the C library's timespec is. */
struct kernel_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};

struct stage {
    pthread_t thread;
    int epoll_fd;
    int control_fd;
    uint32_t stopping;
    uint32_t set_up; /* a futex; 1 when setup_error is there */
    int32_t setup_error;
    uint32_t lacks_pwait2;
    uint32_t watching; /* by the thread, until watching_published follows */
    uint32_t watching_published;
    int32_t error;
    uint32_t ring_count;
    int64_t longest_delay;
    int64_t wait_for_room;
    const uint64_t *mask; /* the starter's, until set_up */
    uint32_t mask_length;
    struct perfring_stage_watch *watches;
    struct staged_ring rings[];
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void signal_ready(int fd)
{
    /* EAGAIN: the counter is at its maximum, so the reader is not asleep. */
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof(one));
    (void)written;
}

static void signal_all(const struct stage *stage)
{
    for (uint32_t i = 0; i < stage->ring_count; i++) {
        signal_ready(stage->rings[i].signal_fd);
    }
}

/*
 * One look at all rings.
 *
 * The fence stands between the store of the consumer's position, in the look before, and the loads of this one. It pairs with
 * the exchange of the header, which is fully ordered, before the load of consumer_pos in bpf_ringbuf_commit: that wakes only
 * whoever has caught up, so either it finds our position, or we find its record. Without it a record could lie there finished
 * while we sleep. A perf ring needs none: its flag stays set until somebody looks at it.
 */
static uint32_t move_all(struct stage *stage)
{
    uint32_t result = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < stage->ring_count; i++) {
        struct staged_ring *ring = &stage->rings[i];
        int bpf = ring->kind == PERFRING_STAGE_BPF;
        uint32_t one = bpf ? staged_move_bpf(ring, &stage->stopping) : staged_move_perf(ring, &stage->stopping);
        if ((one & STAGED_MOVED) != 0) {
            signal_ready(ring->signal_fd);

            /* Whether a perf ring got something meanwhile is for its threshold to tell. */
            one = bpf ? one : one & ~STAGED_MOVED;
        }

        result |= one;
    }

    return result;
}

/* Tells what is still watched. The end, when nothing is, only after everything was moved: release, so that whoever reads it
 * finds the records. */
static void publish_watching(struct stage *stage, uint32_t left)
{
    uint32_t watching = stage->watching == 0 && left != 0 ? 1 : stage->watching;
    if (watching == stage->watching_published) {
        return;
    }

    __atomic_store_n(&stage->watching_published, watching, __ATOMIC_RELEASE);
    if (watching == 0) {
        signal_all(stage);
    }
}

/* How long the thread may sleep. */
static int64_t longest_sleep(struct stage *stage, uint32_t left, int64_t started)
{
    int64_t sleep = NONE;
    if (stage->longest_delay >= 0) {
        int64_t rest = stage->longest_delay - (now() - started);
        sleep = rest < 0 ? 0 : rest;
    }

    if ((left & STAGED_BUSY) != 0 && sleep > UNFINISHED_LOOK) {
        sleep = UNFINISHED_LOOK;
    }

    /* The reader does not say when it makes room, since that would cost it something with each batch. */
    if ((left & STAGED_NO_ROOM) == 0) {
        stage->wait_for_room = SHORTEST_WAIT_FOR_ROOM;
    } else {
        sleep = sleep > stage->wait_for_room ? stage->wait_for_room : sleep;
        stage->wait_for_room *= 2;
        stage->wait_for_room = stage->wait_for_room > LONGEST_WAIT_FOR_ROOM ? LONGEST_WAIT_FOR_ROOM : stage->wait_for_room;
    }

    return sleep;
}

static int block(struct stage *stage, struct epoll_event *events, int64_t sleep)
{
    if (!stage->lacks_pwait2) {
        struct kernel_timespec timeout = { sleep / 1000000000, sleep % 1000000000 };
        long count = syscall(SYS_epoll_pwait2, stage->epoll_fd, events, PERFRING_READY_MAX, sleep == NONE ? NULL : &timeout,
                             NULL, (size_t)0);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM)) {
            return (int)count;
        }

        /* Linux before 5.11, or a seccomp filter that does not know the call: whole milliseconds from here on. */
        stage->lacks_pwait2 = 1;
    }

    int64_t milliseconds = sleep == NONE ? -1 : (sleep + 999999) / 1000000;
    milliseconds = milliseconds > INT32_MAX ? INT32_MAX : milliseconds;
    return epoll_wait(stage->epoll_fd, events, PERFRING_READY_MAX, (int)milliseconds);
}

static void leave(struct stage *stage, uint64_t index)
{
    /* The event's task has ended: it would be ready for ever. */
    if (epoll_ctl(stage->epoll_fd, EPOLL_CTL_DEL, stage->watches[index].fd, NULL) == 0) {
        stage->watching--;
    }
}

/* Whatever woke the thread, it looks at all rings: waking is dear, looking is cheap. */
static int32_t sleep_until_called(struct stage *stage, int64_t sleep)
{
    struct epoll_event events[PERFRING_READY_MAX];
    int count = block(stage, events, sleep);
    if (count < 0) {
        return errno == EINTR ? 0 : -(int32_t)errno;
    }

    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == CONTROL) {
            uint64_t calls;
            ssize_t taken = read(stage->control_fd, &calls, sizeof(calls));
            (void)taken;
        } else if ((events[i].events & (EPOLLHUP | EPOLLERR)) != 0) {
            leave(stage, events[i].data.u64);
        }
    }

    return 0;
}

static void run(struct stage *stage)
{
    int32_t error = 0;
    while (error == 0 && !staged_is_stopping(&stage->stopping)) {
        int64_t started = now();
        uint32_t left = move_all(stage);

        /* Something came meanwhile, perhaps: nobody will announce it. */
        if ((left & STAGED_MOVED) != 0) {
            continue;
        }

        publish_watching(stage, left);
        error = sleep_until_called(stage, longest_sleep(stage, left, started));
    }

    __atomic_store_n(&stage->error, error, __ATOMIC_RELEASE);
    stage->watching = 0;
    publish_watching(stage, 0);
    signal_all(stage);
}

static int32_t set_up(const struct stage *stage)
{
    prctl(PR_SET_NAME, (unsigned long)"perfring-stage", 0UL, 0UL, 0UL);
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    return stage->mask_length == 0 ? 0 : perfring_sched_setaffinity(0, stage->mask, stage->mask_length);
}

static void *begin(void *argument)
{
    struct stage *stage = argument;
    int32_t error = set_up(stage);
    stage->setup_error = error;

    /* Release: the error is there, and nothing of the starter's memory is used after this. */
    __atomic_store_n(&stage->set_up, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &stage->set_up, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
    if (error == 0) {
        run(stage);
    }

    return NULL;
}

/* The thread inherits the mask, and gets no signal of the process. Left out are those that the C library sends to every thread
 * and waits for: setuid(2) and its like would hang. */
static int32_t start_thread(struct stage *stage)
{
    uint64_t all = ~((UINT64_C(1) << 31) | (UINT64_C(1) << 32));
#ifndef __GLIBC__
    all &= ~(UINT64_C(1) << 33); /* musl has three */
#endif
    uint64_t before;
    if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all)) != 0) {
        return -(int32_t)errno;
    }

    int error = pthread_create(&stage->thread, NULL, begin, stage);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
    if (error != 0) {
        return -(int32_t)error;
    }

    while (__atomic_load_n(&stage->set_up, __ATOMIC_ACQUIRE) == 0) {
        syscall(SYS_futex, &stage->set_up, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
    }

    if (stage->setup_error != 0) {
        pthread_join(stage->thread, NULL);
    }

    return stage->setup_error;
}

static int is_power_of_two(uint64_t size)
{
    return size >= 8 && (size & (size - 1)) == 0;
}

static void *at(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static int32_t accept_ring(const struct perfring_stage_ring *given, struct staged_ring *ring)
{
    if ((given->kind != PERFRING_STAGE_PERF && given->kind != PERFRING_STAGE_BPF) || !is_power_of_two(given->from_size)
        || !is_power_of_two(given->to_size) || given->to_size < given->from_size || given->to_size > LARGEST_STAGING_RING) {
        return -EINVAL;
    }

    *ring = (struct staged_ring){
        .from_producer = at(given->from_producer),
        .from_consumer = at(given->from_consumer),
        .from = at(given->from_records),
        .from_mask = given->from_size - 1,
        .to_producer = at(given->to_producer),
        .to_consumer = at(given->to_consumer),
        .to = at(given->to_records),
        .to_mask = given->to_size - 1,
        .kind = given->kind,
        .signal_fd = given->signal_fd,
    };
    ring->position = *ring->from_consumer;
    return *ring->to_producer == ring->position && *ring->to_consumer == ring->position ? 0 : -EINVAL;
}

static int32_t watch(const struct stage *stage, int fd, uint32_t events, uint64_t token)
{
    struct epoll_event event = { .events = events, .data.u64 = token };
    return perfring_result(epoll_ctl(stage->epoll_fd, EPOLL_CTL_ADD, fd, &event));
}

static int32_t open_set(struct stage *stage)
{
    int32_t error = perfring_epoll_create(&stage->epoll_fd);
    error = error != 0 ? error : perfring_eventfd(&stage->control_fd);
    error = error != 0 ? error : watch(stage, stage->control_fd, EPOLLIN, CONTROL);
    for (uint32_t i = 0; i < stage->watching && error == 0; i++) {
        error = watch(stage, stage->watches[i].fd, stage->watches[i].events, i);
    }

    return error;
}

static void dispose(struct stage *stage)
{
    if (stage->epoll_fd >= 0) {
        close(stage->epoll_fd);
    }

    if (stage->control_fd >= 0) {
        close(stage->control_fd);
    }

    free(stage->watches);
    free(stage);
}

int32_t perfring_stage_start(const struct perfring_stage_config *config, void **result)
{
    *result = NULL;
    if (config->size != sizeof(*config) || config->ring_count == 0 || config->ring_count > MOST_RINGS
        || config->mask_length % sizeof(uint64_t) != 0) {
        return -EINVAL;
    }

    struct stage *stage = calloc(1, sizeof(*stage) + config->ring_count * sizeof(stage->rings[0]));
    if (stage == NULL) {
        return -ENOMEM;
    }

    stage->epoll_fd = stage->control_fd = -1;
    stage->ring_count = config->ring_count;
    stage->watching = stage->watching_published = config->watch_count;
    stage->longest_delay = config->longest_delay;
    stage->wait_for_room = SHORTEST_WAIT_FOR_ROOM;
    stage->mask = at(config->mask);
    stage->mask_length = config->mask_length;
    stage->watches = calloc((size_t)config->watch_count + 1, sizeof(stage->watches[0]));
    int32_t error = stage->watches == NULL ? -ENOMEM : 0;
    const struct perfring_stage_ring *rings = at(config->rings);
    for (uint32_t i = 0; i < config->ring_count && error == 0; i++) {
        error = accept_ring(&rings[i], &stage->rings[i]);
    }

    if (error == 0 && config->watch_count != 0) {
        memcpy(stage->watches, at(config->watches), config->watch_count * sizeof(stage->watches[0]));
    }

    error = error != 0 ? error : open_set(stage);
    error = error != 0 ? error : start_thread(stage);
    if (error != 0) {
        dispose(stage);
        return error;
    }

    *result = stage;
    return 0;
}

int32_t perfring_stage_kick(void *argument)
{
    struct stage *stage = argument;
    signal_ready(stage->control_fd);
    return 0;
}

int32_t perfring_stage_status(void *argument, struct perfring_stage_status *status)
{
    const struct stage *stage = argument;

    /* Acquire: pairs with the releases of the thread. */
    status->watching = __atomic_load_n(&stage->watching_published, __ATOMIC_ACQUIRE);
    status->error = __atomic_load_n(&stage->error, __ATOMIC_ACQUIRE);
    return 0;
}

int32_t perfring_stage_stop(void *argument)
{
    struct stage *stage = argument;
    __atomic_store_n(&stage->stopping, 1, __ATOMIC_RELAXED);
    signal_ready(stage->control_fd);
    int error = pthread_join(stage->thread, NULL);
    if (error != 0) {
        return -(int32_t)error;
    }

    dispose(stage);
    return 0;
}

#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Kernel headers may be older than the kernel. The number is the same on every architecture. */
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

/* struct __kernel_timespec: 64-bit on every architecture, whatever the C library's timespec is. */
struct kernel_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};

static int32_t hand_out(const struct epoll_event *events, long returned, struct perfring_ready *ready, int32_t *count)
{
    int32_t error = perfring_value(returned, count);
    if (error != 0) {
        *count = 0;
        return error;
    }

    for (int32_t i = 0; i < *count; i++) {
        ready[i] = (struct perfring_ready){ .token = events[i].data.u64, .events = events[i].events };
    }

    return 0;
}

static int32_t bounded(int32_t capacity)
{
    return capacity > PERFRING_READY_MAX ? PERFRING_READY_MAX : capacity;
}

int32_t perfring_epoll_create(int32_t *fd)
{
    return perfring_value(epoll_create1(EPOLL_CLOEXEC), fd);
}

int32_t perfring_epoll_add(int32_t epoll_fd, int32_t fd, uint32_t events, uint64_t token)
{
    struct epoll_event event = { .events = events, .data.u64 = token };
    return perfring_result(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event));
}

int32_t perfring_epoll_modify(int32_t epoll_fd, int32_t fd, uint32_t events, uint64_t token)
{
    struct epoll_event event = { .events = events, .data.u64 = token };
    return perfring_result(epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event));
}

int32_t perfring_epoll_remove(int32_t epoll_fd, int32_t fd)
{
    return perfring_result(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL));
}

int32_t perfring_epoll_pwait2(int32_t epoll_fd, struct perfring_ready *ready, int32_t capacity, int64_t timeout_ns,
                              int32_t *count)
{
    struct epoll_event events[PERFRING_READY_MAX];
    struct kernel_timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    long returned = syscall(SYS_epoll_pwait2, epoll_fd, events, bounded(capacity), timeout_ns < 0 ? NULL : &timeout,
                            NULL, (size_t)0);
    return hand_out(events, returned, ready, count);
}

int32_t perfring_epoll_pwait(int32_t epoll_fd, struct perfring_ready *ready, int32_t capacity, int32_t timeout_ms,
                             int32_t *count)
{
    struct epoll_event events[PERFRING_READY_MAX];
    long returned = epoll_wait(epoll_fd, events, bounded(capacity), timeout_ms);
    return hand_out(events, returned, ready, count);
}

int32_t perfring_eventfd(int32_t *fd)
{
    return perfring_value(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), fd);
}

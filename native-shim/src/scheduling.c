#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system calls themselves: the C library's wrappers take masks of a fixed size, and machines outgrow it. */
int32_t perfring_sched_setaffinity(int32_t tid, const uint64_t *mask, uint32_t length)
{
    return perfring_result(syscall(SYS_sched_setaffinity, tid, length, mask));
}

int32_t perfring_sched_getaffinity(int32_t tid, uint64_t *mask, uint32_t length, uint32_t *written)
{
    int32_t bytes;
    int32_t error = perfring_value(syscall(SYS_sched_getaffinity, tid, length, mask), &bytes);
    *written = error != 0 ? 0 : (uint32_t)bytes;
    return error;
}

int32_t perfring_sched_setattr(int32_t tid, const void *attr)
{
    return perfring_result(syscall(SYS_sched_setattr, tid, attr, 0));
}

int32_t perfring_gettid(int32_t *tid)
{
    return perfring_value(syscall(SYS_gettid), tid);
}

int32_t perfring_set_timer_slack(uint64_t nanoseconds)
{
    return perfring_result(prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0UL, 0UL, 0UL));
}

int32_t perfring_membarrier(int32_t command, uint32_t flags, int32_t *value)
{
    return perfring_value(syscall(SYS_membarrier, command, flags, 0), value);
}

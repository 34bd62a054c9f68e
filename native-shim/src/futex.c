#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct __kernel_timespec; the machines that the shim is built for have no other. */
struct kernel_timespec {
    int64_t seconds;
    int64_t nanoseconds;
};

/* Without FUTEX_PRIVATE_FLAG: the word lies in memory that processes share. The timeout is relative, of CLOCK_MONOTONIC. */
int32_t perfring_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns)
{
    struct kernel_timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    return perfring_result(syscall(SYS_futex, word, FUTEX_WAIT, expected, timeout_ns < 0 ? NULL : &timeout, NULL, 0));
}

int32_t perfring_futex_wake(const uint32_t *word, int32_t count, int32_t *woken)
{
    return perfring_value(syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0), woken);
}

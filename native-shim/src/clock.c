#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <time.h>

int32_t perfring_clock_gettime(int32_t clock, uint64_t *nanoseconds)
{
    struct timespec now = {0};
    int32_t error = perfring_result(clock_gettime(clock, &now));
    *nanoseconds = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    return error;
}

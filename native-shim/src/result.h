#ifndef PERFRING_RESULT_H
#define PERFRING_RESULT_H

#include <errno.h>
#include <stdint.h>

/* 0 for a call that succeeded, the negative errno for one that did not. */
static inline int32_t perfring_result(long returned)
{
    return returned < 0 ? -(int32_t)errno : 0;
}

/* The same for a call whose value matters: it goes out through the pointer. */
static inline int32_t perfring_value(long returned, int32_t *value)
{
    if (returned < 0) {
        *value = -1;
        return -(int32_t)errno;
    }

    *value = (int32_t)returned;
    return 0;
}

/* And for one that counts bytes. */
static inline int32_t perfring_bytes(long returned, uint64_t *bytes)
{
    if (returned < 0) {
        *bytes = 0;
        return -(int32_t)errno;
    }

    *bytes = (uint64_t)returned;
    return 0;
}

#endif

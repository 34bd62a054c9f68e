#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

int32_t perfring_close(int32_t fd)
{
    return perfring_result(close(fd));
}

/* syscall(), since the C library's fcntl carries a newer symbol version than the shim may need. */
int32_t perfring_duplicate(int32_t fd, int32_t *duplicate)
{
    return perfring_value(syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 0), duplicate);
}

int32_t perfring_read(int32_t fd, void *buffer, uint64_t length, uint64_t *transferred)
{
    return perfring_bytes(read(fd, buffer, (size_t)length), transferred);
}

int32_t perfring_write(int32_t fd, const void *buffer, uint64_t length, uint64_t *transferred)
{
    return perfring_bytes(write(fd, buffer, (size_t)length), transferred);
}

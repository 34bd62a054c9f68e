#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int32_t perfring_mmap(uint64_t length, int32_t protection, int32_t flags, int32_t fd, uint64_t offset, void **address)
{
    void *mapped = mmap(NULL, (size_t)length, protection, flags, fd, (off_t)offset);
    if (mapped == MAP_FAILED) {
        *address = NULL;
        return -(int32_t)errno;
    }

    *address = mapped;
    return 0;
}

int32_t perfring_mmap_at(void *address, uint64_t length, int32_t protection, int32_t flags, int32_t fd, uint64_t offset)
{
    return mmap(address, (size_t)length, protection, flags, fd, (off_t)offset) == MAP_FAILED ? -(int32_t)errno : 0;
}

int32_t perfring_munmap(void *address, uint64_t length)
{
    return perfring_result(munmap(address, (size_t)length));
}

int32_t perfring_mprotect(void *address, uint64_t length, int32_t protection)
{
    return perfring_result(mprotect(address, (size_t)length, protection));
}

int32_t perfring_memfd_create(const char *name, uint32_t flags, int32_t *fd)
{
    return perfring_value(syscall(SYS_memfd_create, name, flags), fd);
}

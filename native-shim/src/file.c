#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Kernel headers may be older than the kernel. */
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#endif

/* The C library's open and fcntl may carry newer symbol versions than the shim may need; fstat does. */
int32_t perfring_open(const char *path, uint32_t flags, uint32_t mode, int32_t *fd)
{
    int options = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    options |= (flags & PERFRING_OPEN_CREATE) != 0 ? O_CREAT | O_EXCL : 0;
    options |= (flags & PERFRING_OPEN_NOFOLLOW) != 0 ? O_NOFOLLOW : 0;
    return perfring_value(syscall(SYS_openat, AT_FDCWD, path, options, mode), fd);
}

int32_t perfring_file_status(int32_t fd, uint32_t *mode, uint64_t *size)
{
    struct stat status;
    int32_t error = perfring_result(syscall(SYS_fstat, fd, &status));
    *mode = error != 0 ? 0 : (uint32_t)status.st_mode;
    *size = error != 0 ? 0 : (uint64_t)status.st_size;
    return error;
}

int32_t perfring_allocate(int32_t fd, uint64_t offset, uint64_t length)
{
    return perfring_result(fallocate(fd, 0, (off_t)offset, (off_t)length));
}

int32_t perfring_add_seals(int32_t fd, uint32_t seals)
{
    return perfring_result(syscall(SYS_fcntl, fd, F_ADD_SEALS, seals));
}

int32_t perfring_get_seals(int32_t fd, uint32_t *seals)
{
    int32_t value;
    int32_t error = perfring_value(syscall(SYS_fcntl, fd, F_GET_SEALS), &value);
    *seals = error != 0 ? 0 : (uint32_t)value;
    return error;
}

static int32_t set_lock(int32_t fd, short type, uint64_t start, uint64_t length)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)start, .l_len = (off_t)length };
    return perfring_result(syscall(SYS_fcntl, fd, F_OFD_SETLK, &lock));
}

int32_t perfring_lock(int32_t fd, uint64_t start, uint64_t length)
{
    return set_lock(fd, F_WRLCK, start, length);
}

int32_t perfring_unlock(int32_t fd, uint64_t start, uint64_t length)
{
    return set_lock(fd, F_UNLCK, start, length);
}

int32_t perfring_lock_query(int32_t fd, uint64_t start, uint64_t length, uint32_t *locked)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)start, .l_len = (off_t)length };
    int32_t error = perfring_result(syscall(SYS_fcntl, fd, F_OFD_GETLK, &lock));
    *locked = error == 0 && lock.l_type != F_UNLCK ? 1 : 0;
    return error;
}

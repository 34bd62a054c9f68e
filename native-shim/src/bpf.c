#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <sys/syscall.h>
#include <unistd.h>

int32_t perfring_bpf(int32_t command, void *attr, uint32_t size, int32_t *result)
{
    return perfring_value(syscall(SYS_bpf, command, attr, size), result);
}

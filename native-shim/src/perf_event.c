#define _GNU_SOURCE
#include "perfring_shim.h"
#include "result.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int32_t perfring_perf_event_open(const void *attr, int32_t pid, int32_t cpu, int32_t group_fd, uint64_t flags,
                                 int32_t *fd)
{
    return perfring_value(syscall(SYS_perf_event_open, attr, pid, cpu, group_fd, (unsigned long)flags), fd);
}

int32_t perfring_perf_event_enable(int32_t fd)
{
    return perfring_result(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0));
}

int32_t perfring_perf_event_disable(int32_t fd)
{
    return perfring_result(ioctl(fd, PERF_EVENT_IOC_DISABLE, 0));
}

int32_t perfring_perf_event_set_output(int32_t fd, int32_t output_fd)
{
    return perfring_result(ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, output_fd));
}

int32_t perfring_perf_event_pause_output(int32_t fd, uint32_t pause)
{
    return perfring_result(ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, pause));
}

int32_t perfring_perf_event_set_filter(int32_t fd, const char *filter)
{
    return perfring_result(ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter));
}

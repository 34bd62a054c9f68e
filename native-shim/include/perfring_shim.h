/*
 * The whole ABI between PerfRing and this shim.
 *
 * Every function makes one system call, returns 0 or a negative errno, and hands results out through pointers that may
 * not be NULL. Types have fixed widths. There is no policy here: EINTR is returned, nothing is retried, nothing is
 * allocated. Structures that the kernel defines cross as they are (abi.c asserts the offsets that C# relies on).
 *
 * One part is different: staging.c runs a thread of its own, since what it is for can't be done from managed code.
 */
#ifndef PERFRING_SHIM_H
#define PERFRING_SHIM_H

#include <stdint.h>

#define PERFRING_ABI_VERSION 3u

#define PERFRING_EXPORT __attribute__((visibility("default")))

/* What epoll reported for one descriptor. The kernel's own structure is packed on some machines and not on others. */
struct perfring_ready {
    uint64_t token;  /* the value given to perfring_epoll_add */
    uint32_t events; /* EPOLLIN, EPOLLHUP, ... */
    uint32_t reserved;
};

/* What a ring is laid out like that is staged. */
#define PERFRING_STAGE_PERF 1u /* linux/perf_event.h: records may wrap */
#define PERFRING_STAGE_BPF 2u  /* kernel/bpf/ringbuf.c: a header says whether its record is finished */

/* One ring of the kernel and the staging ring for it. Addresses are numbers, so that the layout has no pointers. */
struct perfring_stage_ring {
    uint64_t from_producer; /* of the kernel's position: data_head, producer_pos */
    uint64_t from_consumer; /* of ours: data_tail, consumer_pos */
    uint64_t from_records;
    uint64_t from_size;   /* a power of two */
    uint64_t to_producer; /* the same for the staging ring. Both positions must be what *from_consumer is. */
    uint64_t to_consumer;
    uint64_t to_records;
    uint64_t to_size;  /* a power of two, from_size to 1 GiB */
    uint32_t kind;     /* PERFRING_STAGE_... */
    int32_t signal_fd; /* an eventfd, not blocking: written to when something was moved */
};

/* A descriptor of the kernel's that announces records. */
struct perfring_stage_watch {
    int32_t fd;
    uint32_t events; /* EPOLLIN, EPOLLET. After EPOLLHUP or EPOLLERR it is not watched any more. */
};

struct perfring_stage_config {
    uint32_t size; /* of this structure */
    uint32_t ring_count;
    uint32_t watch_count;
    uint32_t mask_length;  /* bytes of the affinity mask; 0 for that of the thread that starts it */
    uint64_t rings;        /* of struct perfring_stage_ring[ring_count] */
    uint64_t watches;      /* of struct perfring_stage_watch[watch_count] */
    uint64_t mask;         /* of 64-bit words */
    int64_t longest_delay; /* ns from the start of one look at all rings to the next; negative for no bound */
};

struct perfring_stage_status {
    uint32_t watching; /* descriptors that are still watched; 0 not before what they announced last is moved */
    int32_t error;     /* 0, or the negative errno that ended the thread */
};

/* The most entries that one wait hands out. */
#define PERFRING_READY_MAX 16

/* abi.c */
PERFRING_EXPORT uint32_t perfring_abi_version(void);

/* perf_event.c: perf_event_open(2) */
PERFRING_EXPORT int32_t perfring_perf_event_open(const void *attr, int32_t pid, int32_t cpu, int32_t group_fd,
                                                 uint64_t flags, int32_t *fd);
PERFRING_EXPORT int32_t perfring_perf_event_enable(int32_t fd);
PERFRING_EXPORT int32_t perfring_perf_event_disable(int32_t fd);
PERFRING_EXPORT int32_t perfring_perf_event_set_output(int32_t fd, int32_t output_fd);
PERFRING_EXPORT int32_t perfring_perf_event_pause_output(int32_t fd, uint32_t pause);
PERFRING_EXPORT int32_t perfring_perf_event_set_filter(int32_t fd, const char *filter);

/* memory.c: mmap(2) */
PERFRING_EXPORT int32_t perfring_mmap(uint64_t length, int32_t protection, int32_t flags, int32_t fd, uint64_t offset,
                                      void **address);
/* With MAP_FIXED among the flags: elsewhere is a failure. */
PERFRING_EXPORT int32_t perfring_mmap_at(void *address, uint64_t length, int32_t protection, int32_t flags, int32_t fd,
                                         uint64_t offset);
PERFRING_EXPORT int32_t perfring_munmap(void *address, uint64_t length);
PERFRING_EXPORT int32_t perfring_mprotect(void *address, uint64_t length, int32_t protection);
PERFRING_EXPORT int32_t perfring_memfd_create(const char *name, uint32_t flags, int32_t *fd);

/* file.c. Files are opened for reading and writing, close-on-exec, without waiting for whatever the name stands for. The
 * flags have numbers of their own, since the kernel's differ between machines. */
#define PERFRING_OPEN_CREATE 1u   /* O_CREAT | O_EXCL */
#define PERFRING_OPEN_NOFOLLOW 2u /* O_NOFOLLOW */
PERFRING_EXPORT int32_t perfring_open(const char *path, uint32_t flags, uint32_t mode, int32_t *fd);
PERFRING_EXPORT int32_t perfring_file_status(int32_t fd, uint32_t *mode, uint64_t *size);
PERFRING_EXPORT int32_t perfring_allocate(int32_t fd, uint64_t offset, uint64_t length);
PERFRING_EXPORT int32_t perfring_add_seals(int32_t fd, uint32_t seals);
PERFRING_EXPORT int32_t perfring_get_seals(int32_t fd, uint32_t *seals);
/* Exclusive locks that belong to the open file (F_OFD_SETLK, F_OFD_GETLK). locked is 1 if another open file holds one. */
PERFRING_EXPORT int32_t perfring_lock(int32_t fd, uint64_t start, uint64_t length);
PERFRING_EXPORT int32_t perfring_unlock(int32_t fd, uint64_t start, uint64_t length);
PERFRING_EXPORT int32_t perfring_lock_query(int32_t fd, uint64_t start, uint64_t length, uint32_t *locked);

/* futex.c: futex(2) on memory that processes share. A negative timeout waits without a bound. */
PERFRING_EXPORT int32_t perfring_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns);
PERFRING_EXPORT int32_t perfring_futex_wake(const uint32_t *word, int32_t count, int32_t *woken);

/* polling.c: epoll(7), eventfd(2). A negative timeout waits without a bound. */
PERFRING_EXPORT int32_t perfring_epoll_create(int32_t *fd);
PERFRING_EXPORT int32_t perfring_epoll_add(int32_t epoll_fd, int32_t fd, uint32_t events, uint64_t token);
PERFRING_EXPORT int32_t perfring_epoll_modify(int32_t epoll_fd, int32_t fd, uint32_t events, uint64_t token);
PERFRING_EXPORT int32_t perfring_epoll_remove(int32_t epoll_fd, int32_t fd);
PERFRING_EXPORT int32_t perfring_epoll_pwait2(int32_t epoll_fd, struct perfring_ready *ready, int32_t capacity,
                                              int64_t timeout_ns, int32_t *count);
PERFRING_EXPORT int32_t perfring_epoll_pwait(int32_t epoll_fd, struct perfring_ready *ready, int32_t capacity,
                                             int32_t timeout_ms, int32_t *count);
PERFRING_EXPORT int32_t perfring_eventfd(int32_t *fd);

/* descriptor.c */
PERFRING_EXPORT int32_t perfring_close(int32_t fd);
PERFRING_EXPORT int32_t perfring_duplicate(int32_t fd, int32_t *duplicate);
PERFRING_EXPORT int32_t perfring_read(int32_t fd, void *buffer, uint64_t length, uint64_t *transferred);
PERFRING_EXPORT int32_t perfring_write(int32_t fd, const void *buffer, uint64_t length, uint64_t *transferred);

/* clock.c: clock_gettime(2), by the kernel's number of the clock */
PERFRING_EXPORT int32_t perfring_clock_gettime(int32_t clock, uint64_t *nanoseconds);

/* bpf.c: bpf(2). result is what the command returned: a descriptor, or 0. */
PERFRING_EXPORT int32_t perfring_bpf(int32_t command, void *attr, uint32_t size, int32_t *result);

/* scheduling.c. Masks are whole 64-bit words, bit n of word n / 64 for CPU n. written is in bytes. */
PERFRING_EXPORT int32_t perfring_sched_setaffinity(int32_t tid, const uint64_t *mask, uint32_t length);
PERFRING_EXPORT int32_t perfring_sched_getaffinity(int32_t tid, uint64_t *mask, uint32_t length, uint32_t *written);
PERFRING_EXPORT int32_t perfring_gettid(int32_t *tid);
/* attr is struct sched_attr. */
PERFRING_EXPORT int32_t perfring_sched_setattr(int32_t tid, const void *attr);
/* prctl(PR_SET_TIMERSLACK) of the calling thread */
PERFRING_EXPORT int32_t perfring_set_timer_slack(uint64_t nanoseconds);
/* value is what the command returned: for MEMBARRIER_CMD_QUERY the commands that there are, otherwise 0. */
PERFRING_EXPORT int32_t perfring_membarrier(int32_t command, uint32_t flags, int32_t *value);

/* staging.c: the thread that moves records from rings of the kernel into staging rings. What the configuration points to is
 * copied; the rings and descriptors must stay until stop has returned. start allocates, and waits until the thread is set up;
 * stop waits until it has ended. kick makes it look at all rings now. kick and status may be called from any thread. */
PERFRING_EXPORT int32_t perfring_stage_start(const struct perfring_stage_config *config, void **stage);
PERFRING_EXPORT int32_t perfring_stage_kick(void *stage);
PERFRING_EXPORT int32_t perfring_stage_status(void *stage, struct perfring_stage_status *status);
PERFRING_EXPORT int32_t perfring_stage_stop(void *stage);

#endif

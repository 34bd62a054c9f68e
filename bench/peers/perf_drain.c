/*
 * The plain C reader of a perf ring, as the practical limit of one that waits for each length: walk from tail to head, read
 * the first eight bytes of each payload, publish the tail once. Samples carry nothing but their payload.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <linux/perf_event.h>

uint64_t perf_drain(void *base, uint64_t page, uint64_t size, uint64_t *sum);

uint64_t perf_drain(void *base, uint64_t page, uint64_t size, uint64_t *sum)
{
    struct perf_event_mmap_page *control = base;
    const char *data = (const char *)base + page;
    uint64_t mask = size - 1;
    uint64_t head = atomic_load_explicit((_Atomic __u64 *)&control->data_head, memory_order_acquire);
    uint64_t tail = control->data_tail;
    uint64_t total = 0;
    uint64_t records = 0;
    char scratch[UINT16_MAX + 1];

    while (tail != head) {
        const struct perf_event_header *header = (const void *)(data + (tail & mask));
        const char *record = (const char *)header;
        uint64_t length = header->size;
        uint64_t room = size - (tail & mask);
        if (length > room) {
            memcpy(scratch, record, room);
            memcpy(scratch + room, data, length - room);
            record = scratch;
        }
        if (header->type == PERF_RECORD_SAMPLE) {
            uint64_t first;
            memcpy(&first, record + sizeof(*header) + sizeof(uint32_t), sizeof(first));
            total += first;
            records++;
        }
        tail += length;
    }

    atomic_store_explicit((_Atomic __u64 *)&control->data_tail, head, memory_order_release);
    *sum += total;
    return records;
}

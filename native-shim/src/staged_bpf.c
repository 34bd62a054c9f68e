#include "staged_ring.h"

#include <linux/bpf.h>

/* How often a BUSY record is looked at again: producers are mostly done within a microsecond. */
#define BUSY_SPINS 64

/* No record is so long in a staging ring, the largest of which is 1 GiB. */
#define IMPOSSIBLE_LENGTH UINT64_C(0x3fffffff)

static inline void pause_a_moment(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Acquire. Pairs with the exchange of the header in bpf_ringbuf_commit: without BUSY, the payload is there. The second word,
 * an offset of the kernel's, is loaded with it. */
static uint64_t load_header(const struct staged_ring *ring, uint64_t position)
{
    return __atomic_load_n((const uint64_t *)(const void *)(ring->from + (position & ring->from_mask)), __ATOMIC_ACQUIRE);
}

static int is_busy(uint64_t header)
{
    return (header & BPF_RINGBUF_BUSY_BIT) != 0;
}

static int is_busy_for_long(const struct staged_ring *ring, uint64_t position)
{
    for (int i = 0; i < BUSY_SPINS; i++) {
        if (!is_busy(load_header(ring, position))) {
            return 0;
        }

        pause_a_moment();
    }

    return 1;
}

static uint64_t size_of(uint64_t header)
{
    uint64_t length = header & ~(uint64_t)(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT) & UINT32_MAX;
    return (length + BPF_RINGBUF_HDR_SZ + 7) & ~UINT64_C(7);
}

/*
 * Hands over what no producer writes, and nothing after it: the reader finds the same header at the same position, with the
 * same position of the producer, and says what is wrong. The kernel ring is left as it is.
 */
static uint32_t hand_over_impossible(struct staged_ring *ring, uint64_t header, uint64_t producer)
{
    if (producer - ring->position > staged_room(ring)) {
        return STAGED_NO_ROOM;
    }

    *staged_word(ring, ring->position) = header;
    staged_publish(ring, producer);
    ring->held = 1;
    return STAGED_MOVED;
}

static uint32_t hand_over_impossible_position(struct staged_ring *ring, uint64_t producer)
{
    if (staged_used(ring) != 0) {
        return STAGED_NO_ROOM;
    }

    /* In a larger ring the position might be possible: then the header is not. */
    *staged_word(ring, ring->position & ~UINT64_C(7)) = IMPOSSIBLE_LENGTH;
    staged_publish(ring, producer);
    ring->held = 1;
    return STAGED_MOVED;
}

/* The end of the finished records from the position on, as far as they fit and about a chunk. What stands there is left in
 * header and size. Expects the next record to be as long as this one, as the walk over a perf ring does. */
static uint64_t walk(const struct staged_ring *ring, uint64_t producer, uint64_t *header, uint64_t *size)
{
    uint64_t end = ring->position;
    uint64_t room = staged_room(ring);
    uint64_t limit = producer - end > room ? end + room : producer;
    uint64_t chunk = end + STAGED_CHUNK;
    while (end != producer && (int64_t)(chunk - end) > 0) {
        *header = load_header(ring, end);
        *size = size_of(*header);
        if (is_busy(*header) || *size > limit - end) {
            break;
        }

        do {
            end += *size;
        } while (*size <= limit - end && (int64_t)(chunk - end) > 0
                 && (uint32_t)load_header(ring, end) == (uint32_t)*header);
    }

    return end;
}

/* Moves finished records up to one that is not, discarded ones included: the reader counts those. */
uint32_t staged_move_bpf(struct staged_ring *ring, const uint32_t *stopping)
{
    uint64_t producer = staged_load_produced(ring);
    if (producer == ring->position || ring->held) {
        return 0;
    }

    if (producer - ring->position > ring->from_mask + 1 || ((producer | ring->position) & 7) != 0) {
        return hand_over_impossible_position(ring, producer);
    }

    uint32_t result = 0;
    while (ring->position != producer && !staged_is_stopping(stopping)) {
        uint64_t header = 0;
        uint64_t size = 0;
        uint64_t end = walk(ring, producer, &header, &size);
        if (end != ring->position) {
            staged_copy(ring, ring->position, end - ring->position);
            staged_publish(ring, end);
            staged_release(ring);
            result |= STAGED_MOVED;
        } else if (!is_busy(header)) {
            return result | (size > producer - end ? hand_over_impossible(ring, header, producer) : STAGED_NO_ROOM);
        } else if (is_busy_for_long(ring, end)) {
            return result | STAGED_BUSY;
        }
    }

    return result;
}

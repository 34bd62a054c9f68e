#ifndef PERFRING_STAGED_RING_H
#define PERFRING_STAGED_RING_H

#include <stdint.h>
#include <string.h>

/*
 * One ring of the kernel and the staging ring that its records are moved into.
 *
 *   kernel ring     consumer ........ producer            size: small, and what is not moved in time is lost
 *                     |   moved         |
 *   staging ring    producer <----------+                 size: large
 *     consumer ...... |
 *
 * Every byte is moved as it is, what was discarded included, so a record has the same position in both rings: the
 * producer's position of the staging ring is the consumer's of the kernel ring. Only the masks differ. So whoever reads the
 * staging ring can tell what is still to come from the kernel ring's own producer position.
 *
 * The stage's thread is the one consumer of the kernel ring and the one producer of the staging ring.
 */
struct staged_ring {
    uint64_t *from_producer;
    uint64_t *from_consumer;
    const uint8_t *from;
    uint64_t from_mask;
    uint64_t *to_producer;
    uint64_t *to_consumer;
    uint8_t *to;
    uint64_t to_mask;
    uint64_t position; /* up to where everything is moved */
    uint32_t kind;
    int32_t signal_fd;
    uint32_t held; /* what was handed over last must be read before more is: see the movers */
};

/* What one look at a ring came to: flags. */
#define STAGED_MOVED 1u
#define STAGED_NO_ROOM 2u /* something is left, for want of room in the staging ring */
#define STAGED_BUSY 4u    /* something is left, behind a record that is not finished */

/* How much is moved between two looks at whether to stop, and handed over at once: it stays in the first cache in between. */
#define STAGED_CHUNK (UINT64_C(16) * 1024)

uint32_t staged_move_perf(struct staged_ring *ring, const uint32_t *stopping);
uint32_t staged_move_bpf(struct staged_ring *ring, const uint32_t *stopping);

/* Acquire. Of the kernel's position: pairs with the barrier before data_head in perf_output_put_handle
 * (kernel/events/ring_buffer.c), and with the store-release of producer_pos in __bpf_ringbuf_reserve (kernel/bpf/ringbuf.c). */
static inline uint64_t staged_load_produced(const struct staged_ring *ring)
{
    return __atomic_load_n(ring->from_producer, __ATOMIC_ACQUIRE);
}

/* Bytes of the staging ring that are not read. Acquire: pairs with the release in RingCursor.StoreConsumer, so that the
 * reader is done with what will be written over. More than the ring's size if a position that can't be was handed over. */
static inline uint64_t staged_used(const struct staged_ring *ring)
{
    return ring->position - __atomic_load_n(ring->to_consumer, __ATOMIC_ACQUIRE);
}

static inline uint64_t staged_room(const struct staged_ring *ring)
{
    uint64_t used = staged_used(ring);
    return used > ring->to_mask ? 0 : ring->to_mask + 1 - used;
}

/* Release. Pairs with the acquire in RingCursor.LoadProducer: the records before the position are there. */
static inline void staged_publish(struct staged_ring *ring, uint64_t position)
{
    __atomic_store_n(ring->to_producer, position, __ATOMIC_RELEASE);
    ring->position = position;
}

/* Release. Pairs with the control dependency on data_tail in __perf_output_begin, and with the load-acquire of consumer_pos in
 * __bpf_ringbuf_reserve: what lies before the position is copied before the kernel writes over it. */
static inline void staged_release(struct staged_ring *ring)
{
    __atomic_store_n(ring->from_consumer, ring->position, __ATOMIC_RELEASE);
}

/* Copies so many bytes, at most either ring's size. Each side may wrap. */
static inline void staged_copy(const struct staged_ring *ring, uint64_t position, uint64_t length)
{
    while (length != 0) {
        uint64_t from = position & ring->from_mask;
        uint64_t to = position & ring->to_mask;
        uint64_t piece = length;
        piece = piece > ring->from_mask + 1 - from ? ring->from_mask + 1 - from : piece;
        piece = piece > ring->to_mask + 1 - to ? ring->to_mask + 1 - to : piece;
        memcpy(ring->to + to, ring->from + from, piece);
        position += piece;
        length -= piece;
    }
}

/* A word of the staging ring, at a multiple of 8: it does not wrap. */
static inline uint64_t *staged_word(const struct staged_ring *ring, uint64_t position)
{
    return (uint64_t *)(void *)(ring->to + (position & ring->to_mask));
}

static inline uint32_t staged_is_stopping(const uint32_t *stopping)
{
    return __atomic_load_n(stopping, __ATOMIC_RELAXED);
}

#endif

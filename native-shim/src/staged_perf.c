#include "staged_ring.h"

#include <linux/perf_event.h>

/*
 * Hands over positions between which no records can be: further apart than the ring is long, or no multiple of 8. The reader
 * reports them as a gap, with everything that it has not read by then; so it is made to read that first.
 */
static uint32_t hand_over_impossible(struct staged_ring *ring, uint64_t head)
{
    uint64_t unread = head - ring->position;
    /* Less than 8 bytes are what the position was rounded up by, and nothing to read. */
    if (staged_used(ring) >= 8) {
        return STAGED_NO_ROOM;
    }

    if (unread <= ring->from_mask + 1) {
        staged_copy(ring, ring->position, unread);
    } else {
        /* Nothing to copy. What was there before must not be taken for records: no header has size 0. */
        *staged_word(ring, (ring->position + 7) & ~UINT64_C(7)) = 0;
    }

    staged_publish(ring, head);
    staged_release(ring);
    ring->held = 1;
    return STAGED_MOVED;
}

/* struct perf_event_header: the size is in the last 16 bits. */
static uint64_t size_at(const struct staged_ring *ring, uint64_t position)
{
    return *staged_word(ring, position) >> 48;
}

/*
 * Walks whole records of the copy. Stops at one that can't be, and then tells so.
 *
 * The next record is expected to be as long as this one. Where it is, nothing has to be loaded to know where the one after it
 * is, and the loads overlap.
 */
static uint64_t walk(const struct staged_ring *ring, uint64_t position, uint64_t copied, uint64_t head, int *possible)
{
    while (position != copied) {
        uint64_t size = size_at(ring, position);
        if (size < sizeof(struct perf_event_header) || (size & 7) != 0 || size > head - position) {
            *possible = 0;
            break;
        }

        if (size > copied - position) {
            break;
        }

        do {
            position += size;
        } while (size <= copied - position && size_at(ring, position) == size);
    }

    return position;
}

/*
 * Copies first and checks the copy: an oversized record of a BPF program is written over records that nobody has read
 * yet, so that what was checked in the kernel's ring could be something else by the time of the copy.
 *
 * From a header that can't be, everything up to the head is suspect, and the reader skips to the end of what it sees. So the
 * stretch is handed over whole, and nothing more until it is read: what comes behind it is not suspect.
 */
uint32_t staged_move_perf(struct staged_ring *ring, const uint32_t *stopping)
{
    uint64_t head = staged_load_produced(ring);
    if (head == ring->position) {
        return 0;
    }

    if (ring->held) {
        if (staged_used(ring) != 0) {
            return STAGED_NO_ROOM;
        }

        ring->held = 0;
    }

    if (head - ring->position > ring->from_mask + 1 || (head & 7) != 0) {
        return hand_over_impossible(ring, head);
    }

    /* The reader does the same with its tail, behind a head that was no multiple of 8. */
    ring->position = (ring->position + 7) & ~UINT64_C(7);
    uint64_t room = staged_room(ring) & ~UINT64_C(7);
    uint64_t start = ring->position;
    uint64_t end = head - start > room ? start + room : head;
    uint64_t copied = start;
    int possible = 1;
    while (copied != end && possible && !staged_is_stopping(stopping)) {
        uint64_t length = end - copied > STAGED_CHUNK ? STAGED_CHUNK : end - copied;
        staged_copy(ring, copied, length);
        copied += length;
        uint64_t whole = walk(ring, ring->position, copied, head, &possible);
        if (!possible && end == head) {
            staged_copy(ring, copied, head - copied);
            ring->held = 1;
            whole = head;
        }

        if (whole != ring->position) {
            staged_publish(ring, whole);
            staged_release(ring);
        }
    }

    return (ring->position != start ? STAGED_MOVED : 0) | (ring->position != head ? STAGED_NO_ROOM : 0);
}

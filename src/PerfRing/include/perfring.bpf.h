/* SPDX-License-Identifier: MIT */

/*
 * Counts what finds no room, so that the reader in user space can know.
 *
 * The kernel tells nobody that a BPF ring buffer was full: reserve returns NULL, output an error, and only the program sees
 * it. The program therefore counts, in a map that the reader reads:
 *
 *   perfring_drops: BPF_MAP_TYPE_PERCPU_ARRAY
 *
 *     element 0          | CPU 0: u64 | CPU 1: u64 | ...      one element for each ring, at an index of the author's choice;
 *     element 1          | CPU 0: u64 | CPU 1: u64 | ...      an array with a ring for each CPU is one ring here
 *     ...
 *
 * Each count is the number of records that could not be written on that CPU since the map was made. It only grows; who sets
 * it back makes the losses of every open reader unknown.
 *
 * In C#: new BpfRingReaderOptions { Drops = BpfMap.OpenPinned(".../perfring_drops"), DropsIndex = 0 }. A reader of several maps
 * takes consecutive elements, in the order of the maps. Without the map the reader says that losses are unknown.
 *
 * Include it after vmlinux.h, or after nothing: then it includes linux/bpf.h. Needs libbpf's bpf_helpers.h, Linux 5.8 for ring
 * buffers, and clang -O2 -g -target bpf.
 */

#ifndef PERFRING_BPF_H
#define PERFRING_BPF_H

#ifndef __VMLINUX_H__
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>

/* How many elements there are. Define it before the include for more rings. */
#ifndef PERFRING_DROPS_MAX
#define PERFRING_DROPS_MAX 16
#endif

/* Weak, so that several objects that include this can be linked into one: they share the map. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PERFRING_DROPS_MAX);
	__type(key, __u32);
	__type(value, __u64);
} perfring_drops SEC(".maps") __weak;

/* An index beyond the map would count nothing, in silence. Where it is a constant, the compiler says so. */
#if defined(__has_attribute)
#if __has_attribute(error)
void perfring_index_out_of_range(void)
	__attribute__((error("the index of a perfring wrapper is not below PERFRING_DROPS_MAX")));
#define PERFRING_CHECK_INDEX(index)                                                        \
	do {                                                                               \
		if (__builtin_constant_p(index) && (index) >= PERFRING_DROPS_MAX)          \
			perfring_index_out_of_range();                                     \
	} while (0)
#endif
#endif
#ifndef PERFRING_CHECK_INDEX
#define PERFRING_CHECK_INDEX(index) ((void)0)
#endif

/*
 * Counts one record that was not written. The wrappers below call it; a program calls it for what it had to leave out for
 * another reason, such as a CPU that has no ring.
 *
 * The addition is atomic although each CPU has a count of its own, because programs nest: between the load and the store of a
 * plain addition, an interrupt or an NMI on the same CPU may run a program that counts too, and one of the two would be lost.
 * A sleepable program may also have moved to another CPU since it looked up its count.
 */
static __always_inline void perfring_count_drop(__u32 index)
{
	__u64 *count;

	PERFRING_CHECK_INDEX(index);
	count = bpf_map_lookup_elem(&perfring_drops, &index);
	if (count)
		__sync_fetch_and_add(count, 1);
}

/*
 * bpf_ringbuf_reserve. The size must be a constant: the verifier wants to know it, which is why this is inlined. Flags are 0.
 * NULL, counted, where the ring is full; and in an NMI that interrupted another reserve on the same ring.
 */
static __always_inline void *perfring_reserve(void *ring, __u64 size, __u64 flags, __u32 index)
{
	void *record = bpf_ringbuf_reserve(ring, size, flags);

	if (!record)
		perfring_count_drop(index);
	return record;
}

/*
 * bpf_ringbuf_submit, which can't fail. The flags decide who pays for the wakeup:
 *
 *   0                     wakes the reader if it had read everything before this record. Cheap under load: a reader that is
 *                         behind is not woken, it looks by itself (42 ns against 35 for a record of 8 bytes without wakeup)
 *   BPF_RB_NO_WAKEUP      never. The reader sees the record at its next look: at most its longest delay later, 10 ms by default
 *   BPF_RB_FORCE_WAKEUP   always. 5,400 ns each, paid by the thread that is traced: 150 times what the record costs
 *
 * See also perfring_wakeup_at.
 */
static __always_inline void perfring_submit(void *record, __u64 flags)
{
	bpf_ringbuf_submit(record, flags);
}

/* bpf_ringbuf_discard: takes a record back. No loss, and not counted here: the reader passes over it and counts it by itself. */
static __always_inline void perfring_discard(void *record, __u64 flags)
{
	bpf_ringbuf_discard(record, flags);
}

/* bpf_ringbuf_output: copies; the size may vary. Flags as for submit. 0, or a negative error, counted. */
static __always_inline long perfring_ringbuf_output(void *ring, void *data, __u64 size, __u64 flags, __u32 index)
{
	long result = bpf_ringbuf_output(ring, data, size, flags);

	if (result)
		perfring_count_drop(index);
	return result;
}

/*
 * bpf_perf_event_output, for perf event arrays. 0, or a negative error, counted.
 *
 * The kernel counts only what found the ring full (-ENOSPC), which the reader's ledger has without this. It counts nowhere
 * what found no reader (-ENOENT: the slot of the CPU is empty), an event of another CPU or a disabled one (-EOPNOTSUPP), or too
 * many programs nested in each other (-EBUSY). This counts all of them: the losses of the ledger are part of it.
 * A record of more than 65,516 bytes is spoilt, and yet no error.
 */
static __always_inline long perfring_perf_output(void *ctx, void *map, __u64 flags, void *data, __u64 size, __u32 index)
{
	long result = bpf_perf_event_output(ctx, map, flags, data, size);

	if (result)
		perfring_count_drop(index);
	return result;
}

/*
 * Flags for a submit or an output that wakes the reader once so many bytes are unread, and leaves it alone before: for streams
 * in which no single record is urgent. What stays below the mark is seen within the reader's longest delay. While the reader
 * has not come, each record beyond the mark wakes it again: choose a mark that it rarely lets grow.
 *
 *   perfring_submit(record, perfring_wakeup_at(&events, 64 * 1024));
 */
static __always_inline __u64 perfring_wakeup_at(void *ring, __u64 bytes)
{
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

#endif

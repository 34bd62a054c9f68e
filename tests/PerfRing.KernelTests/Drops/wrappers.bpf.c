/* Writes one record at each run, in the way that the test asks for. */

#include "perfring.bpf.h"

/* The element of perfring_drops that belongs to each ring. */
enum { FIRST, SECOND, PERF };

/* What to do: the test's WriteAction has the same order. */
enum { SUBMIT, DISCARD, OUTPUT, PERF_OUTPUT, SUBMIT_AT_MARK };

#define MARK (10 * 24)

struct payload {
	__u64 number;
	__u64 action;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8192);
} second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

/* How often each action was asked for, and how often it was refused: the program's own word. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SUBMIT_AT_MARK + 1);
	__type(key, __u32);
	__type(value, __u64[2]);
} counts SEC(".maps");

static __always_inline long write(void *context, __u64 action, __u64 number)
{
	struct payload payload = { number, action };
	struct payload *record;

	switch (action) {
	case SUBMIT:
	case DISCARD:
	case SUBMIT_AT_MARK:
		record = perfring_reserve(&first, sizeof(*record), 0, FIRST);
		if (!record)
			return -1;
		*record = payload;
		if (action == DISCARD)
			perfring_discard(record, 0);
		else
			perfring_submit(record, action == SUBMIT ? 0 : perfring_wakeup_at(&first, MARK));
		return 0;
	case OUTPUT:
		return perfring_ringbuf_output(&second, &payload, sizeof(payload), 0, SECOND);
	case PERF_OUTPUT:
		return perfring_perf_output(context, &perf, BPF_F_CURRENT_CPU, &payload, sizeof(payload), PERF);
	}
	return 0;
}

SEC("raw_tp")
int write_record(struct bpf_raw_tracepoint_args *context)
{
	__u64 action = context->args[0];
	__u32 key = action;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);

	if (count && write(context, action, __sync_fetch_and_add(&count[0], 1)))
		__sync_fetch_and_add(&count[1], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";

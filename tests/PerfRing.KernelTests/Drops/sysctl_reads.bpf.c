/* Writes the name of each sysctl that processes of a control group begin to read. */

#include "perfring.bpf.h"

#define NAME_LENGTH 16

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} names SEC(".maps");

SEC("cgroup/sysctl")
int note_read(struct bpf_sysctl *context)
{
	char *name;

	if (!context->write && context->file_pos == 0) {
		name = perfring_reserve(&names, NAME_LENGTH, 0, 0);
		if (name) {
			__builtin_memset(name, 0, NAME_LENGTH);
			bpf_sysctl_get_name(context, name, NAME_LENGTH, BPF_F_SYSCTL_BASE_NAME);
			perfring_submit(name, 0);
		}
	}
	return 1; /* may go on */
}

char LICENSE[] SEC("license") = "GPL";

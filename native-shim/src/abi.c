#include "perfring_shim.h"

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched/types.h>
#include <stddef.h>

/* What src/PerfRing/Abi mirrors, checked against the headers of the machine that builds. */
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

_Static_assert(sizeof(struct perfring_ready) == 16, "perfring_ready");

_Static_assert(sizeof(struct perfring_stage_ring) == 72, "perfring_stage_ring");
AT(struct perfring_stage_ring, from_producer, 0);
AT(struct perfring_stage_ring, from_consumer, 8);
AT(struct perfring_stage_ring, from_records, 16);
AT(struct perfring_stage_ring, from_size, 24);
AT(struct perfring_stage_ring, to_producer, 32);
AT(struct perfring_stage_ring, to_consumer, 40);
AT(struct perfring_stage_ring, to_records, 48);
AT(struct perfring_stage_ring, to_size, 56);
AT(struct perfring_stage_ring, kind, 64);
AT(struct perfring_stage_ring, signal_fd, 68);

_Static_assert(sizeof(struct perfring_stage_watch) == 8, "perfring_stage_watch");
AT(struct perfring_stage_watch, fd, 0);
AT(struct perfring_stage_watch, events, 4);

_Static_assert(sizeof(struct perfring_stage_config) == 48, "perfring_stage_config");
AT(struct perfring_stage_config, size, 0);
AT(struct perfring_stage_config, ring_count, 4);
AT(struct perfring_stage_config, watch_count, 8);
AT(struct perfring_stage_config, mask_length, 12);
AT(struct perfring_stage_config, rings, 16);
AT(struct perfring_stage_config, watches, 24);
AT(struct perfring_stage_config, mask, 32);
AT(struct perfring_stage_config, longest_delay, 40);

_Static_assert(sizeof(struct perfring_stage_status) == 8, "perfring_stage_status");
AT(struct perfring_stage_status, watching, 0);
AT(struct perfring_stage_status, error, 4);

_Static_assert(sizeof(struct perf_event_attr) >= 112, "perf_event_attr");
AT(struct perf_event_attr, type, 0);
AT(struct perf_event_attr, size, 4);
AT(struct perf_event_attr, config, 8);
AT(struct perf_event_attr, sample_period, 16);
AT(struct perf_event_attr, sample_type, 24);
AT(struct perf_event_attr, read_format, 32);
AT(struct perf_event_attr, wakeup_events, 48);
AT(struct perf_event_attr, bp_type, 52);
AT(struct perf_event_attr, config1, 56);
AT(struct perf_event_attr, config2, 64);
AT(struct perf_event_attr, branch_sample_type, 72);
AT(struct perf_event_attr, sample_regs_user, 80);
AT(struct perf_event_attr, sample_stack_user, 88);
AT(struct perf_event_attr, clockid, 92);
AT(struct perf_event_attr, sample_regs_intr, 96);
AT(struct perf_event_attr, aux_watermark, 104);
AT(struct perf_event_attr, sample_max_stack, 108);

_Static_assert(sizeof(struct perf_event_header) == 8, "perf_event_header");
AT(struct perf_event_header, type, 0);
AT(struct perf_event_header, misc, 4);
AT(struct perf_event_header, size, 6);

AT(struct perf_event_mmap_page, data_head, 1024);
AT(struct perf_event_mmap_page, data_tail, 1032);
AT(struct perf_event_mmap_page, data_offset, 1040);
AT(struct perf_event_mmap_page, data_size, 1048);

AT(union bpf_attr, map_type, 0);
AT(union bpf_attr, key_size, 4);
AT(union bpf_attr, value_size, 8);
AT(union bpf_attr, max_entries, 12);
AT(union bpf_attr, map_flags, 16);
AT(union bpf_attr, map_fd, 0);
AT(union bpf_attr, key, 8);
AT(union bpf_attr, value, 16);
AT(union bpf_attr, flags, 24);
AT(union bpf_attr, pathname, 0);
AT(union bpf_attr, bpf_fd, 8);
AT(union bpf_attr, file_flags, 12);
AT(union bpf_attr, map_id, 0);
AT(union bpf_attr, next_id, 4);
AT(union bpf_attr, open_flags, 8);
AT(union bpf_attr, info.bpf_fd, 0);
AT(union bpf_attr, info.info_len, 4);
AT(union bpf_attr, info.info, 8);

AT(struct bpf_map_info, type, 0);
AT(struct bpf_map_info, id, 4);
AT(struct bpf_map_info, key_size, 8);
AT(struct bpf_map_info, value_size, 12);
AT(struct bpf_map_info, max_entries, 16);
AT(struct bpf_map_info, map_flags, 20);
AT(struct bpf_map_info, name, 24);

_Static_assert(sizeof(struct sched_attr) >= 48, "sched_attr");
AT(struct sched_attr, size, 0);
AT(struct sched_attr, sched_policy, 4);
AT(struct sched_attr, sched_flags, 8);
AT(struct sched_attr, sched_nice, 16);
AT(struct sched_attr, sched_priority, 20);
AT(struct sched_attr, sched_runtime, 24);
AT(struct sched_attr, sched_deadline, 32);
AT(struct sched_attr, sched_period, 40);

uint32_t perfring_abi_version(void)
{
    return PERFRING_ABI_VERSION;
}

namespace PerfRing.Tests;

/// <summary>Descriptions of tracepoints in the form of tracefs, with ids and offsets of no kernel in particular.</summary>
internal static class FormatTexts
{
    private const string CommonFields = """
        format:
        	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
        	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
        	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
        	field:int common_pid;	offset:4;	size:4;	signed:1;


        """;

    /// <summary>Text of fixed length and signed numbers.</summary>
    internal const string SchedSwitch = "name: sched_switch\nID: 314\n" + CommonFields + """
        	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
        	field:pid_t prev_pid;	offset:24;	size:4;	signed:1;
        	field:int prev_prio;	offset:28;	size:4;	signed:1;
        	field:long prev_state;	offset:32;	size:8;	signed:1;
        	field:char next_comm[16];	offset:40;	size:16;	signed:0;
        	field:pid_t next_pid;	offset:56;	size:4;	signed:1;
        	field:int next_prio;	offset:60;	size:4;	signed:1;

        print fmt: "prev_comm=%s field:broken; ID: 9", REC->prev_comm

        """;

    /// <summary>Data elsewhere in the record, of every sort.</summary>
    internal const string Dynamic = "name: dynamic\nID: 7\n" + CommonFields + """
        	field:__data_loc char[] text;	offset:8;	size:4;	signed:0;
        	field:__data_loc u64[] numbers;	offset:12;	size:4;	signed:0;
        	field:__rel_loc char[] near_text;	offset:16;	size:4;	signed:0;
        	field:__rel_loc u16 near_numbers[];	offset:20;	size:4;	signed:0;
        	field:__data_loc cpumask_t cpumask;	offset:24;	size:4;	signed:0;

        print fmt: "%s", __get_str(text)

        """;

    /// <summary>Arrays, addresses and other types that declarations come with.</summary>
    internal const string Declarations = "name: declarations\nID: 8\n" + CommonFields + """
        	field:unsigned long args[6];	offset:8;	size:48;	signed:0;
        	field:u8 saddr[4];	offset:56;	size:4;	signed:0;
        	field:const char * fn;	offset:64;	size:8;	signed:0;
        	field:const char *const * argv;	offset:72;	size:8;	signed:0;
        	field:struct request_queue *q;	offset:80;	size:8;	signed:0;
        	field:union bpf_attr * uattr;	offset:88;	size:8;	signed:0;
        	field:bool blocked;	offset:96;	size:1;	signed:0;
        	field:enum zone_type zone;	offset:100;	size:4;	signed:0;
        	field:struct in6_addr address;	offset:104;	size:16;	signed:0;
        	field:char comm[TASK_COMM_LEN];	offset:120;	size:16;	signed:0;
        	field:unsigned char mac[6];	offset:136;	size:6;	signed:0;
        	field:s16 level;	offset:142;	size:2;	signed:1;
        	field:s8 tiny;	offset:144;	size:1;	signed:1;
        	field:struct pair pairs[2];	offset:148;	size:24;	signed:0;
        	field:void __seg_gs * ptr;	offset:176;	size:8;	signed:0;
        	field:unsigned long rest[];	offset:184;	size:0;	signed:0;

        print fmt: ""
        """;

    /// <summary>A system call: arguments are words, whatever their type.</summary>
    internal const string SystemCall = "name: sys_enter_openat\nID: 701\n" + CommonFields + """
        	field:int __syscall_nr;	offset:8;	size:4;	signed:1;
        	field:int dfd;	offset:16;	size:8;	signed:0;
        	field:const char * filename;	offset:24;	size:8;	signed:0;
        	field:int flags;	offset:32;	size:8;	signed:0;
        	field:umode_t mode;	offset:40;	size:8;	signed:0;

        print fmt: "dfd: 0x%08lx", ((unsigned long)(REC->dfd))
        """;
}

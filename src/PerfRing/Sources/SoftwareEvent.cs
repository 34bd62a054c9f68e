namespace PerfRing;

/// <summary>Events that the kernel itself counts (<c>enum perf_sw_ids</c> in linux/perf_event.h).</summary>
public enum SoftwareEvent
{
    /// <summary>Time of the CPU, in nanoseconds; samples by a timer.</summary>
    CpuClock = 0,

    /// <summary>Time of the task, in nanoseconds; samples by a timer.</summary>
    TaskClock = 1,

    /// <summary>Page faults.</summary>
    PageFaults = 2,

    /// <summary>Context switches. Switches out of the idle thread are counted, not sampled.</summary>
    ContextSwitches = 3,

    /// <summary>Tasks that moved to another CPU.</summary>
    CpuMigrations = 4,

    /// <summary>Page faults that needed no input or output.</summary>
    MinorPageFaults = 5,

    /// <summary>Page faults that did.</summary>
    MajorPageFaults = 6,

    /// <summary>Unaligned accesses that the kernel handled; none on x86.</summary>
    AlignmentFaults = 7,

    /// <summary>Instructions that the kernel emulated.</summary>
    EmulationFaults = 8,

    /// <summary>Never happens: a ring for side-band records only.</summary>
    Dummy = 9,

    /// <summary>Switches between tasks of different cgroups. Since Linux 5.13.</summary>
    CgroupSwitches = 11,
}

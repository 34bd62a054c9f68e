namespace PerfRing;

/// <summary>Events of the processor (<c>enum perf_hw_id</c> in linux/perf_event.h). Virtual machines often have none.</summary>
public enum HardwareEvent
{
    /// <summary>Cycles.</summary>
    CpuCycles = 0,

    /// <summary>Retired instructions.</summary>
    Instructions = 1,

    /// <summary>Accesses to the last cache.</summary>
    CacheReferences = 2,

    /// <summary>Misses of the last cache.</summary>
    CacheMisses = 3,

    /// <summary>Branches.</summary>
    BranchInstructions = 4,

    /// <summary>Mispredicted branches.</summary>
    BranchMisses = 5,

    /// <summary>Bus cycles.</summary>
    BusCycles = 6,

    /// <summary>Cycles stalled in the front end.</summary>
    StalledCyclesFrontend = 7,

    /// <summary>Cycles stalled in the back end.</summary>
    StalledCyclesBackend = 8,

    /// <summary>Cycles at the reference frequency.</summary>
    ReferenceCpuCycles = 9,
}

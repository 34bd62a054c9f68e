namespace PerfRing;

/// <summary>How a <see cref="PerfEventReader"/> is paused.</summary>
public enum PauseMethod
{
    /// <summary>The ring refuses records (PERF_EVENT_IOC_PAUSE_OUTPUT) and counts them as lost: the ledger stays exact. A BPF
    /// program gets -ENOSPC.</summary>
    Output,

    /// <summary>The slots of the map are emptied: a BPF program gets -ENOENT at the least cost, and nobody counts what it
    /// wanted to write, so that the ledger says that losses are unknown. For BPF output only.</summary>
    MapSlots,
}

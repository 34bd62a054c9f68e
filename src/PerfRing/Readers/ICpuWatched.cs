namespace PerfRing;

/// <summary>What goes blind when a CPU goes offline.</summary>
internal interface ICpuWatched
{
    /// <summary>Looks whether its CPUs are there, and opens anew what died. By the watch's thread.</summary>
    /// <param name="byClock">Whether to ask every event for its time, which interrupts its CPU. Otherwise the list of online CPUs
    /// and what looked odd before decide whom to ask.</param>
    /// <returns>False when there is nothing to watch any more.</returns>
    bool Look(bool byClock);
}

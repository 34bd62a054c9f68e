namespace PerfRing.Cli.Events;

/// <summary>The software events by the names that perf(1) gives them.</summary>
internal static class SoftwareEventNames
{
    private static readonly (SoftwareEvent Event, string Name, string? Alias)[] Names =
    [
        (SoftwareEvent.ContextSwitches, "context-switches", "cs"),
        (SoftwareEvent.CpuClock, "cpu-clock", null),
        (SoftwareEvent.TaskClock, "task-clock", null),
        (SoftwareEvent.PageFaults, "page-faults", "faults"),
        (SoftwareEvent.CpuMigrations, "cpu-migrations", "migrations"),
        (SoftwareEvent.MinorPageFaults, "minor-faults", null),
        (SoftwareEvent.MajorPageFaults, "major-faults", null),
        (SoftwareEvent.AlignmentFaults, "alignment-faults", null),
        (SoftwareEvent.EmulationFaults, "emulation-faults", null),
        (SoftwareEvent.CgroupSwitches, "cgroup-switches", null),
        (SoftwareEvent.Dummy, "dummy", null),
    ];

    /// <summary>All names, for help and messages.</summary>
    internal static string List { get; } =
        string.Join(", ", Names.Select(n => n.Alias is null ? n.Name : $"{n.Name} ({n.Alias})"));

    /// <summary>Finds an event by its name or its short name.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="found">The event.</param>
    /// <param name="name">Its long name.</param>
    internal static bool TryFind(string text, out SoftwareEvent found, out string name)
    {
        foreach ((SoftwareEvent e, string longName, string? alias) in Names)
        {
            if (text == longName || text == alias)
            {
                (found, name) = (e, longName);
                return true;
            }
        }

        (found, name) = (default, "");
        return false;
    }
}

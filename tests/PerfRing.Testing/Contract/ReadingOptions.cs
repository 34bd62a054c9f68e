namespace PerfRing.Testing;

/// <summary>What a contract test asks of the reader that it is given, whatever kind of ring that reads.</summary>
internal sealed record ReadingOptions
{
    /// <summary>When a waiting read is woken.</summary>
    internal Wakeup Wakeup { get; init; } = Wakeup.Immediate;

    /// <summary>Whether, and how, a native thread moves the records of the kernel's rings.</summary>
    internal StagingOptions? Staging { get; init; }

    /// <summary>Whether each record of a perf ring says which CPU it is of.</summary>
    internal bool NamesCpus { get; init; }
}

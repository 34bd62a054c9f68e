using PerfRing.Cli.Output;

namespace PerfRing.Cli.Trace;

/// <summary>What the command line of <c>perfring trace</c> asks for; values are checked, events are not looked up yet.</summary>
internal sealed record TraceOptions
{
    internal required IReadOnlyList<string> Events { get; init; }

    /// <summary>How long after enabling it ends; null for no end.</summary>
    internal TimeSpan? Duration { get; init; }

    /// <summary>After how many printed records it ends; null for no end.</summary>
    internal long? Count { get; init; }

    internal OutputFormat Format { get; init; }

    internal int BufferSize { get; init; } = PerfEventReaderOptions.DefaultBufferSize;

    /// <summary>Null for all that are online.</summary>
    internal CpuSet? Cpus { get; init; }

    internal int? ProcessId { get; init; }

    internal bool Strict { get; init; }

    internal int? WakeupEvents { get; init; }

    internal int? WakeupBytes { get; init; }

    internal TimeSpan? Within { get; init; }

    /// <summary>Whether the records of all CPUs are printed in the order of time.</summary>
    internal bool Merge { get; init; }

    /// <summary>How long records are held back for that; null for the library's default.</summary>
    internal TimeSpan? HoldBack { get; init; }
}

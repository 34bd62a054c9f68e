using PerfRing.Cli.Maps;
using PerfRing.Cli.Reading;

namespace PerfRing.Cli.Read;

/// <summary>What the command line of <c>perfring read</c> asks for; values are checked, maps are not looked up yet.</summary>
internal sealed record ReadOptions
{
    internal required MapReference Map { get; init; }

    /// <summary>The map in which the BPF program counts what it could not write; null where it does not.</summary>
    internal MapReference? Drops { get; init; }

    /// <summary>The element of <see cref="Drops"/> that belongs to the map.</summary>
    internal int DropsIndex { get; init; }

    internal PayloadFormat Format { get; init; }

    internal ReadingLimits Limits { get; init; }

    /// <summary>Whether whoever reads the map now may be silenced.</summary>
    internal bool TakeOver { get; init; }

    internal TimeSpan? Within { get; init; }
}

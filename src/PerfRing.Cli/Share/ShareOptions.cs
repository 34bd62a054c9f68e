namespace PerfRing.Cli.Share;

/// <summary>What the command lines of <c>perfring share</c> ask for.</summary>
internal sealed record ShareOptions
{
    /// <summary>The file of the ring.</summary>
    internal required string Path { get; init; }

    /// <summary>Bytes of the ring, for whoever makes it; null for the default.</summary>
    internal int? Capacity { get; init; }

    /// <summary>How many may write at a time, for whoever makes the ring; null for the default, which is one.</summary>
    internal SharedRingProducers? Producers { get; init; }

    /// <summary>Whether records are bytes of any kind behind their length, instead of lines.</summary>
    internal bool LengthPrefixed { get; init; }
}

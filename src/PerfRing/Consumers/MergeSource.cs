namespace PerfRing;

/// <summary>One of several readers that are merged, where they differ in the place of their stamps.</summary>
/// <param name="Reader">The reader; stays the caller's.</param>
public sealed record MergeSource(RingReader Reader)
{
    /// <summary>Where the stamp lies in the payloads of this reader.</summary>
    /// <remarks>Default null: as <see cref="MergeOptions.StampOffset"/> says.</remarks>
    public int? StampOffset { get; init; }
}

namespace PerfRing.Cli.Reading;

/// <summary>When reading ends by itself, and whether a loss makes it fail.</summary>
/// <param name="Duration">After how long; null for no end.</param>
/// <param name="Count">After how many printed records; null for no end.</param>
/// <param name="Strict">Whether records that were lost, or may have been, make the command fail.</param>
internal readonly record struct ReadingLimits(TimeSpan? Duration, long? Count, bool Strict);

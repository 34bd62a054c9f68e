namespace PerfRing;

/// <summary>What one <see cref="RingReader.Drain{THandler}"/> did.</summary>
/// <param name="Status">Why it returned; <see cref="ReadStatus.Records"/> if there were any.</param>
/// <param name="Records">Records handled, loss notices included.</param>
/// <param name="Stopped">Whether the handler ended it before everything that the budget allows was handled.</param>
public readonly record struct DrainResult(ReadStatus Status, long Records, bool Stopped);

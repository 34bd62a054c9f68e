namespace PerfRing.Tests.Consumers;

/// <summary>A clock that stands still unless a test moves it.</summary>
internal sealed class ScriptedClock : TimeProvider
{
    private long _now = 1_000_000_000;
    private int _reads;

    /// <summary>Nanoseconds.</summary>
    internal long Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }

    /// <summary>What happens when the clock has been read, given how often it was.</summary>
    internal Action<int>? WasRead { get; set; }

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp()
    {
        long now = Now;
        WasRead?.Invoke(++_reads);
        return now;
    }
}

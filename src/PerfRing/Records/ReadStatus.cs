namespace PerfRing;

/// <summary>Why a read returned.</summary>
public enum ReadStatus
{
    /// <summary>The batch holds records.</summary>
    Records,

    /// <summary>The timeout passed and the rings were empty.</summary>
    TimedOut,

    /// <summary>Everything that was in the rings when <see cref="RingReader.Flush"/> was called has been delivered. Reported
    /// once for each call.</summary>
    Flushed,

    /// <summary>There will be no more records: the reader was disposed during the read, or every task that it watched has
    /// ended and its records have been delivered.</summary>
    Completed,
}

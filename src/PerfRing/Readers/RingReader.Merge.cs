namespace PerfRing;

/// <summary>What a merge needs, which looks at the rings itself.</summary>
public abstract partial class RingReader
{
    /// <summary>The rings, for a merge.</summary>
    internal Ring[] MergeRings => _rings;

    /// <summary>What announces the rings.</summary>
    internal Waiter MergeWaiter => _waiter;

    /// <summary>The clock of the kernel's stamps; null where the records carry none.</summary>
    internal virtual EventClock? StampClock => null;

    /// <summary>Whether <see cref="IsOver"/> can come true by itself. It is seen by waiting only.</summary>
    internal bool EndsWithTasks => _endsWithTasks;

    /// <summary>How long the reader may sleep after a look, in nanoseconds: until its longest delay is over, or until a record that is
    /// being written has to be looked at again.</summary>
    internal long MergeSleep => Math.Min(_longestDelay, LongestSleep());

    /// <summary>Begins to use the rings as a read does, until <see cref="EndRead"/>.</summary>
    /// <returns>False if the reader is disposed.</returns>
    /// <exception cref="InvalidOperationException">A read is under way, or the last batch was not disposed.</exception>
    internal bool TryBeginMerge()
    {
        try
        {
            BeginRead();
        }
        catch (ObjectDisposedException) when (IsDisposed)
        {
            return false;
        }

        ReadsWithoutPipe++;
        return true;
    }

    /// <summary>Before a merge sleeps on the announcer: a poller's set would steal its wakeups.</summary>
    internal void LeavePollerForMerge() => LeavePoller();
}

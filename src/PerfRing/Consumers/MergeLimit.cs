namespace PerfRing;

/// <summary>How many of the records that are held may be handed out.</summary>
/// <param name="arena">Where they are.</param>
/// <param name="allowance">What the caller's budget allows.</param>
internal struct MergeLimit(RecordArena arena, RecordAllowance allowance)
{
    private long _excess = long.MaxValue;

    /// <summary>Whether every record may be taken, without being asked for.</summary>
    internal bool IsUnlimited { get; private set; } = allowance.IsUnlimited;

    /// <summary>From now on also ends when so many bytes were taken.</summary>
    internal void StopAfter(long excess)
    {
        _excess = excess;
        IsUnlimited = false;
    }

    /// <summary>Takes one record, unless that is too much.</summary>
    internal bool TryTake(ulong position)
    {
        if (IsUnlimited)
            return true;

        uint size = arena.SizeOf(position);
        if (_excess <= 0 || !allowance.TryTake(size))
            return false;

        _excess -= RecordArena.Taken(size);
        return true;
    }
}

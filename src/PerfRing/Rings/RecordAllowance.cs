namespace PerfRing;

/// <summary>How much a batch may still take, while it goes from ring to ring.</summary>
internal struct RecordAllowance(long records, long bytes)
{
    private readonly bool _unlimited = records == long.MaxValue && bytes == long.MaxValue;
    private long _records = records;
    private long _bytes = bytes;
    private bool _started;

    /// <summary>Whether there is no bound at all, so that a snapshot need not look at the records.</summary>
    internal readonly bool IsUnlimited => _unlimited;

    /// <summary>Takes one record, if it still fits. The first of a batch fits whatever its size, or nothing would move.</summary>
    internal bool TryTake(uint size)
    {
        if (_started && (_records <= 0 || size > _bytes))
        {
            _records = 0;
            return false;
        }

        _started = true;
        _records--;
        _bytes -= size;
        return true;
    }
}

namespace PerfRing;

public sealed partial class MergedReader
{
    /// <summary>How many records are walked between two looks at the clock.</summary>
    private const int RecordsBetweenClocks = 64;

    /// <summary>Tells the batch that is out from those before it. No batch is out that has this number and was disposed.</summary>
    private uint _generation;
    private int _visited;
    private long _batchEnd = Deadline.None;

    /// <summary>Called by the enumerator before each step.</summary>
    /// <returns>False at the end of the batch.</returns>
    internal bool Visit(uint generation, int index)
    {
        ThrowIfEnded(generation);
        if (index == _store.Count)
            return false;

        if (index >= _visited)
        {
            if (_batchEnd != Deadline.None && index != 0 && index % RecordsBetweenClocks == 0 && Now() >= _batchEnd)
                return false;

            _visited = index + 1;
        }

        return true;
    }

    internal MergedRecord Show(int index)
    {
        MergeEntry entry = _store[index];
        return new MergedRecord(this, _generation, entry.Position, entry.Time, _store.IsLate(entry.Time));
    }

    /// <summary>The record at a place that a batch has shown, while that is out: afterwards other records lie there.</summary>
    internal Record Show(uint generation, ulong position)
    {
        ThrowIfEnded(generation);
        return _store.Show(position);
    }

    /// <inheritdoc cref="Show(uint, ulong)"/>
    internal RingReader SourceOf(uint generation, ulong position)
    {
        ThrowIfEnded(generation);
        return _sources[_store.RingOf(position)];
    }

    internal void ThrowIfEnded(uint generation)
    {
        if (generation != _generation)
            throw new InvalidOperationException("This batch was disposed: its memory is used for other records.");
    }

    internal void Release(uint generation)
    {
        if (generation != _generation)
            return;

        _generation++;
        _store.Settle(_visited);
        Leave(Leased);
    }

    private MergedBatch BeginBatch(TimeSpan longest)
    {
        _visited = 0;
        _batchEnd = longest == Timeout.InfiniteTimeSpan ? Deadline.None : Deadline.Later(Now(), longest);
        ReadBecomesLease();
        return new MergedBatch(this, _generation);
    }
}

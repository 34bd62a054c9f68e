using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>The records between the consumer position and one snapshot of the producer positions: a lease on ring memory.</summary>
/// <remarks>
/// <para>Dispose it: <c>using RecordBatch batch = reader.Read(…)</c>. Until then the memory belongs to the reader of the
/// records, and the next Read throws. Disposing publishes the consumer positions, once for the whole batch.</para>
/// <para>Leaving the <c>foreach</c> early and disposing gives up the records that were not visited: they are counted as
/// <c>Abandoned</c> in the reader's loss ledger. To keep them, call <see cref="ReleaseThrough"/> with the last record that you are done
/// with: the rest comes again with the next read.</para>
/// <para>A batch may be walked more than once. Copies of the struct are copies of the same lease. Not thread-safe.</para>
/// </remarks>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct.")]
public readonly ref partial struct RecordBatch
{
    private readonly BatchLease? _lease;
    private readonly uint _generation;

    internal RecordBatch(ReadStatus status) => Status = status;

    internal RecordBatch(BatchLease lease, uint generation)
    {
        _lease = lease;
        _generation = generation;
        Status = ReadStatus.Records;
    }

    /// <summary>Why the read returned. Only <see cref="ReadStatus.Records"/> comes with records.</summary>
    public ReadStatus Status { get; }

    /// <summary>Walks the records, ring by ring, each ring in the order in which the kernel wrote it.</summary>
    /// <exception cref="InvalidOperationException">The batch was disposed.</exception>
    public Enumerator GetEnumerator() => new(_lease, _generation);

    /// <summary>Publishes everything up to and including <paramref name="record"/>; disposing will release no more than that.</summary>
    /// <param name="record">A record of this batch. The memory of it and of all before it may change from now on.</param>
    /// <exception cref="InvalidOperationException">The batch was disposed, or the record is of another reader.</exception>
    public void ReleaseThrough(scoped in Record record)
    {
        if (_lease is null)
            throw new InvalidOperationException($"A batch with status {Status} holds no records.");

        _lease.ReleaseThrough(_generation, record);
    }

    /// <summary>Ends the lease and gives the memory back. A second call, also on a copy, does nothing.</summary>
    public void Dispose() => _lease?.Release(_generation);
}

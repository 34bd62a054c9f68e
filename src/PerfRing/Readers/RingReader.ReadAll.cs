using System.Runtime.CompilerServices;

namespace PerfRing;

public abstract partial class RingReader
{
    /// <summary>Reads record after record, each copied, for <c>await foreach</c>.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>, while it waits and
    /// between records.</param>
    /// <returns>The records, to be disposed one by one. It ends when the reader is disposed, or its tasks have ended and their
    /// records were delivered.</returns>
    /// <remarks>
    /// <para>One record is copied, released through, and then handed out; what was not handed out stays in the ring, so
    /// that leaving the loop, or an exception in it, loses nothing, and reading may go on in any other way. Between two
    /// records the reader is not in use.</para>
    /// <para>Losses and gaps are records of their kinds. The mark that a <see cref="Flush"/> leads to is passed over: who needs it
    /// uses <see cref="WaitAsync"/> and <see cref="Read(TimeSpan)"/>.</para>
    /// <para>For convenience: a record costs a copy, a look at each ring and a position published. Nothing is allocated for a record
    /// in steady state, if each is disposed. <see cref="WaitAsync"/> followed by a batch costs a fraction.</para>
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public IAsyncEnumerable<OwnedRecord> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return TakeAllAsync(cancellationToken);
    }

    private async IAsyncEnumerable<OwnedRecord> TakeAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadStatus status = TakeOne(out OwnedRecord record);
            if (!record.IsEmpty)
                yield return record;
            else if (status == ReadStatus.Completed)
                yield break;
            else if (status == ReadStatus.TimedOut && !await WaitOrEndAsync(cancellationToken).ConfigureAwait(false))
                yield break;
        }
    }

    private ReadStatus TakeOne(out OwnedRecord taken)
    {
        taken = default;
        try
        {
            using RecordBatch batch = Read(TimeSpan.Zero, ReadBudget.OfRecords(1), CancellationToken.None);
            foreach (Record record in batch)
                taken = record.ToOwned();

            return batch.Status;
        }
        catch (ObjectDisposedException) when (IsDisposed)
        {
            return ReadStatus.Completed;
        }
    }

    private ValueTask<bool> WaitOrEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            return WaitAsync(cancellationToken);
        }
        catch (ObjectDisposedException) when (IsDisposed)
        {
            return new ValueTask<bool>(false);
        }
    }
}

namespace PerfRing;

public abstract partial class RingReader
{
    /// <summary>Hands every record that is there to a handler, and releases what it handled.</summary>
    /// <typeparam name="THandler">A struct, so that its method is inlined.</typeparam>
    /// <param name="handler">Called on this thread. If it throws, the record it was given counts as handled, the rest stays in
    /// the rings, and the exception goes to the caller.</param>
    /// <param name="budget">The most to take; by default what is there at one moment.</param>
    /// <param name="timeout">How long to wait if there is nothing; by default not at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way, or the last batch was not disposed.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public DrainResult Drain<THandler>(
        ref THandler handler,
        ReadBudget budget = default,
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default)
        where THandler : struct, IRecordHandler, allows ref struct
    {
        using RecordBatch batch = Read(timeout, budget, cancellationToken);
        if (batch.Status != ReadStatus.Records)
            return new DrainResult(batch.Status, 0, Stopped: false);

        // What a handler leaves, by its word or by an exception, was not given up.
        _batch.KeepRest();
        long records = Walk(batch, ref handler, out bool stopped);
        return new DrainResult(ReadStatus.Records, records, stopped);
    }

    /// <summary>What <see cref="Drain{THandler}"/> does without waiting, for a thread that is nothing but the consumer of this reader:
    /// measures the first record, too, which has waited the longest.</summary>
    /// <param name="handler">As there.</param>
    /// <param name="budget">The most to take.</param>
    /// <param name="probe">Measures.</param>
    /// <param name="isCut">Whether the time of the budget was over before the batch was.</param>
    /// <returns>What was done; <see cref="ReadStatus.Completed"/> also if the reader is disposed.</returns>
    internal DrainResult DrainMeasured<THandler>(
        ref THandler handler, in ReadBudget budget, ref DelayProbe probe, out bool isCut)
        where THandler : struct, IRecordHandler
    {
        isCut = false;
        RecordBatch batch;
        try
        {
            batch = Read(TimeSpan.Zero, budget, CancellationToken.None);
        }
        catch (ObjectDisposedException) when (IsDisposed)
        {
            // Here only, or an exception of the handler's own would be taken for this.
            return new DrainResult(ReadStatus.Completed, 0, Stopped: false);
        }

        try
        {
            if (batch.Status != ReadStatus.Records)
                return new DrainResult(batch.Status, 0, Stopped: false);

            _batch.KeepRest();
            RecordBatch.Enumerator records = batch.GetEnumerator();
            if (!records.MoveNext())
                return new DrainResult(ReadStatus.Records, 0, Stopped: false);

            probe.Measure(records.Current);
            long count = Walk(ref records, ref handler, out bool stopped);
            isCut = _batch.IsCut;
            return new DrainResult(ReadStatus.Records, count, stopped);
        }
        finally
        {
            batch.Dispose();
        }
    }

    // A method of its own, without a handler for exceptions around it, so that the cursor stays in registers.
    private static long Walk<THandler>(RecordBatch batch, ref THandler handler, out bool stopped)
        where THandler : struct, IRecordHandler, allows ref struct
    {
        long records = 0;
        foreach (Record record in batch)
        {
            records++;
            if (!handler.Handle(record))
            {
                stopped = true;
                return records;
            }
        }

        stopped = false;
        return records;
    }

    /// <param name="records">On the first record.</param>
    /// <param name="handler">Gets each.</param>
    /// <param name="stopped">Whether it ended the walk.</param>
    private static long Walk<THandler>(scoped ref RecordBatch.Enumerator records, ref THandler handler, out bool stopped)
        where THandler : struct, IRecordHandler
    {
        // A copy, so that the cursor is nobody else's and stays in registers.
        RecordBatch.Enumerator cursor = records;
        long count = 0;
        do
        {
            count++;
            if (!handler.Handle(cursor.Current))
            {
                stopped = true;
                return count;
            }
        }
        while (cursor.MoveNext());

        stopped = false;
        return count;
    }
}

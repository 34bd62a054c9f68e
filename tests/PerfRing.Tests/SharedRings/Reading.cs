namespace PerfRing.Tests.SharedRings;

/// <summary>What a reader gets, as texts and numbers that can be compared.</summary>
internal static class Reading
{
    /// <summary>The reader never looks by itself.</summary>
    internal static readonly SharedRingReaderOptions WhenWoken =
        new() { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) };

    /// <summary>The payloads that are there.</summary>
    internal static byte[][] Payloads(this SharedRingReader reader)
    {
        List<byte[]> payloads = [];
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            payloads.Add(record.Payload.ToArray());

        return [.. payloads];
    }

    /// <summary>The records that are there, each of one byte.</summary>
    internal static int[] Numbers(this SharedRingReader reader) =>
        [.. reader.Payloads().Select(payload => (int)Assert.Single(payload))];

    /// <summary>Waits for the next batch.</summary>
    internal static (ReadStatus Status, int Records) Next(
        this SharedRingReader reader, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        using RecordBatch batch = reader.Read(timeout ?? Timeout.InfiniteTimeSpan, cancellationToken);
        int records = 0;
        foreach (Record record in batch)
            records++;

        return (batch.Status, records);
    }

    internal static bool TryWrite(this SharedRingWriter writer, byte number) => writer.TryWrite([number]);
}

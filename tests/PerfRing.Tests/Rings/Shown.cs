using System.Buffers.Binary;

namespace PerfRing.Tests;

/// <summary>Reads what is there, notes something of each record, and releases the batch.</summary>
internal static class Shown
{
    internal static List<RecordKind> Kinds(RingReader reader, ReadBudget budget = default) =>
        Of(reader, static record => record.Kind, budget);

    /// <summary>The sizes of the payloads, which tests use to tell samples apart; -1 for other kinds.</summary>
    internal static List<int> Payloads(RingReader reader, ReadBudget budget = default) =>
        Of(reader, static record => record.Kind == RecordKind.Sample ? record.Payload.Length : -1, budget);

    /// <summary>The number with which <see cref="Numbered"/> began each payload; -1 for other kinds.</summary>
    internal static List<long> Numbers(RingReader reader, ReadBudget budget = default) => Of(reader, Number, budget);

    /// <summary>Walks a batch that stays out.</summary>
    internal static List<long> Numbers(scoped in RecordBatch batch)
    {
        List<long> numbers = [];
        foreach (Record record in batch)
            numbers.Add(Number(record));

        return numbers;
    }

    /// <summary>Waits without a bound, and tells why it ended.</summary>
    internal static ReadStatus StatusOf(this RingReader reader) => reader.StatusOf(Timeout.InfiniteTimeSpan);

    /// <summary>Reads, gives up what was there, and tells why the read ended.</summary>
    internal static ReadStatus StatusOf(
        this RingReader reader, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using RecordBatch batch = reader.Read(timeout, cancellationToken);
        return batch.Status;
    }

    /// <summary>The number in front of a payload.</summary>
    internal static long Number(Record record) =>
        record.Kind == RecordKind.Sample ? BinaryPrimitives.ReadInt64LittleEndian(record.Payload) : -1;

    private static List<T> Of<T>(RingReader reader, Func<Record, T> note, ReadBudget budget)
    {
        List<T> notes = [];
        using RecordBatch batch = reader.Read(TimeSpan.Zero, budget, CancellationToken.None);
        foreach (Record record in batch)
            notes.Add(note(record));

        return notes;
    }
}

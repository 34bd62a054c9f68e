using System.Buffers.Binary;

namespace PerfRing.Testing;

/// <summary>A reader and somebody who writes into its rings, whatever kind they are, for the contract suites.</summary>
/// <remarks>Each payload begins with a number, which rises by one with each attempt on its ring, and goes on with a pattern; so
/// that what is read can be told apart, and compared to the byte.</remarks>
internal abstract class RingUnderTest : IDisposable
{
    /// <summary>The shortest payload: the number.</summary>
    internal const int SmallestPayload = sizeof(long);

    private readonly Dictionary<(int Ring, long Number), int> _sizes = [];

    /// <summary>The reader.</summary>
    internal abstract RingReader Reader { get; }

    /// <summary>Whether the ledger knows how many records were refused.</summary>
    internal abstract bool LossesAreKnown { get; }

    /// <summary>Records that the rings took, in the order of writing.</summary>
    internal List<(int Ring, long Number)> Accepted { get; } = [];

    /// <summary>Records that the rings refused.</summary>
    internal long Refused { get; private set; }

    /// <summary>Writes records, in turns to all rings.</summary>
    /// <param name="size">Bytes of payload, at least <see cref="SmallestPayload"/>.</param>
    /// <param name="count">How many.</param>
    /// <returns>How many of them found room.</returns>
    internal int Write(int size, int count = 1)
    {
        int accepted = 0;
        for (int i = 0; i < count; i++)
        {
            if (TryWrite(size, out (int Ring, long Number) written))
            {
                accepted++;
                Accepted.Add(written);
                _sizes.Add(written, size);
                if (IsStaged)
                    Reader.Settle();
            }
            else
            {
                Refused++;
            }
        }

        return accepted;
    }

    /// <summary>Writes records without keeping account of them. Allocates nothing.</summary>
    internal abstract void WriteUncounted(int size, int count);

    /// <summary>Makes what was written readable, and keeps more from being written, where the kind asks for that.</summary>
    internal virtual void BeforeReading()
    {
        if (IsStaged)
            Reader.Settle();
    }

    /// <summary>The opposite.</summary>
    internal virtual void BeforeWriting()
    {
    }

    /// <summary>Reads what is there. A staging ring that was full leaves the rest in the kernel's, which comes after it.</summary>
    internal List<(int Ring, long Number)> Read(ReadBudget budget = default) =>
        IsStaged && budget == default ? Reader.ReadAll(() => ReadBatch(default)) : ReadBatch(budget);

    private bool IsStaged => Reader.StagingCapacity != 0;

    private List<(int Ring, long Number)> ReadBatch(ReadBudget budget)
    {
        BeforeReading();
        List<(int, long)> read = [];
        using RecordBatch batch = Reader.Read(TimeSpan.Zero, budget, CancellationToken.None);
        foreach (Record record in batch)
        {
            if (record.Kind == RecordKind.Sample)
                read.Add(Identify(record));
        }

        return read;
    }

    /// <summary>Which record it is. Throws if a single byte of it is not as it was written.</summary>
    internal (int Ring, long Number) Identify(scoped in Record record)
    {
        ReadOnlySpan<byte> payload = record.Payload;
        (int, long) identity = (RingOf(record), BinaryPrimitives.ReadInt64LittleEndian(payload));
        if (!_sizes.TryGetValue(identity, out int size))
            throw new InvalidDataException($"Nobody wrote a record {identity}.");

        // A perf ring shows padding, too.
        if (payload.Length < size || payload.Length - size > 7)
            throw new InvalidDataException($"Record {identity} was written with {size} bytes and shows {payload.Length}.");

        for (int i = SmallestPayload; i < size; i++)
        {
            if (payload[i] != BpfOutputProgram.ExpectedByte(i))
                throw new InvalidDataException($"Byte {i} of record {identity} is {payload[i]}.");
        }

        return identity;
    }

    /// <summary>Writes one record, without keeping account of it.</summary>
    internal abstract bool TryWrite(int size, out (int Ring, long Number) written);

    public abstract void Dispose();

    internal virtual int RingOf(scoped in Record record) => record.Cpu;

    /// <summary>Fills a payload as the BPF programs do.</summary>
    private protected static void Fill(Span<byte> payload, long number)
    {
        for (int i = SmallestPayload; i < payload.Length; i++)
            payload[i] = BpfOutputProgram.ExpectedByte(i);

        BinaryPrimitives.WriteInt64LittleEndian(payload, number);
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace PerfRing.AotSmoke;

/// <summary>A ring in shared memory, written and read in this process, in every way of reading that does not wait.</summary>
internal static class SharedRingSteps
{
    private const int Numbers = 100;

    internal static string ReadByBatch()
    {
        using SharedRing ring = Fill();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        long sum = 0;
        using (RecordBatch batch = reader.Read())
        {
            foreach (Record record in batch)
                sum += BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
        }

        return $"batch: sum {sum}";
    }

    internal static string Drain()
    {
        using SharedRing ring = Fill();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        Summing handler = default;
        DrainResult result = reader.Drain(ref handler);
        return $"drain: {result.Records} records, sum {handler.Sum}";
    }

    internal static async Task<string> ReadThroughPipe()
    {
        using SharedRing ring = Fill();
        using SharedRingReader reader = SharedRingReader.Open(ring);
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = await pipe.ReadAsync();
        (long sum, SequencePosition consumed) = Sum(reader, result.Buffer);
        pipe.AdvanceTo(consumed, result.Buffer.End);
        return $"pipe: sum {sum}, {(pipe.TryRead(out _) ? "more" : "nothing")} behind it";
    }

    private static (long Sum, SequencePosition Consumed) Sum(SharedRingReader reader, in ReadOnlySequence<byte> bytes)
    {
        long sum = 0;
        RecordSequenceReader records = reader.RecordsIn(bytes);
        while (records.TryRead(out Record record))
            sum += BinaryPrimitives.ReadInt64LittleEndian(record.Payload);

        return (sum, records.Position);
    }

    private static SharedRing Fill()
    {
        SharedRing ring = SharedRing.CreateAnonymous(new SharedRingOptions { Capacity = 8192 });
        using SharedRingWriter writer = ring.OpenWriter();
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        for (long number = 1; number <= Numbers; number++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            if (!writer.TryWrite(bytes))
                throw new InvalidOperationException($"no room for number {number}");
        }

        return ring;
    }

    private struct Summing : IRecordHandler
    {
        internal long Sum;

        public bool Handle(Record record)
        {
            Sum += BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
            return true;
        }
    }
}

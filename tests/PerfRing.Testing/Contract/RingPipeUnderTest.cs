using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Xunit;

namespace PerfRing.Testing;

/// <summary>The pipe over a reader of rings.</summary>
internal sealed class RingPipeUnderTest(RingUnderTest ring) : PipeUnderTest
{
    private const int Payload = 24;

    internal override PipeReader Reader => ring.Reader.AsPipeReader();

    internal override IReadOnlyList<(int Ring, long Number)> Written => ring.Accepted;

    internal override void Write() => Assert.Equal(1, ring.Write(Payload));

    internal override List<(int Ring, long Number)> Parse(in ReadOnlySequence<byte> bytes)
    {
        List<(int, long)> units = [];
        RecordSequenceReader records = ring.Reader.RecordsIn(bytes);
        while (records.TryRead(out Record record))
            units.Add(ring.Identify(record));

        Assert.Equal(0, bytes.Slice(records.Position).Length);
        return units;
    }

    internal override List<long> ParseCopy(in ReadOnlySequence<byte> copy)
    {
        List<long> numbers = [];
        RecordSequenceReader records = ring.Reader.RecordsIn(copy);
        while (records.TryRead(out Record record))
            numbers.Add(BinaryPrimitives.ReadInt64LittleEndian(record.Payload));

        Assert.Equal(0, copy.Slice(records.Position).Length);
        return numbers;
    }

    internal override SequencePosition After(in ReadOnlySequence<byte> bytes, int units)
    {
        RecordSequenceReader records = ring.Reader.RecordsIn(bytes);
        for (int i = 0; i < units; i++)
            Assert.True(records.TryRead(out _));

        return records.Position;
    }

    internal override void End() => ring.Reader.Dispose();

    public override void Dispose() => ring.Dispose();
}

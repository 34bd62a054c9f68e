using System.Buffers;
using System.IO.Pipelines;
using Xunit;

namespace PerfRing.Testing;

/// <summary>The pipe over a reader of rings, with nothing but payloads in its bytes: of eight bytes each, the number.</summary>
/// <param name="ring">One ring.</param>
/// <param name="padding">What the kind of ring adds to a payload of eight bytes.</param>
internal sealed class PayloadPipeUnderTest(RingUnderTest ring, int padding = 0) : PipeUnderTest
{
    private readonly int _unit = sizeof(long) + padding;

    internal override PipeReader Reader => ring.Reader.AsPipeReader(PipeFraming.Payloads);

    internal override IReadOnlyList<(int Ring, long Number)> Written => ring.Accepted;

    internal override void Write() => Assert.Equal(1, ring.Write(sizeof(long)));

    internal override List<(int Ring, long Number)> Parse(in ReadOnlySequence<byte> bytes) =>
        [.. ParseCopy(bytes).Select(number => (ring.Accepted[0].Ring, number))];

    internal override List<long> ParseCopy(in ReadOnlySequence<byte> copy)
    {
        byte[] array = copy.ToArray();
        Assert.Equal(0, array.Length % _unit);
        return [.. Enumerable.Range(0, array.Length / _unit).Select(i => BitConverter.ToInt64(array, i * _unit))];
    }

    internal override SequencePosition After(in ReadOnlySequence<byte> bytes, int units) => bytes.GetPosition(units * _unit);

    internal override void End() => ring.Reader.Dispose();

    public override void Dispose() => ring.Dispose();
}

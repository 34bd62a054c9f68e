using System.Buffers;
using System.IO.Pipelines;
using Xunit;

namespace PerfRing.Testing;

/// <summary>A pipe reader and somebody who writes what it reads, for the contract suite: numbered units, which are eight bytes
/// for a <see cref="Pipe"/> and records for a ring.</summary>
internal abstract class PipeUnderTest : IDisposable
{
    /// <summary>The reader under test.</summary>
    internal abstract PipeReader Reader { get; }

    /// <summary>What was written, in the order of writing.</summary>
    internal abstract IReadOnlyList<(int Ring, long Number)> Written { get; }

    /// <summary>Writes one unit.</summary>
    internal abstract void Write();

    /// <summary>Writes units.</summary>
    internal void Write(int count)
    {
        for (int i = 0; i < count; i++)
            Write();
    }

    /// <summary>The units in bytes that the reader gave. Throws if they are no whole units, or are not what was
    /// written.</summary>
    internal abstract List<(int Ring, long Number)> Parse(in ReadOnlySequence<byte> bytes);

    /// <summary>The numbers of the units in a copy of such bytes, which need not tell their ring.</summary>
    internal abstract List<long> ParseCopy(in ReadOnlySequence<byte> copy);

    /// <summary>The place behind so many units.</summary>
    internal abstract SequencePosition After(in ReadOnlySequence<byte> bytes, int units);

    /// <summary>Ends the writing: there will be nothing any more.</summary>
    internal abstract void End();

    public abstract void Dispose();
}

/// <summary>The control: what <see cref="Pipe"/> does is right.</summary>
internal sealed class ControlPipe : PipeUnderTest
{
    // Segments as small as can be, so that there are several. What is written stays below the threshold of back pressure.
    private readonly Pipe _pipe = new(new PipeOptions(minimumSegmentSize: 16));
    private readonly List<(int, long)> _written = [];

    internal override PipeReader Reader => _pipe.Reader;

    internal override IReadOnlyList<(int Ring, long Number)> Written => _written;

    internal override void Write()
    {
        long number = _written.Count;
        BitConverter.TryWriteBytes(_pipe.Writer.GetSpan(sizeof(long)), number);
        _pipe.Writer.Advance(sizeof(long));
        _written.Add((0, number));
        Assert.True(_pipe.Writer.FlushAsync().AsTask().IsCompleted);
    }

    internal override List<(int Ring, long Number)> Parse(in ReadOnlySequence<byte> bytes) =>
        [.. ParseCopy(bytes).Select(static number => (0, number))];

    internal override List<long> ParseCopy(in ReadOnlySequence<byte> copy)
    {
        byte[] array = copy.ToArray();
        Assert.Equal(0, array.Length % sizeof(long));
        return [.. Enumerable.Range(0, array.Length / sizeof(long)).Select(i => BitConverter.ToInt64(array, i * sizeof(long)))];
    }

    internal override SequencePosition After(in ReadOnlySequence<byte> bytes, int units) =>
        bytes.GetPosition(units * sizeof(long));

    internal override void End() => _pipe.Writer.Complete();

    public override void Dispose()
    {
        _pipe.Reader.Complete();
        _pipe.Writer.Complete();
    }
}

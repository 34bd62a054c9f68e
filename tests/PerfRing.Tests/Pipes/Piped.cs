using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace PerfRing.Tests.Pipes;

/// <summary>Short words for tests of pipes over scripted rings.</summary>
internal static class Piped
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Nothing but announcements wakes.</summary>
    internal static readonly Wakeup OnlyAnnounced = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    /// <summary>Reads what is there at once.</summary>
    internal static ReadResult Now(this PipeReader pipe)
    {
        ValueTask<ReadResult> read = pipe.ReadAsync();
        return read.IsCompletedSuccessfully ? read.Result : throw new InvalidOperationException("The read waits.");
    }

    /// <summary>A read that waits.</summary>
    internal static Task<ReadResult> Later(this PipeReader pipe, CancellationToken cancellationToken = default)
    {
        Task<ReadResult> read = pipe.ReadAsync(cancellationToken).AsTask();
        Assert.False(read.IsCompleted);
        return read;
    }

    /// <summary>The numbers with which payloads begin; -1 for other kinds.</summary>
    internal static List<long> Numbers(this RingReader reader, in ReadOnlySequence<byte> bytes)
    {
        List<long> numbers = [];
        RecordSequenceReader records = reader.RecordsIn(bytes);
        while (records.TryRead(out Record record))
            numbers.Add(Shown.Number(record));

        return numbers;
    }

    /// <summary>The place behind so many records.</summary>
    internal static SequencePosition After(this RingReader reader, in ReadOnlySequence<byte> bytes, int count)
    {
        RecordSequenceReader records = reader.RecordsIn(bytes);
        for (int i = 0; i < count; i++)
            Assert.True(records.TryRead(out _));

        return records.Position;
    }

    /// <summary>Everything examined, nothing consumed.</summary>
    internal static void Keep(this PipeReader pipe, in ReadResult result) =>
        pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);

    /// <summary>A copy in pieces that end at these places.</summary>
    internal static ReadOnlySequence<byte> Cut(byte[] bytes, params IEnumerable<int> places)
    {
        Piece first = new([], 0);
        Piece last = first;
        int start = 0;
        foreach (int end in places.Append(bytes.Length))
        {
            last = last.Append(bytes[start..end]);
            start = end;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        internal Piece(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        internal Piece Append(byte[] bytes)
        {
            Piece next = new(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}

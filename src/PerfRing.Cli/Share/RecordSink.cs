namespace PerfRing.Cli.Share;

/// <summary>Writes marked records into the ring, waiting for room as long as it takes.</summary>
/// <param name="writer">The place at the ring.</param>
/// <param name="giveUp">When waiting has no sense any more.</param>
internal sealed class RecordSink(SharedRingWriter writer, CancellationToken giveUp)
{
    /// <summary>The longest record, without its mark.</summary>
    internal int Longest { get; } = writer.LargestRecord - 1;

    /// <summary>Records of stdin that are in the ring; a line that was split counts once.</summary>
    internal long Records { get; private set; }

    /// <summary>Their bytes, without marks and line breaks.</summary>
    internal long Bytes { get; private set; }

    /// <param name="marked">The record, and a byte in front of it for the mark.</param>
    /// <param name="mark">What it is.</param>
    /// <exception cref="OperationCanceledException">There was no room, and waiting has no sense any more.</exception>
    internal void Write(Span<byte> marked, ShareMark mark)
    {
        marked[0] = (byte)mark;
        writer.Write(marked, Timeout.InfiniteTimeSpan, giveUp);
        Bytes += marked.Length - 1;
        if (mark != ShareMark.Piece)
            Records++;
    }

    /// <summary>Writes a mark that nothing follows.</summary>
    internal void Write(ShareMark mark) => writer.Write([(byte)mark], Timeout.InfiniteTimeSpan, giveUp);
}

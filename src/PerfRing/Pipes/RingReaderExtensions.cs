using System.Buffers;
using System.IO.Pipelines;

namespace PerfRing;

/// <summary>Ring memory as <see cref="System.IO.Pipelines"/>.</summary>
public static class RingReaderExtensions
{
    /// <summary>A <see cref="PipeReader"/> whose sequences lie directly over the rings: no copy, no allocation in steady
    /// state.</summary>
    /// <param name="reader">Stays the caller's: completing the pipe does not dispose it. While a read of the pipe is under way, or a
    /// result of it is out, other reads throw.</param>
    /// <returns>The same object each time. Single consumer, like every pipe reader.</returns>
    /// <remarks>
    /// <para>The bytes are whole records as their producers wrote them, headers included, ring after ring in the order in which
    /// they were found; <see cref="RecordSequenceReader"/> walks them. A record is never cut by the end of a result, but may lie in
    /// two segments where a perf ring wraps.</para>
    /// <para>AdvanceTo gives the memory up to <c>consumed</c> back to the producers, to whole records. What is not consumed
    /// holds back what follows, also of other rings; a ring full of bytes that were examined and not consumed makes the next
    /// read throw, since its producer could never announce anything again.</para>
    /// <para>A flush of the reader completes a read as canceled, once, with everything that was in the rings by then. When the
    /// reader is disposed, reads are completed and empty; a result that is out stays valid until it is advanced.</para>
    /// </remarks>
    /// <exception cref="NotSupportedException">The reader overwrites, or follows: its records may change, or are copies.</exception>
    /// <exception cref="InvalidOperationException">There are several perf rings, and records don't say where they come from: open the
    /// reader with <see cref="SampleFields.Cpu"/>.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public static PipeReader AsPipeReader(this RingReader reader) => AsPipeReader(reader, PipeFraming.Records);

    /// <summary>The same with a choice of what the bytes are.</summary>
    /// <param name="reader">Stays the caller's.</param>
    /// <param name="framing">Whole records, or payloads only.</param>
    /// <returns>The same object each time. Single consumer, like every pipe reader.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such framing.</exception>
    /// <exception cref="NotSupportedException">The reader overwrites, or follows: its records may change, or are copies.</exception>
    /// <exception cref="InvalidOperationException">The reader has a pipe of the other framing; or there are several perf rings, and
    /// whole records don't say where they come from.</exception>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public static PipeReader AsPipeReader(this RingReader reader, PipeFraming framing)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (framing is not (PipeFraming.Records or PipeFraming.Payloads))
            throw new ArgumentOutOfRangeException(nameof(framing), framing, "Records or Payloads.");

        RingPipeReader pipe = (RingPipeReader)(reader.Pipe ??= Create(reader, framing));
        return pipe.Framing == framing ? pipe : throw new InvalidOperationException(
            $"The reader has a pipe already, and its bytes are {pipe.Framing}: the framing is chosen once.");
    }

    /// <summary>Walks the records in bytes of the pipe over a reader.</summary>
    /// <param name="reader">It knows what its records look like, and need not be open any more.</param>
    /// <param name="sequence">Of the pipe, or a copy of such bytes; from the start of a record on.</param>
    public static RecordSequenceReader RecordsIn(this RingReader reader, in ReadOnlySequence<byte> sequence)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new RecordSequenceReader(sequence, reader.Scratch);
    }

    private static RingPipeReader Create(RingReader reader, PipeFraming framing)
    {
        ObjectDisposedException.ThrowIf(reader.IsDisposed, reader);
        Ring[] rings = reader.PipeRings;
        if (rings.Any(static ring => ring.Memory is null))
        {
            throw new NotSupportedException(
                "Sequences over a ring that is overwritten while it is read would change under their reader: read it by batches.");
        }

        if (framing == PipeFraming.Records && rings is [{ Origin: { Framing: RecordFraming.PerfEvent } origin }, _, ..] && !origin.Layout.Fields.HasFlag(SampleFields.Cpu))
        {
            throw new InvalidOperationException(
                "The bytes of several perf rings follow each other in one pipe, and nothing would tell which CPU a record is of: open the "
                + "reader with Fields that include SampleFields.Cpu, or with one CPU.");
        }

        return new RingPipeReader(reader, framing);
    }
}

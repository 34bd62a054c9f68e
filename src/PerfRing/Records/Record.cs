using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PerfRing.Abi;

namespace PerfRing;

/// <summary>One record, seen where it lies in the ring.</summary>
/// <remarks>
/// A view, valid until its batch is disposed or released past it. Nothing is copied and nothing is checked twice: the
/// lengths were checked when the batch stepped onto the record. Which fields a record carries was decided when the reader
/// was opened; asking for another throws <see cref="InvalidOperationException"/>.
/// </remarks>
[DebuggerDisplay("{Kind} cpu {Cpu}, {Size} bytes")]
public readonly unsafe ref struct Record
{
    private readonly byte* _start;
    private readonly RecordOrigin _origin;
    private readonly uint _size;
    private readonly uint _payloadOffset;
    private readonly uint _payloadLength;
    private readonly RecordKind _kind;

    // SAFETY: the caller has checked that size bytes may be read from start, and that the payload lies within them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Record(byte* start, uint size, uint payloadOffset, uint payloadLength, RecordKind kind, RecordOrigin origin)
    {
        _start = start;
        _size = size;
        _payloadOffset = payloadOffset;
        _payloadLength = payloadLength;
        _kind = kind;
        _origin = origin;
    }

    internal byte* Start => _start;

    internal RecordOrigin Origin => _origin;

    internal uint PayloadOffset => _payloadOffset;

    /// <summary>What this record is. Test it before anything else: losses arrive as records of their own kind.</summary>
    public RecordKind Kind => _kind;

    /// <summary>The CPU whose ring holds the record; -1 where the ring belongs to none, as one BPF ring buffer that all CPUs
    /// write, or a shared ring.</summary>
    public int Cpu => _origin.Cpu;

    /// <summary>Bytes that the record takes in the ring, header and padding included; a multiple of 8.</summary>
    public uint Size => _size;

    /// <summary>The whole record, header included, as its producer wrote it.</summary>
    // SAFETY: the constructor's contract.
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(ref *_start, (int)_size);

    /// <summary>What the producer wrote: the tracepoint's fields, or the BPF program's bytes. Empty for other kinds.</summary>
    /// <remarks>A perf ring pads: the span is 0 to 7 bytes longer than what was written, and the extra bytes hold old ring
    /// content. It begins at an address that is a multiple of 4 only: read it unaligned, by the length that you know. In a BPF
    /// ring buffer and a shared ring it is exactly what was written, and begins at a multiple of 8.</remarks>
    public ReadOnlySpan<byte> Payload
    {
        // SAFETY: the constructor's contract.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MemoryMarshal.CreateReadOnlySpan(ref *(_start + _payloadOffset), (int)_payloadLength);
    }

    /// <summary>The time stamp in nanoseconds of the reader's <see cref="PerfEventReaderOptions.Clock"/>. 0 for a
    /// <see cref="RecordKind.Gap"/>, the end for a <see cref="RecordKind.Outage"/>.</summary>
    /// <exception cref="InvalidOperationException">The reader was opened without <see cref="SampleFields.Time"/>, or its rings
    /// carry payloads only.</exception>
    public ulong Time
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Word(_origin.Layout.TimeOffset, _origin.Layout.TrailerTimeDistance, SampleFields.Time);
    }

    /// <summary>The process, in the pid namespace of the reader; -1 for one outside of it or that has ended.</summary>
    /// <exception cref="InvalidOperationException">The reader was opened without <see cref="SampleFields.ThreadId"/>.</exception>
    public int ProcessId =>
        (int)Word(_origin.Layout.ThreadIdOffset, _origin.Layout.TrailerThreadIdDistance, SampleFields.ThreadId);

    /// <summary>The thread, in the pid namespace of the reader; 0 is the idle thread.</summary>
    /// <exception cref="InvalidOperationException">The reader was opened without <see cref="SampleFields.ThreadId"/>.</exception>
    public int ThreadId =>
        (int)(Word(_origin.Layout.ThreadIdOffset, _origin.Layout.TrailerThreadIdDistance, SampleFields.ThreadId) >> 32);

    /// <summary>The kernel's id of the event that wrote the record. In a <see cref="RecordKind.Lost"/> record it is the id of
    /// the next writer of the ring, which need not be the event that lost.</summary>
    /// <exception cref="InvalidOperationException">The reader was opened without <see cref="SampleFields.EventId"/>.</exception>
    public ulong EventId =>
        Word(_origin.Layout.EventIdOffset, _origin.Layout.TrailerEventIdDistance, SampleFields.EventId);

    /// <summary>The index of the source in the reader's <see cref="PerfEventReader.Sources"/>, or of the map in
    /// <see cref="BpfRingReader.Maps"/>; -1 if the record names none of them. 0 in a shared ring.</summary>
    public int SourceIndex => _kind is RecordKind.Gap or RecordKind.Outage ? -1
        : _origin.Layout.EventIdOffset == SampleLayout.Absent ? _origin.OnlySource
        : _origin.FindSource(EventId);

    /// <summary>The instruction at which the sample was taken.</summary>
    /// <exception cref="InvalidOperationException">No sample, or the reader was opened without
    /// <see cref="SampleFields.InstructionPointer"/>.</exception>
    public ulong InstructionPointer =>
        Word(_origin.Layout.InstructionPointerOffset, SampleLayout.Absent, SampleFields.InstructionPointer);

    /// <summary>The data address of the event; 0 where the event has none.</summary>
    /// <exception cref="InvalidOperationException">No sample, or the reader was opened without
    /// <see cref="SampleFields.Address"/>.</exception>
    public ulong Address => Word(_origin.Layout.AddressOffset, SampleLayout.Absent, SampleFields.Address);

    /// <summary>How many events this sample stands for.</summary>
    /// <exception cref="InvalidOperationException">No sample, or the reader was opened without
    /// <see cref="SampleFields.Period"/>.</exception>
    public ulong Period => Word(_origin.Layout.PeriodOffset, SampleLayout.Absent, SampleFields.Period);

    /// <summary>The callers, innermost first, with the kernel's context markers (PERF_CONTEXT_*, values near 2^64) between
    /// them. Empty for kinds other than samples.</summary>
    /// <exception cref="InvalidOperationException">The reader was opened without <see cref="SampleFields.CallChain"/>.</exception>
    public ReadOnlySpan<ulong> CallChain
    {
        get
        {
            int offset = _origin.Layout.CallChainOffset;
            if (offset == SampleLayout.Absent)
                ThrowAbsent(SampleFields.CallChain);

            if (_kind != RecordKind.Sample)
                return default;

            // SAFETY: the count is cut to what the sample can hold. Stepping onto it checked that, but memory may have changed
            // since: an oversized BPF record overwrites unread ones. Records and the offset are multiples of 8.
            ulong callers = Math.Min(*(ulong*)(_start + offset), (_size - (uint)offset - 8) / 8);
            return MemoryMarshal.CreateReadOnlySpan(ref *(ulong*)(_start + offset + 8), (int)callers);
        }
    }

    /// <summary>How many records were lost here; 0 for kinds other than <see cref="RecordKind.Lost"/> and
    /// <see cref="RecordKind.LostSamples"/>.</summary>
    // SAFETY: the ring delivers these two kinds only with their bodies complete.
    public ulong LostCount => _kind switch
    {
        RecordKind.Lost => *(ulong*)(_start + PerfEventHeader.Length + 8),
        RecordKind.LostSamples => *(ulong*)(_start + PerfEventHeader.Length),
        _ => 0,
    };

    /// <summary>The bytes that were skipped; 0 for kinds other than <see cref="RecordKind.Gap"/>.</summary>
    // SAFETY: the ring writes a gap record itself, with this word.
    public ulong SkippedBytes => _kind == RecordKind.Gap ? *(ulong*)(_start + PerfEventHeader.Length) : 0;

    /// <summary>When the ring's CPU was offline; the default for kinds other than <see cref="RecordKind.Outage"/>.</summary>
    // SAFETY: the ring writes an outage itself, with these words.
    public CpuOutage Outage => _kind == RecordKind.Outage
        ? new CpuOutage(*(ulong*)(_start + PerfEventHeader.Length), *(ulong*)(_start + PerfEventHeader.Length + 8))
        : default;

    /// <summary>Copies the record, to keep it after its batch, or across an await.</summary>
    /// <returns>A copy in memory from a pool, to be disposed. The copy may be made of a copy.</returns>
    public OwnedRecord ToOwned() => _origin.Buffers.Copy(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Word(int offset, int distance, SampleFields field)
    {
        if (_kind == RecordKind.Sample && offset != SampleLayout.Absent)
        {
            // SAFETY: a sample is delivered only if it is at least MinimumSize long, which covers every fixed offset.
            return *(ulong*)(_start + offset);
        }

        return TrailerWord(distance, field);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong TrailerWord(int distance, SampleFields field)
    {
        if (_kind == RecordKind.Sample || distance == SampleLayout.Absent)
            ThrowAbsent(field);

        // SAFETY: the trailer is checked here, since kinds that the ring does not know are delivered as they are.
        return _kind == RecordKind.Gap || _size < PerfEventHeader.Length + _origin.Layout.TrailerSize
            ? 0
            : *(ulong*)(_start + _size - distance);
    }

    [DoesNotReturn]
    private void ThrowAbsent(SampleFields field) => throw new InvalidOperationException(
        _origin.Framing == RecordFraming.Length
        ? $"A record of a BPF ring buffer or a shared ring carries no {field}: it is what its producer wrote, and nothing else."
        : $"A record of kind {_kind} carries no {field} here: the reader was opened with Fields = "
        + $"{SampleLayout.Describe(_origin.Layout.Fields)}. Add SampleFields.{field} to the reader's options.");
}

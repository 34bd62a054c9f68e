using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing.Testing;

/// <summary>A perf ring in memory of our own, with guard pages around it, in which the test plays the kernel.</summary>
/// <remarks>
/// Accounts for space as __perf_output_begin does (kernel/events/ring_buffer.c): a record that does not fit is refused and
/// counted, and the next one that fits brings the count along as a LOST record in front of it, for which there must be room
/// too. Written by one thread at a time, which need not be the reader's. <see cref="Ring"/> belongs to the reader that it
/// is given to; nothing may be written once that reader has unmapped it.
/// </remarks>
internal sealed unsafe partial class FakePerfRing : IDisposable
{
    internal const SampleFields DefaultFields = SampleFields.Time | SampleFields.ThreadId | SampleFields.Raw;

    private readonly GuardedMemory _memory;
    private readonly byte* _data;
    private readonly ulong _size;
    private ulong _head;
    private ulong _unreported;

    /// <param name="fields">What samples carry.</param>
    /// <param name="pages">Pages of records, a power of two.</param>
    /// <param name="cpu">The CPU that the ring says it belongs to.</param>
    /// <param name="start">Where both positions start: any multiple of 8, also just below 2^64.</param>
    internal FakePerfRing(SampleFields fields = DefaultFields, int pages = 1, int cpu = 0, ulong start = 0)
    {
        int page = Environment.SystemPageSize;
        _size = (ulong)pages * (ulong)page;
        _memory = new GuardedMemory((nuint)_size + (nuint)page);
        _data = _memory.Mapping.Address + page;
        _head = start;
        Words->DataHead = Words->DataTail = start;

        // A ring in use holds old records everywhere. Nothing may depend on memory that happens to be zero.
        new Span<byte>(_data, (int)_size).Fill(0xDB);
        Origin = new RecordOrigin(cpu, new SampleLayout(fields));
        Ring = new PerfEventRing(_memory.Mapping, page, Origin);
    }

    internal PerfEventRing Ring { get; }

    internal RecordOrigin Origin { get; }

    /// <summary>Where the next record will begin.</summary>
    internal ulong Head => _head;

    /// <summary>What the reader has published.</summary>
    internal ulong Tail => Volatile.Read(ref Words->DataTail);

    /// <summary>The first byte of the first data page, to look at the memory itself.</summary>
    internal byte* Data => _data;

    /// <summary>Records written, LOST records not included.</summary>
    internal long Accepted { get; private set; }

    /// <summary>Records refused: with <see cref="Accepted"/>, everything that was produced.</summary>
    internal long Refused { get; private set; }

    /// <summary>Records refused since the last LOST record: no reader can know of them yet.</summary>
    internal ulong Unreported => _unreported;

    /// <summary>The control page and the records, now owned by <see cref="Ring"/>.</summary>
    internal Mapping Mapping => _memory.Mapping;

    /// <summary>The same memory as a ring that is staged. Owns nothing of it that <see cref="Ring"/> does not.</summary>
    internal KernelRing Kernel() => KernelRing.OfPerf(Mapping);

    /// <summary>Whether the reader gave the memory back to the system.</summary>
    internal bool IsUnmapped => _memory.Mapping.IsClosed;

    private PerfEventMmapPage* Words => (PerfEventMmapPage*)_memory.Mapping.Address;

    public void Dispose()
    {
        Ring.Dispose();
        _memory.Dispose();
    }

    /// <summary>Makes room for a record, and for the LOST record in front of it if one is due, which gets the same time.</summary>
    private bool TryBegin(ulong size, ulong time)
    {
        ulong room = _unreported == 0 ? size : size + LostSize;

        // CIRC_SPACE: one byte always stays free, or full would look like empty.
        if (((Tail - (_head + 1)) & (_size - 1)) < room)
        {
            _unreported++;
            Refused++;
            return false;
        }

        if (_unreported != 0)
        {
            PutLost(_unreported, new FakeSample { Time = time });
            _unreported = 0;
        }

        Accepted++;
        return true;
    }

    private void Publish()
    {
        // Release, as the barrier in perf_output_put_handle: the records come before the position that covers them.
        ObjectDisposedException.ThrowIf(IsUnmapped, this);
        Volatile.Write(ref Words->DataHead, _head);
    }

    private void Put(ulong word)
    {
        // A word that straddled the end would hit the guard, and the test would blame the reader for the crash.
        if ((_head & 7) != 0)
            throw new InvalidOperationException($"Position {_head} is no multiple of 8: move the head before writing.");

        *(ulong*)(_data + (_head & (_size - 1))) = word;
        _head += sizeof(ulong);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        int offset = (int)(_head & (_size - 1));
        int first = Math.Min(bytes.Length, (int)_size - offset);
        bytes[..first].CopyTo(new Span<byte>(_data + offset, first));
        bytes[first..].CopyTo(new Span<byte>(_data, (int)_size));
        _head += (ulong)bytes.Length;
    }
}

using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing.Testing;

/// <summary>A BPF ring buffer in memory of our own, with guard pages around it, in which the test plays the kernel.</summary>
/// <remarks>
/// <code>
///   consumer page, producer page, overwritten word     between guards
///   records, records once more                         between guards; what is written goes to both
/// </code>
/// Written by one thread at a time, which need not be the reader's.
/// </remarks>
internal sealed unsafe class FakeFramedRing : IDisposable
{
    private readonly GuardedMemory _words;
    private readonly GuardedMemory _records;
    private readonly int _size;
    private ulong _producer;

    /// <param name="pages">Pages of records, a power of two.</param>
    /// <param name="start">Where both positions start: any multiple of 8, also just below 2^64.</param>
    /// <param name="cpu">The CPU that the ring says it belongs to.</param>
    internal FakeFramedRing(int pages = 1, ulong start = 0, int cpu = -1)
    {
        int page = Environment.SystemPageSize;
        _size = pages * page;
        _words = new GuardedMemory((nuint)page);
        _records = new GuardedMemory((nuint)(page + (2 * _size)));
        _producer = start;
        *Consumer = *Producer = start;

        // A ring in use holds old records everywhere. Nothing may depend on memory that happens to be zero.
        new Span<byte>(Data, 2 * _size).Fill(0xDB);
        Origin = new RecordOrigin(cpu, source: 0);
        Ring = new Scripted(this);
    }

    internal RecordOrigin Origin { get; }

    /// <summary>The ring under test, which consumes.</summary>
    internal FramedRing Ring { get; }

    /// <summary>Where the next record will begin.</summary>
    internal ulong Head => _producer;

    /// <summary>What the reader has published.</summary>
    internal ulong Tail => Volatile.Read(ref *Consumer);

    /// <summary>Records that the ring is told to take for orphaned, by position.</summary>
    internal HashSet<ulong> Orphans { get; } = [];

    private byte* Data => _records.Mapping.Address + Environment.SystemPageSize;

    private ulong* Consumer => (ulong*)_words.Mapping.Address;

    private ulong* Producer => (ulong*)_records.Mapping.Address;

    private ulong* Overwritten => Producer + (BpfRingPages.Overwrite / sizeof(ulong));

    /// <summary>A second ring over the same memory, which follows. Owns nothing of it that the first does not.</summary>
    internal FollowedBpfRing Follow(bool overwrites = false) =>
        FollowedBpfRing.Over(_words.Mapping, _records.Mapping, overwrites, (ulong)_size, Origin);

    /// <summary>The same memory as a ring that is staged. Owns nothing of it that <see cref="Ring"/> does not.</summary>
    internal KernelRing Kernel() => KernelRing.OfBpf(_words.Mapping, _records.Mapping, (ulong)_size);

    /// <summary>Writes a record whose payload begins with a number.</summary>
    /// <returns>Whether there was room.</returns>
    internal bool Write(long number, int length = sizeof(long))
    {
        if (Reserve(number, length) is not { } position)
            return false;

        Commit(position);
        return true;
    }

    /// <summary>Writes a record with this payload.</summary>
    /// <returns>Whether there was room.</returns>
    internal bool Write(ReadOnlySpan<byte> payload)
    {
        if (Reserve(0, payload.Length) is not { } position)
            return false;

        for (int i = 0; i < payload.Length; i++)
            Put(position + RingBufferHeader.Size + (uint)i, payload[i]);

        Commit(position);
        return true;
    }

    /// <summary>Writes the numbers from first to last, all of which have to fit.</summary>
    internal void WriteNumbers(long first, long last)
    {
        for (long number = first; number <= last; number++)
        {
            if (!Write(number))
                throw new InvalidOperationException($"no room for {number}");
        }
    }

    /// <summary>Writes a record that stays BUSY.</summary>
    /// <returns>Where it is; null if there was no room.</returns>
    internal ulong? Reserve(long number, int length = sizeof(long))
    {
        uint size = RingBufferHeader.RecordSize((uint)length);
        if (_producer + size - Tail > (ulong)_size - 1)
            return null;

        ulong position = _producer;

        // In the kernel's order: nothing but the header is written before the position covers the record.
        Put(position, (uint)length | RingBufferHeader.Busy);
        MoveProducer(position + size);
        for (uint i = 0; i < length; i++)
            Put(position + 8 + i, (byte)(i < 8 ? number >> (int)(8 * i) : i));

        return position;
    }

    internal void Commit(ulong position) => Put(position, Header(position) & ~RingBufferHeader.Busy);

    internal void Discard(ulong position) =>
        Put(position, (Header(position) & ~RingBufferHeader.Busy) | RingBufferHeader.Discard);

    /// <summary>Replaces a header's first word by anything.</summary>
    internal void Damage(ulong position, uint word) => Put(position, word);

    /// <summary>Moves the producer position to anything.</summary>
    internal void MoveProducer(ulong position)
    {
        // Release, as the store in __bpf_ringbuf_reserve: the header comes before the position that covers it.
        _producer = position;
        Volatile.Write(ref *Producer, position);
    }

    /// <summary>Says that everything before a position was overwritten, as a kernel with overwrite mode does.</summary>
    internal void MoveOverwritten(ulong position) => Volatile.Write(ref *Overwritten, position);

    /// <summary>Plays another consumer.</summary>
    internal void MoveConsumer(ulong position) => Volatile.Write(ref *Consumer, position);

    public void Dispose()
    {
        Ring.Dispose();
        _records.Dispose();
        _words.Dispose();
    }

    private uint Header(ulong position) => *(uint*)(Data + (position & (ulong)(_size - 1)));

    private void Put(ulong position, uint word)
    {
        int offset = (int)(position & (ulong)(_size - 1));
        Volatile.Write(ref *(ulong*)(Data + offset + _size), word);
        Volatile.Write(ref *(ulong*)(Data + offset), word);
    }

    private void Put(ulong position, byte value)
    {
        int offset = (int)(position & (ulong)(_size - 1));
        Data[offset] = Data[offset + _size] = value;
    }

    /// <summary>The library's walk over this memory.</summary>
    private sealed class Scripted(FakeFramedRing fake) : FramedRing(
        fake.Data, (ulong)fake._size, RingCursor.OfPages((byte*)fake.Producer, (byte*)fake.Consumer), fake.Origin)
    {
        internal override MappedMemory Memory =>
            field ??= new MappedMemory(fake._records.Mapping, fake.Data, 2 * fake._size);

        public override void Dispose()
        {
            fake._words.Mapping.Dispose();
            fake._records.Mapping.Dispose();
        }

        private protected override bool IsOrphaned(ulong position, ulong header) => fake.Orphans.Contains(position);
    }
}

using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A shared ring as its consumer sees it.</summary>
/// <remarks>
/// <para>A record that is BUSY is passed over only when its writer is gone (<see cref="SharedRingPlaces.IsGone"/>): its header is
/// looked at once more after that, since it may have been committed just before. A writer that lives is waited for, however
/// long: it may be writing into the record this moment, and whoever got the space next would have its record written
/// over.</para>
/// <para>A consumer that dies leaves its position as it released it last. The next one begins there: what was delivered and not
/// released is delivered again.</para>
/// </remarks>
// SAFETY: words and data lie in the mapping, which is this ring's until Dispose.
internal sealed unsafe class SharedRecordRing : FramedRing
{
    private const int Looks = 20;
    private const int SpinsPerLook = 8;

    private readonly Descriptor _file;
    private readonly SharedRingMapping _mapping;
    private readonly SharedRingWords _words;
    private readonly SharedFence _fence;
    private int _isDisposed;

    private SharedRecordRing(Descriptor file, SharedRingMapping mapping)
        : base(mapping.Data, mapping.Geometry.Capacity, mapping.Words.Cursor, new RecordOrigin(-1, 0))
    {
        _file = file;
        _mapping = mapping;
        _words = mapping.Words;
        _fence = new SharedFence(mapping.Geometry.IsAsymmetric);
    }

    /// <summary>Records that found no room, or no lock, as their writers counted them, since the ring was made.</summary>
    internal ulong Refused
    {
        get
        {
            ulong sum = 0;
            for (int slot = 0; slot < SharedRingLayout.Slots; slot++)
                sum += Volatile.Read(ref _words.SlotRefused(slot));

            return sum;
        }
    }

    internal override ulong KeptFree => 0;

    internal override MappedMemory Memory => field ??= new MappedMemory(
        _mapping, _mapping.Data, (int)Math.Min(2 * Capacity, int.MaxValue));

    private SharedRingSleep Sleep => new(_words);

    /// <summary>Takes the consumer's place.</summary>
    /// <param name="file">An open file of its own, now the ring's.</param>
    /// <param name="mapping">Now the ring's.</param>
    /// <exception cref="SharedRingBusyException">The place is taken.</exception>
    /// <exception cref="RingCorruptedException">The positions are impossible.</exception>
    internal static SharedRecordRing Open(Descriptor file, SharedRingMapping mapping)
    {
        try
        {
            SharedRingPlaces.TakeConsumer(file, mapping.Words);
            SharedRecordRing ring = new(file, mapping);
            ulong producer = ring.LoadProducer();
            if (((ring.Tail | producer) & 7) != 0 || producer - ring.Tail > ring.Capacity)
            {
                throw new RingCorruptedException(
                    $"the consumer's position is {ring.Tail}, the producer's {producer}", ring.Tail, producer);
            }

            // The last consumer may have died in its sleep.
            ring.Sleep.Forget();

            // Or after it released and before it woke who waits for that, with the word set or taken back.
            SharedRingWriter.WakeAllWaiters(ring._words);
            return ring;
        }
        catch
        {
            mapping.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Looks for a moment whether something comes: a sleep and its end cost both sides more.</summary>
    /// <returns>Whether something did.</returns>
    internal bool Linger()
    {
        for (int look = 0; look < Looks; look++)
        {
            if (LoadProducer() != Tail)
                return true;

            // Far apart: each look takes the line from the producer.
            Thread.SpinWait(SpinsPerLook);
        }

        return false;
    }

    /// <summary>Says that the consumer is about to sleep, and fences. A look at the ring must follow.</summary>
    /// <param name="wakeup">What wakes.</param>
    /// <param name="isFenced">False if a wakeup may get lost, so that only a short sleep may follow.</param>
    /// <returns>What is to be slept on.</returns>
    internal uint Announce(Wakeup wakeup, out bool isFenced)
    {
        // A writer that finishes the record in front is one of many: whatever follows it may have counted before.
        uint announced = Sleep.Announce(IsHeldUp ? Wakeup.Immediate : wakeup, Tail);
        isFenced = _fence.TryHeavy();
        return announced;
    }

    /// <summary>Sleeps until woken; negative for no bound.</summary>
    internal void SleepOn(uint announced, long nanoseconds) => Sleep.Sleep(announced, nanoseconds, Tail);

    /// <inheritdoc cref="SharedRingSleep.EndSleep"/>
    internal bool EndSleep(uint announced) => Sleep.EndSleep(announced);

    /// <summary>Ends the consumer's sleep. From any thread, also after Dispose.</summary>
    internal void Interrupt()
    {
        bool held = false;
        try
        {
            _mapping.DangerousAddRef(ref held);
            Sleep.Interrupt();
        }
        catch (ObjectDisposedException)
        {
            // Nobody sleeps in a mapping that is gone.
        }
        finally
        {
            if (held)
                _mapping.DangerousRelease();
        }
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;

        SharedRingPlaces.Leave(_file, SharedRingLayout.ConsumerLock);
        _mapping.Dispose();
    }

    private protected override bool IsWhollyPublished => !_mapping.Geometry.ManyProducers;

    private protected override void Release(ulong position)
    {
        base.Release(position);

        // Pairs with the heavy fence of a writer that is about to sleep for room.
        _fence.Light();
        SharedRingWriter.WakeWaiters(_words);
    }

    private protected override bool IsOrphaned(ulong position, ulong header)
    {
        SharedRingOwner owner = new((uint)(header >> 32));
        if (!owner.IsPossible || !_mapping.Geometry.ManyProducers)
            throw Corrupt("an unfinished record names a writer that can't be", position, header);

        return SharedRingPlaces.IsGone(_file, _words, owner);
    }
}

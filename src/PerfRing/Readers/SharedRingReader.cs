using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>Reads a <see cref="SharedRing"/>: the one consumer that it has at a time.</summary>
/// <example>
/// <code>
/// using SharedRing ring = SharedRing.Open("/dev/shm/events");
/// using var reader = SharedRingReader.Open(ring);
/// while (true)
/// {
///     using RecordBatch batch = reader.Read();
///     foreach (Record record in batch)
///         Handle(record.Payload);
/// }
/// </code>
/// </example>
/// <remarks>
/// <para>Records come in the order in which their space was claimed. A record that is reserved and not committed holds back those
/// behind it as long as its writer lives; when that has ended it is passed over, and counted in
/// <see cref="CpuLosses.Orphaned"/>.</para>
/// <para>The ledger is exact: what was produced is what was delivered, refused (no room) or orphaned. The counts of refused
/// records lie in the shared memory, and go back to when the ring was made.</para>
/// <para>A peer of a sealed ring may write anything into it at any time. A read then throws
/// <see cref="RingCorruptedException"/>, or delivers records that nobody wrote; the bytes of a record may change while they are
/// looked at, so whoever does not trust the writers copies before checking.</para>
/// </remarks>
public sealed class SharedRingReader : RingReader
{
    private readonly SharedRecordRing _ring;

    private SharedRingReader(SharedRecordRing ring, Wakeup wakeup)
        : base([ring], new FutexWaiter(ring, wakeup), wakeup, endsWithTasks: false) => _ring = ring;

    /// <inheritdoc cref="Open(SharedRing, SharedRingReaderOptions)"/>
    public static SharedRingReader Open(SharedRing ring) => Open(ring, new SharedRingReaderOptions());

    /// <summary>Takes the reader's place at a ring, and begins where the last reader released.</summary>
    /// <param name="ring">May be disposed afterwards.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">An option does not go with the ring.</exception>
    /// <exception cref="SharedRingBusyException">The ring has a reader.</exception>
    /// <exception cref="RingCorruptedException">The positions are impossible.</exception>
    /// <exception cref="SystemCallException">There are too many open files, or too little address space.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public static SharedRingReader Open(SharedRing ring, SharedRingReaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(options);
        Wakeup wakeup = options.Validate(ring.Capacity);
        ring.Map(out Descriptor file, out SharedRingMapping mapping);
        return new SharedRingReader(SharedRecordRing.Open(file, mapping), wakeup);
    }

    /// <inheritdoc/>
    public override LossLedger ReadLosses()
    {
        ObjectDisposedException.ThrowIf(!TryHold(), this);
        try
        {
            return new LossLedger([CpuLosses.Of(_ring, _ring.Refused)]);
        }
        finally
        {
            EndHold();
        }
    }

    internal override Waiter CreateWaiter(int ring) => new FutexWaiter(_ring, Wakeup);

    /// <summary>No epoll set can watch a futex: the ring is found by the clock.</summary>
    private protected override void Watch(int ring, EpollWaiter waiter)
    {
    }

    private protected override void Close()
    {
    }
}

using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A BPF user ring buffer (BPF_MAP_TYPE_USER_RINGBUF, Linux 6.1): this process writes records, a BPF program drains them
/// by <c>bpf_user_ringbuf_drain</c>.</summary>
/// <remarks>
/// <para><b>One producer at a time.</b> The kernel does not arbitrate: a second process would write over the records of the
/// first. Where it is noticed, <see cref="RingCorruptedException"/> is thrown; a second ring of the same process is refused.
/// Opening takes the place of a producer that is gone.</para>
/// <para>One thread at a time reserves or writes; calls that overlap throw. Several reservations may be open, and they may be
/// ended in any order; the kernel drains in the order in which they were made, and nothing behind one that is open.
/// <see cref="Dispose"/>, and the counts, may be used from any thread. In steady state nothing is allocated.</para>
/// <para>Nothing wakes a program when there are records: it drains when it runs. A drain hands at most 131,072 records to the
/// program.</para>
/// <code>
/// if (ring.TryReserve(length, out BpfUserReservation reservation))
/// {
///     using (reservation)
///     {
///         Fill(reservation.Bytes);
///         reservation.Submit();
///     }
/// }
/// </code>
/// </remarks>
public sealed partial class BpfUserRing : IDisposable
{
    private readonly UserRing _ring;
    private readonly EpollWaiter _waiter;
    private readonly BpfMap _map;
    private readonly MapPlace _place;

    private BpfUserRing(UserRing ring, EpollWaiter waiter, BpfMap map, MapPlace place, int unfinished)
    {
        _ring = ring;
        _waiter = waiter;
        _map = map;
        _place = place;
        DiscardedAtOpen = unfinished;
    }

    /// <summary>The size of the ring in bytes. Each record takes its length and 8 bytes, rounded up to a multiple of 8.</summary>
    public long BufferSize => (long)_ring.Size;

    /// <summary>The most bytes that one record may have: the ring's size less 8, and at most 16,777,215. The kernel can't hand a
    /// longer one to a program, and would never drain the ring again.</summary>
    public int LargestRecord => _ring.LargestRecord;

    /// <summary>Records that an earlier producer had reserved and not finished. They were discarded when this ring was opened:
    /// the kernel would have waited for them for ever.</summary>
    public int DiscardedAtOpen { get; }

    /// <summary>How often a waiting reserve was ended by the kernel, since the ring was opened.</summary>
    public long Wakeups => _waiter.Wakeups;

    /// <summary>Bytes written or reserved, and not drained, with headers and padding. From any thread; a moment's view; 0 after
    /// <see cref="Dispose"/>.</summary>
    public long AvailableBytes
    {
        get
        {
            if (!TryHold())
                return 0;

            long bytes = (long)_ring.AvailableBytes;
            EndHold();
            return bytes;
        }
    }

    /// <summary>Maps the ring of a map, and takes the place of the producer before.</summary>
    /// <param name="map">Stays the caller's; the ring has a descriptor of its own.</param>
    /// <exception cref="ArgumentException">The map is of another type.</exception>
    /// <exception cref="InvalidOperationException">Another ring of this process writes into the map.</exception>
    /// <exception cref="RingCorruptedException">The ring holds what the kernel can't drain.</exception>
    /// <exception cref="SystemCallException">The kernel refused: the map is frozen (EPERM), or memory or descriptors are used
    /// up.</exception>
    public static BpfUserRing Open(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Type != Bpf.MapTypeUserRingBuffer)
        {
            throw new ArgumentException(
                $"{map} is of type {map.Type}{NameOf(map.Type)}; a user ring is of type {Bpf.MapTypeUserRingBuffer}"
                + $"{NameOf(Bpf.MapTypeUserRingBuffer)}.",
                nameof(map));
        }

        MapPlace place = MapPlace.TryTake(map.Id)
            ?? throw new InvalidOperationException($"Another ring of this process writes into {map}: it has one producer.");
        BpfMap? own = null;
        UserRing? ring = null;
        EpollWaiter? waiter = null;
        try
        {
            own = map.Reopen();
            ring = Map(own);
            waiter = new EpollWaiter();

            // An edge comes with every drain that handled something, unless it was told BPF_RB_NO_WAKEUP.
            waiter.WatchForRoom(own.Descriptor);
            return new BpfUserRing(ring, waiter, own, place, ring.DiscardUnfinished());
        }
        catch
        {
            waiter?.Dispose();
            ring?.Dispose();
            own?.Dispose();
            place.Leave();
            throw;
        }
    }

    /// <summary>Closes the ring. A reserve that waits throws <see cref="ObjectDisposedException"/>. From any thread; idempotent;
    /// does not wait.</summary>
    /// <remarks>What was submitted stays in the map for programs to drain, for as long as somebody holds the map. A reservation
    /// that is open can still be ended, and its memory stays until then, unless another ring takes the map over in between,
    /// which discards the record; one that never is keeps it for ever, and the record
    /// stays in the program's way until the map is opened anew, which discards it.</remarks>
    public void Dispose()
    {
        if (MarkDisposed())
        {
            _waiter.Wake();
            CloseIfUnused();
        }
    }

    private static UserRing Map(BpfMap map)
    {
        int page = Environment.SystemPageSize;
        const int readWrite = Mmap.ProtectionRead | Mmap.ProtectionWrite;

        // The kernel refuses to map its own word writable, so the ring is in two pieces.
        int result = Mapping.TryMap(map.Descriptor, (nuint)page, Mmap.ProtectionRead, 0, out Mapping? consumerPage);
        Errno.ThrowIfFailed(result, "mmap", $"the consumer page of {map}; the process or the machine is out of memory");

        nuint length = (nuint)page + (2 * (nuint)map.MaximumEntries);
        result = Mapping.TryMap(map.Descriptor, length, readWrite, (ulong)page, out Mapping? memory);
        if (result != 0)
        {
            consumerPage!.Dispose();
            Errno.Throw(result, "mmap", $"{length} bytes of {map}, writable; EPERM means that the map is frozen or was opened "
                + "read-only, ENOMEM that the process or the machine is out of memory");
        }

        return new UserRing(consumerPage!, memory!, page);
    }

    private static string NameOf(uint type) => type switch
    {
        Bpf.MapTypePerfEventArray => " (BPF_MAP_TYPE_PERF_EVENT_ARRAY)",
        Bpf.MapTypeRingBuffer => " (BPF_MAP_TYPE_RINGBUF)",
        Bpf.MapTypeUserRingBuffer => " (BPF_MAP_TYPE_USER_RINGBUF)",
        _ => "",
    };
}

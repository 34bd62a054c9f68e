using System.Runtime.InteropServices;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>The staging rings of one reader, and the native thread that fills them.</summary>
/// <remarks>Rings and descriptors are added, then the thread is started. Disposing ends it; it must come before anybody else consumes
/// the kernel's rings.</remarks>
internal sealed class Staging : IDisposable
{
    private readonly StagingOptions _options;
    private readonly List<StageRing> _rings = [];
    private readonly List<StageWatch> _watches = [];
    private readonly List<SafeHandle> _used = [];
    private readonly List<Descriptor> _signals = [];
    private StagingThread? _thread;

    /// <param name="options">Checked.</param>
    internal Staging(StagingOptions options) => _options = options;

    /// <summary>Makes the staging ring for a ring of the kernel.</summary>
    /// <param name="kernel">Owned by the ring that is returned.</param>
    /// <param name="origin">What the records have in common.</param>
    internal Ring Stage(KernelRing kernel, RecordOrigin origin)
    {
        Ring? ring = null;
        try
        {
            nuint size = _options.CapacityFor(kernel.Capacity);
            Mapping mapping;
            RingMemory memory;
            ring = kernel.Kind == StageKind.Perf
                ? PerfEventRing.Stage(kernel, size, origin, out mapping, out memory)
                : StagedBpfRing.Create(kernel, size, origin, out mapping, out memory);
            Descriptor signal = AddSignal();
            _rings.Add(kernel.StagedTo(memory, signal.Number));
            _used.AddRange([mapping, .. kernel.Mappings]);
            return ring;
        }
        catch
        {
            ring?.Dispose();
            kernel.Dispose();
            throw;
        }
    }

    /// <summary>Lets a waiter hear when something was moved into a ring.</summary>
    /// <param name="ring">Its index, in the order in which the rings were made.</param>
    /// <param name="waiter">Several may hear of the same ring.</param>
    internal void Announce(int ring, EpollWaiter waiter)
    {
        // On edge: nobody takes the count, and each write is an edge.
        waiter.Watch(_signals[ring], onEdge: true);
    }

    /// <summary>Adds a descriptor that announces records to the thread. The caller goes on owning it.</summary>
    internal void Watch(Descriptor fd, bool onEdge = false)
    {
        _watches.Add(new StageWatch { Fd = fd.Number, Events = onEdge ? Epoll.In | Epoll.EdgeTriggered : Epoll.In });
        _used.Add(fd);
    }

    /// <param name="longestDelay">How long the thread may sleep while nothing announces itself.</param>
    internal void Start(TimeSpan longestDelay)
    {
        long nanoseconds = Deadline.Nanoseconds(longestDelay);
        _thread = StagingThread.Start(
            CollectionsMarshal.AsSpan(_rings),
            CollectionsMarshal.AsSpan(_watches),
            _options.Cpus is { } cpus ? cpus.Words : [],
            nanoseconds == Deadline.None ? -1 : nanoseconds,
            [.. _used]);
    }

    /// <summary>Makes the thread move what is there now.</summary>
    internal void Hurry() => _thread?.Kick();

    /// <summary>Descriptors of the kernel that can still announce something. None is left when the tasks have ended and all that they left
    /// was moved: so a look at the rings must follow.</summary>
    internal int LoadWatching() => _thread?.LoadWatching() ?? 0;

    /// <summary>Before somebody sleeps until the thread announces something.</summary>
    /// <exception cref="SystemCallException">The thread has ended by itself.</exception>
    internal void ThrowIfEnded() => _thread?.ThrowIfEnded();

    /// <inheritdoc/>
    public void Dispose()
    {
        _thread?.Dispose();
        foreach (Descriptor signal in _signals)
            signal.Dispose();
    }

    private Descriptor AddSignal()
    {
        Errno.ThrowIfFailed(Shim.EventFd(out int fd), "eventfd", EpollWaiter.DescriptorRemedy);
        Descriptor signal = new(fd);
        _signals.Add(signal);
        _used.Add(signal);
        return signal;
    }
}

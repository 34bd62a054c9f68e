using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>A scripted ring of the kernel and a reader of its staging ring; the native thread between them is the real one.</summary>
internal sealed class StagedFake : IDisposable
{
    private readonly IDisposable _kernel;
    private readonly Descriptor _announcer;

    private StagedFake(IDisposable kernel, KernelRing staged, RecordOrigin origin, Wakeup wakeup, StagingOptions? options)
    {
        _kernel = kernel;
        Errno.ThrowIfFailed(Shim.EventFd(out int fd), "eventfd", "an announcer");
        _announcer = new Descriptor(fd);
        Reader = FakeReader.Staged(
            wakeup, options ?? OnePage, _announcer, endsWithTasks: false, (staged, origin));
    }

    /// <summary>Staging rings of one page, as large as the scripted ones mostly are.</summary>
    internal static StagingOptions OnePage { get; } = new() { Capacity = Environment.SystemPageSize };

    /// <summary>Nothing is found but by what announces it.</summary>
    internal static Wakeup Never { get; } = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);

    internal FakeReader Reader { get; }

    internal Ring Ring => Reader.PipeRings[0];

    /// <param name="kernel">Now owned here.</param>
    /// <param name="wakeup">By default nothing is found but by what announces it.</param>
    /// <param name="options">By default one page.</param>
    internal static StagedFake Of(FakePerfRing kernel, Wakeup? wakeup = null, StagingOptions? options = null) =>
        new(kernel, kernel.Kernel(), kernel.Origin, wakeup ?? Never, options);

    /// <inheritdoc cref="Of(FakePerfRing, Wakeup?, StagingOptions?)"/>
    internal static StagedFake Of(FakeFramedRing kernel, Wakeup? wakeup = null, StagingOptions? options = null) =>
        new(kernel, kernel.Kernel(), kernel.Origin, wakeup ?? Never, options);

    /// <summary>Wakes the thread, as the kernel does with a record.</summary>
    internal void Announce() => Errno.ThrowIfFailed(PollCall.Signal(_announcer), "write(eventfd)", "announcing");

    /// <summary>Wakes the thread, and returns when it has moved all that it can.</summary>
    internal void Settle()
    {
        Announce();
        Reader.Settle();
    }

    /// <summary>Wakes the thread, and returns when it has moved everything.</summary>
    internal void Stage()
    {
        Announce();
        Reader.UntilAllIsStaged();
    }

    public void Dispose()
    {
        Reader.Dispose();
        _kernel.Dispose();
        _announcer.Dispose();
    }
}

namespace PerfRing.Testing.Peer;

/// <summary>Waits of readers, in a process in which nothing else happens.</summary>
internal static class Awaiting
{
    private const int Rounds = 2_000;
    private const int Windows = 10;
    private const int Few = 8;
    private const int Many = 1_000;

    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly Wakeup Soon = Wakeup.Polled.Within(TimeSpan.FromMicroseconds(100));

    internal static async Task Run(string what)
    {
        switch (what)
        {
            case "await-announced":
                await MeasureAnnounced(RingPoller.Shared);
                break;
            case "await-pinned":
                using (RingPoller pinned = PinnedPoller())
                    await MeasureAnnounced(pinned);
                break;
            case "await-by-the-clock":
                await MeasureByTheClock();
                break;
            case "await-read-all":
                await MeasureReadAll();
                break;
            case "await-affinity":
                await ShowWhoIsNarrowed(isStarterPinned: false);
                break;
            case "await-affinity-of-the-start":
                await ShowWhoIsNarrowed(isStarterPinned: true);
                break;
            case "await-few-threads":
                await FewThreads();
                break;
            case "await-and-exit":
                StartAndLeave();
                break;
            default:
                throw new ArgumentException(what);
        }
    }

    private static async Task MeasureAnnounced(RingPoller poller)
    {
        using PerfEventReader reader = OpenSilent();
        reader.Poller = poller;
        using CancellationTokenSource source = new();
        await MeasureWaits(reader, () => reader.Flush(), source.Token);
    }

    private static async Task MeasureByTheClock()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring, new() { Wakeup = Soon });
        byte[] bytes = new byte[8];
        await MeasureWaits(reader, () => writer.TryWrite(bytes), CancellationToken.None);
    }

    private static async Task MeasureWaits(RingReader reader, Action cause, CancellationToken cancellationToken)
    {
        using Helper helper = new(cause);
        Measured measured = new();
        while (measured.Goes)
        {
            ValueTask<bool> wait = reader.WaitAsync(cancellationToken);
            measured.Count(!wait.IsCompleted);
            helper.Go();
            await wait;
            using RecordBatch batch = reader.Read(TimeSpan.Zero, cancellationToken);
        }

        measured.Report();
    }

    private static async Task MeasureReadAll()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring, new() { Wakeup = Soon });
        byte[] bytes = new byte[8];
        using Helper helper = new(() => writer.TryWrite(bytes));
        Measured measured = new();
        await using IAsyncEnumerator<OwnedRecord> all = reader.ReadAllAsync().GetAsyncEnumerator();
        while (measured.Goes)
        {
            ValueTask<bool> next = all.MoveNextAsync();
            measured.Count(!next.IsCompleted);
            helper.Go();
            await next;
            all.Current.Dispose();
        }

        measured.Report();
    }

    /// <summary>Has a pinned poller serve many readers many times, and looks which threads may not run everywhere then.</summary>
    private static async Task ShowWhoIsNarrowed(bool isStarterPinned)
    {
        string everywhere = ThreadCpus.OfProcess();
        using RingPoller poller = PinnedPoller();
        PerfEventReader[] readers = [.. Enumerable.Range(0, Few).Select(static _ => OpenSilent())];
        using RingPoller free = new(new() { ThreadName = "free poller" });
        readers[0].Poller = poller;
        readers[1].Poller = free;
        Task[] first;

        // The main thread, of which threads inherit on CoreCLR, too.
        using (isStarterPinned ? CpuAffinity.Pin(0) : default)
            first = [readers[0].WaitAsync().AsTask(), readers[1].WaitAsync().AsTask()];

        foreach (PerfEventReader reader in readers[..2])
            reader.Flush();

        await Task.WhenAll(first);
        foreach (PerfEventReader reader in readers[..2])
            reader.Read(TimeSpan.Zero).Dispose();

        await Task.WhenAll(readers.Select(reader => WaitOften(reader, poller)));

        // A thread that the runtime itself started while the main thread was pinned is not ours to judge.
        Console.WriteLine("narrowed: " + string.Join(", ", ThreadCpus.Read()
            .Where(thread => thread.Cpus != everywhere)
            .Select(thread => thread.Name)
            .Where(name => !isStarterPinned || name is "pinned poller" or "free poller" or "ring dispatcher")));
        foreach (PerfEventReader reader in readers)
            reader.Dispose();
    }

    private static async Task WaitOften(PerfEventReader reader, RingPoller poller)
    {
        await Task.Yield();
        reader.Poller = poller;
        for (int i = 0; i < Rounds; i++)
        {
            ValueTask<bool> wait = reader.WaitAsync();
            reader.Flush();
            await wait;
            reader.Read(TimeSpan.Zero).Dispose();
        }
    }

    private static RingPoller PinnedPoller() => new(new() { Cpus = CpuSet.Of(0), ThreadName = "pinned poller" });

    private static async Task FewThreads()
    {
        int fewest = Environment.ProcessorCount;
        ThreadPool.SetMinThreads(1, 1);
        if (!ThreadPool.SetMaxThreads(fewest, fewest))
            throw new InvalidOperationException();

        PerfEventReader[] readers = [.. Enumerable.Range(0, Many).Select(static _ => OpenSilent())];
        Task<bool>[] waits = [.. readers.Select(static reader => reader.WaitAsync().AsTask())];
        await Task.Run(static () => Thread.Yield());
        if (waits.Any(static wait => wait.IsCompleted))
            throw new InvalidOperationException();

        foreach (PerfEventReader reader in readers)
            reader.Flush();

        bool[] woken = await Task.WhenAll(waits);
        Console.WriteLine($"the pool ran, {woken.Count(static one => one)} were woken");
    }

    private static void StartAndLeave()
    {
        SharedRing ring = SharedRing.CreateAnonymous();
        SharedRingReader byTheClock = SharedRingReader.Open(ring, new() { Wakeup = Wakeup.Polled.Within(TimeSpan.FromHours(1)) });
        _ = byTheClock.WaitAsync().AsTask();
        _ = OpenSilent().WaitAsync().AsTask();
        PerfEventReader elsewhere = OpenSilent();
        elsewhere.Poller = new RingPoller();
        _ = elsewhere.WaitAsync().AsTask();
        Console.WriteLine("waiting");
    }

    /// <summary>A reader of an event that never occurs.</summary>
    private static PerfEventReader OpenSilent() => PerfEventReader.Open(
        PerfEventSource.Software(SoftwareEvent.Dummy),
        new PerfEventReaderOptions { Cpus = CpuSet.Of(0), BufferSize = 4096, Wakeup = Never });

    /// <summary>A thread that does something each time that it is told to, without allocating.</summary>
    private sealed class Helper : IDisposable
    {
        private readonly Thread _thread;
        private volatile int _wanted;
        private volatile bool _isOver;

        internal Helper(Action action)
        {
            _thread = new Thread(() =>
            {
                for (int done = 0; !_isOver;)
                {
                    if (done == _wanted)
                    {
                        Thread.Yield();
                        continue;
                    }

                    done++;
                    action();
                }
            });
            _thread.Start();
        }

        internal void Go() => _wanted++;

        public void Dispose()
        {
            _isOver = true;
            _thread.Join();
        }
    }

    /// <summary>Counts in windows: the runtime allocates for itself now and then, as when the pool starts a thread, but what a
    /// wait allocated would be in every window.</summary>
    private sealed class Measured
    {
        private long _least = long.MaxValue;
        private long _before = long.MaxValue;
        private int _window = -1;
        private int _round;
        private int _suspended;

        internal bool Goes
        {
            get
            {
                if (_round++ % Rounds != 0)
                    return true;

                long now = GC.GetTotalAllocatedBytes(precise: true);
                if (_window > 0)
                    _least = Math.Min(_least, now - _before);

                if (++_window == Windows)
                    return false;

                _suspended = 0;
                _before = GC.GetTotalAllocatedBytes(precise: true);
                return true;
            }
        }

        internal void Count(bool suspended) => _suspended += suspended ? 1 : 0;

        internal void Report() => Console.WriteLine($"suspended {_suspended} of {Rounds}, {_least} bytes");
    }
}

namespace PerfRing.Testing.Peer;

/// <summary>Waits of readers, in a process in which nothing else happens.</summary>
internal static class Awaiting
{
    private const int Rounds = 2_000;
    private const int Windows = 10;
    private const int Many = 1_000;

    private static readonly Wakeup Never = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan);
    private static readonly Wakeup Soon = Wakeup.Polled.Within(TimeSpan.FromMicroseconds(100));

    internal static async Task Run(string what)
    {
        switch (what)
        {
            case "await-announced":
                await MeasureAnnounced();
                break;
            case "await-by-the-clock":
                await MeasureByTheClock();
                break;
            case "await-read-all":
                await MeasureReadAll();
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

    private static async Task MeasureAnnounced()
    {
        using PerfEventReader reader = OpenSilent();
        using Helper helper = new(() => reader.Flush());
        using CancellationTokenSource source = new();
        Measured measured = new();
        while (measured.Goes)
        {
            ValueTask<bool> wait = reader.WaitAsync(source.Token);
            measured.Count(!wait.IsCompleted);
            helper.Go();
            await wait;
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
        }

        measured.Report();
    }

    private static async Task MeasureByTheClock()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096 });
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(ring, new() { Wakeup = Soon });
        byte[] bytes = new byte[8];
        using Helper helper = new(() => writer.TryWrite(bytes));
        Measured measured = new();
        while (measured.Goes)
        {
            ValueTask<bool> wait = reader.WaitAsync();
            measured.Count(!wait.IsCompleted);
            helper.Go();
            await wait;
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
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

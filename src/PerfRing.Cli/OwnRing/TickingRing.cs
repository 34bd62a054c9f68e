using System.Globalization;

namespace PerfRing.Cli.OwnRing;

/// <summary>A ring in memory of this process, and a thread that writes into it some hundred times in a second.</summary>
internal sealed class TickingRing : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    private readonly ManualResetEventSlim _end = new();
    private readonly SharedRing _ring;
    private readonly SharedRingWriter _writer;
    private readonly Thread _thread;

    /// <exception cref="PerfRingException">There is not enough memory, or there are too many open files.</exception>
    internal TickingRing(int capacity)
    {
        _ring = SharedRing.CreateAnonymous(new SharedRingOptions { Capacity = capacity, Producers = SharedRingProducers.One });
        _writer = _ring.OpenWriter();
        _thread = new Thread(Write) { IsBackground = true, Name = "perfring tick" };
        _thread.Start();
    }

    /// <exception cref="ArgumentException">The threshold is beyond the ring.</exception>
    internal SharedRingReader OpenReader(Wakeup? wakeup) =>
        SharedRingReader.Open(_ring, new SharedRingReaderOptions { Wakeup = wakeup });

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _writer.Dispose();
        _ring.Dispose();
        _end.Dispose();
    }

    private void Write()
    {
        // What finds no room is counted by the ring, as the kernel does with its own.
        int thread = ThreadId();
        ulong number = 0;
        do
        {
            Tick tick = new(thread, number++);
            _writer.TryWrite(Tick.Bytes(tick));
        }
        while (!_end.Wait(Pause));
    }

    /// <summary>The kernel's id of the calling thread, which .NET does not tell: the link says pid/task/tid.</summary>
    private static int ThreadId()
    {
        string? thread = Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget);
        return int.TryParse(thread, CultureInfo.InvariantCulture, out int id) ? id : 0;
    }
}

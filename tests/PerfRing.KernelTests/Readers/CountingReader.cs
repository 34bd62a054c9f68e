using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>A thread that reads without a bound of its own, again and again, and counts.</summary>
internal sealed class CountingReader : IDisposable
{
    private readonly PerfEventReader _reader;
    private readonly Thread _thread;
    private volatile int _tid;
    private volatile int _records;

    internal CountingReader(PerfEventReader reader)
    {
        _reader = reader;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Does something while the reader is asleep in the kernel, and waits until it has seen so many records more.</summary>
    internal void Receive(int records, Action produce, string what)
    {
        Wait.Until(() => Waiting.IsAsleepInEpoll(_tid), "the reader to sleep");
        int wanted = _records + records;
        produce();
        Wait.Until(() => _records >= wanted, what, seen: () => $"{records - (wanted - _records)} of {records} records");
    }

    public void Dispose()
    {
        _reader.Dispose();
        _thread.Join();
    }

    private void Run()
    {
        Shim.GetTid(out int tid);
        _tid = tid;
        try
        {
            while (true)
            {
                using RecordBatch batch = _reader.Read();
                if (batch.Status == ReadStatus.Completed)
                    return;

                int records = 0;
                foreach (Record _ in batch)
                    records++;

                _records += records;
            }
        }
        catch (ObjectDisposedException)
        {
            // Dispose came between two reads.
        }
    }
}

namespace PerfRing.KernelTests.Readers;

/// <summary>One thread that reads whatever reader it is handed, until that reader is over: thousands of rounds on one thread.</summary>
internal sealed class Turns : IDisposable
{
    private readonly Thread _thread;
    private readonly SemaphoreSlim _start = new(0);
    private readonly SemaphoreSlim _end = new(0);
    private RingReader? _reader;
    private volatile bool _reading;
    private ReadStatus _status;

    internal Turns()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    internal bool IsReading => _reading;

    internal void Start(RingReader reader)
    {
        _reader = reader;
        _start.Release();
    }

    internal ReadStatus Finish()
    {
        Assert.True(_end.Wait(TimeSpan.FromSeconds(20)), "the read did not return after Dispose");
        return _status;
    }

    public void Dispose()
    {
        _reader = null;
        _start.Release();
        _thread.Join();
        _start.Dispose();
        _end.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _start.Wait();
            if (_reader is not { } reader)
                return;

            _reading = true;
            _status = ReadToTheEnd(reader);
            _reading = false;
            _end.Release();
        }
    }

    private static ReadStatus ReadToTheEnd(RingReader reader)
    {
        try
        {
            while (true)
            {
                using RecordBatch batch = reader.Read();
                if (batch.Status == ReadStatus.Completed)
                    return batch.Status;
            }
        }
        catch (ObjectDisposedException)
        {
            // Dispose came between two reads.
            return ReadStatus.Completed;
        }
    }
}

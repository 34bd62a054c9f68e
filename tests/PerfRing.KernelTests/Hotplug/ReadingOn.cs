using PerfRing.Testing;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>A thread that reads without a bound, and keeps what it is told: samples by CPU, and outages with what lies before and
/// behind them.</summary>
internal sealed class ReadingOn : IDisposable
{
    private const ulong HeldUp = 1_000_000_000;

    private readonly PerfEventReader _reader;
    private readonly Thread _thread;
    private readonly int _cpu;
    private readonly List<CpuOutage> _outages = [];
    private long _samples;
    private ulong _last;
    private ulong _bound;
    private volatile Exception? _failure;
    private volatile bool _keepsReading = true;

    /// <param name="reader">Disposed with this.</param>
    /// <param name="cpu">The CPU that comes and goes.</param>
    internal ReadingOn(PerfEventReader reader, int cpu)
    {
        _reader = reader;
        _cpu = cpu;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Samples of the CPU so far.</summary>
    internal long Samples => Volatile.Read(ref _samples);

    /// <summary>The outages that came as records.</summary>
    internal CpuOutage[] Outages
    {
        get
        {
            lock (_outages)
                return [.. _outages];
        }
    }

    /// <summary>The read that is under way, and what went wrong.</summary>
    internal void ThrowIfFailed() => Assert.True(_failure is null, _failure?.ToString());

    /// <summary>Ends the thread with a flush, so that everything was read.</summary>
    internal void Finish()
    {
        _keepsReading = false;
        _reader.Flush();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(20)), "the reading thread hangs");
        ThrowIfFailed();
    }

    public void Dispose()
    {
        _reader.Dispose();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(20)), "the reading thread hangs after Dispose");
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                using RecordBatch batch = _reader.Read();
                if (batch.Status == ReadStatus.Completed || (batch.Status == ReadStatus.Flushed && !_keepsReading))
                    return;

                foreach (Record record in batch)
                {
                    if (record.Cpu == _cpu)
                        Take(record);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // Dispose came between two reads.
        }
        catch (Exception e) when (Keep(e))
        {
        }
    }

    private bool Keep(Exception e)
    {
        _failure = e;
        return true;
    }

    private void Take(scoped in Record record)
    {
        if (record.Kind == RecordKind.Outage)
        {
            CpuOutage outage = record.Outage;

            // An outage begins no later than the events stopped, and earlier by as much as the watch was held up while it looked.
            Assert.True(_last < outage.Begin + HeldUp, $"a record of {_last} lies before an outage from {outage.Begin} on");
            Assert.Equal(outage.End, record.Time);
            Assert.Equal(-1, record.SourceIndex);
            _bound = outage.End!.Value;
            lock (_outages)
                _outages.Add(outage);
        }
        else if (record.Kind == RecordKind.Sample)
        {
            Assert.True(record.Time >= _bound, $"a record of {record.Time} lies behind an outage until {_bound}");
            _last = record.Time;
            Volatile.Write(ref _samples, _samples + 1);
        }
    }
}

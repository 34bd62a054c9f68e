using PerfRing.Interop;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>A pair of threads that hand a turn to one another on one CPU, whenever that is online: context switches there, and
/// a place from which to make BPF programs write.</summary>
internal sealed class CpuLoad : IDisposable
{
    private readonly SemaphoreSlim _ping = new(1);
    private readonly SemaphoreSlim _pong = new(0);
    private readonly Thread[] _threads;
    private readonly CpuSet _cpu;
    private volatile bool _stopped;

    internal CpuLoad(int cpu)
    {
        _cpu = CpuSet.Of(cpu);
        _threads = [Start(_ping, _pong), Start(_pong, _ping)];
    }

    public void Dispose()
    {
        _stopped = true;
        _ping.Release();
        _pong.Release();
        foreach (Thread thread in _threads)
            thread.Join();

        _ping.Dispose();
        _pong.Dispose();
    }

    private Thread Start(SemaphoreSlim mine, SemaphoreSlim other)
    {
        Thread thread = new(() =>
        {
            while (!_stopped)
            {
                // Again and again: the kernel moves the threads of a CPU that goes, for good. Refused while it is away, and then the
                // turns are taken elsewhere.
                _ = Affinity.Set(_cpu.Words);
                for (int turn = 0; turn < 20 && !_stopped; turn++)
                {
                    mine.Wait();
                    other.Release();
                }
            }

            other.Release();
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }
}

using System.Collections.Concurrent;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>Makes context switches and wakeups on every CPU: a pair of pinned threads on each hand a turn to one another.</summary>
internal sealed class Switching : IDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly List<SemaphoreSlim> _turns = [];
    private readonly ConcurrentBag<int> _threadIds = [];
    private volatile bool _stopped;

    /// <summary>The kernel's ids of the threads.</summary>
    internal IReadOnlyList<int> ThreadIds => [.. _threadIds];

    internal static Switching OnEveryCpu()
    {
        Switching switching = new();
        foreach (int cpu in MachineCpus.Online())
            switching.AddPair(cpu);

        Wait.Until(() => switching._threadIds.Count == switching._threads.Count, "all threads to be pinned");
        return switching;
    }

    public void Dispose()
    {
        _stopped = true;
        foreach (SemaphoreSlim turn in _turns)
            turn.Release();

        foreach (Thread thread in _threads)
            thread.Join();

        foreach (SemaphoreSlim turn in _turns)
            turn.Dispose();
    }

    private void AddPair(int cpu)
    {
        SemaphoreSlim ping = new(1);
        SemaphoreSlim pong = new(0);
        _turns.AddRange([ping, pong]);
        Start(cpu, ping, pong);
        Start(cpu, pong, ping);
    }

    private void Start(int cpu, SemaphoreSlim mine, SemaphoreSlim other)
    {
        Thread thread = new(() =>
        {
            using CpuAffinity pinned = CpuAffinity.Pin(cpu);
            Shim.GetTid(out int tid);
            _threadIds.Add(tid);
            while (!_stopped)
            {
                mine.Wait();
                other.Release();
            }
        });
        _threads.Add(thread);
        thread.IsBackground = true;
        thread.Start();
    }
}

using System.Diagnostics;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>One thread of the process that notices CPUs which go offline and come back, for all readers of whole CPUs.</summary>
/// <remarks>
/// <para>No descriptor of an event tells that its CPU is gone, and uevents do not reach every container, nor tell of CPUs that a
/// suspend takes away. So the thread looks: every 50 ms at the list of online CPUs (a pread(2), 0.7 us), which misses a CPU
/// that was away for a moment only; and every second at each ring's event, whose enabled time stands still once it is dead (a
/// read(2), which interrupts the CPU: 2 us there, 50 to 120 us on this side in a virtual machine).</para>
/// <para>It is started by the first reader and sleeps without a bound while there is none. It runs on the CPUs that the scheduler may
/// use, whatever the thread was pinned to that opened the reader. Readers are referred to weakly. In steady state nothing is
/// allocated.</para>
/// </remarks>
internal sealed class CpuWatch
{
    internal static readonly TimeSpan DefaultListPeriod = TimeSpan.FromMilliseconds(50);
    internal static readonly TimeSpan DefaultClockPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Guards the list, and is what the thread waits at.</summary>
    private readonly object _gate = new();
    private readonly TimeSpan _listPeriod;
    private readonly TimeSpan _clockPeriod;
    private WeakReference<ICpuWatched>[] _watched = [];
    private Thread? _thread;

    internal CpuWatch(TimeSpan listPeriod, TimeSpan clockPeriod)
    {
        _listPeriod = listPeriod;
        _clockPeriod = clockPeriod;
    }

    internal static CpuWatch Shared { get; } = new(DefaultListPeriod, DefaultClockPeriod);

    internal int Watching => Volatile.Read(ref _watched).Length;

    internal void Add(ICpuWatched watched)
    {
        lock (_gate)
        {
            _watched = [.. _watched, new WeakReference<ICpuWatched>(watched)];
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "PerfRing CPUs" };
                _thread.UnsafeStart();
            }

            Monitor.Pulse(_gate);
        }
    }

    internal void Remove(ICpuWatched watched)
    {
        lock (_gate)
            _watched = [.. _watched.Where(other => other.TryGetTarget(out ICpuWatched? target) && target != watched)];
    }

    /// <summary>Looks at everything once.</summary>
    internal void Look(bool byClock)
    {
        foreach (WeakReference<ICpuWatched> watched in Volatile.Read(ref _watched))
        {
            if (!Look(watched, byClock))
                Remove(watched);
        }
    }

    // A method of its own, so that no local keeps a forgotten reader alive while the thread sleeps.
    private static bool Look(WeakReference<ICpuWatched> watched, bool byClock)
    {
        try
        {
            return watched.TryGetTarget(out ICpuWatched? target) && target.Look(byClock);
        }
        catch (Exception e)
        {
            // Of a topology that somebody wrote himself, or of a machine that is out of descriptors: no reason to end the process, or
            // the watch of the others. The reader is looked at again, at the next time.
            RingEventSource.Log.CpuWatchFailed(e.GetType().ToString());
            return true;
        }
    }

    private static void LeaveThePin()
    {
        CpuTopology system = CpuTopology.FromSystem();
        try
        {
            CpuSet ordinary = system.Possible.Except(system.Isolated);

            // A refusal leaves the thread where it is, which costs nothing but the place.
            if (ordinary.Count != 0)
                _ = Affinity.Set(ordinary.Words);
        }
        catch (Exception e) when (e is PerfRingException or FormatException or IOException)
        {
            // No sysfs here: the thread stays where it is, too.
        }
    }

    private void Remove(WeakReference<ICpuWatched> watched)
    {
        lock (_gate)
            _watched = [.. _watched.Where(other => other != watched)];
    }

    private void Run()
    {
        LeaveThePin();
        long clockLook = Stopwatch.GetTimestamp();
        while (true)
        {
            lock (_gate)
            {
                while (_watched.Length == 0)
                    Monitor.Wait(_gate);

                Monitor.Wait(_gate, _listPeriod);
            }

            bool byClock = Stopwatch.GetElapsedTime(clockLook) >= _clockPeriod;
            if (byClock)
                clockLook = Stopwatch.GetTimestamp();

            Look(byClock);
        }
    }
}

using System.Collections.Concurrent;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Consumers;

/// <summary>Counts what the handlers of a consumer get, and notes what their threads are like.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<int, ConsumingThread> _threads = new();
    private long _records;

    internal long Records => Volatile.Read(ref _records);

    /// <summary>The thread of each ring, by its CPU.</summary>
    internal IReadOnlyDictionary<int, ConsumingThread> Threads => _threads;

    internal Handler For(int cpu) => new(this, cpu);

    internal void Until(long records, string what) => Wait.Until(
        () => Records >= records, $"{records} {what}", TimeSpan.FromSeconds(60), () => $"{Records}");

    internal struct Handler(Arrivals arrivals, int cpu) : IRecordHandler
    {
        private bool _isKnown;
        private long _records;

        /// <summary>The record at which it has enough; 0 for none.</summary>
        internal long EndsAt { get; init; }

        public bool Handle(Record record)
        {
            if (!_isKnown)
            {
                _isKnown = true;
                arrivals._threads[cpu] = ConsumingThread.Current();
            }

            Interlocked.Increment(ref arrivals._records);
            return ++_records != EndsAt;
        }
    }
}

/// <summary>What the kernel says of a thread.</summary>
internal sealed record ConsumingThread(int Id, string Name, CpuSet Cpus, int Policy, int Priority)
{
    internal static ConsumingThread Current()
    {
        int id = Affinity.ThreadId();
        string stat = File.ReadAllText($"/proc/self/task/{id}/stat");

        // proc_pid_stat(5): the state is field 3, the priority 40, the policy 41.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new ConsumingThread(
            id, File.ReadAllText($"/proc/self/task/{id}/comm").TrimEnd(), CpuAffinity.Current, int.Parse(fields[38]), int.Parse(fields[37]));
    }
}

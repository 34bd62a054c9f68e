using System.Collections.Concurrent;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

/// <summary>What handlers were given, as any thread may ask for it.</summary>
internal sealed class Recorder
{
    private readonly ConcurrentQueue<(int Cpu, long Number)> _seen = new();
    private readonly ConcurrentDictionary<int, int> _threads = new();

    internal IEnumerable<long> Numbers => _seen.Select(static record => record.Number);

    /// <summary>The kernel's ids of the threads that called.</summary>
    internal ICollection<int> Threads => _threads.Keys;

    internal IEnumerable<long> Of(int cpu) => _seen.Where(record => record.Cpu == cpu).Select(static record => record.Number);

    internal Handler For(int cpu) => new(this, cpu);

    internal void Until(int records) => Wait.Until(
        () => _seen.Count >= records, $"{records} records", TimeSpan.FromSeconds(30), () => $"{_seen.Count}");

    /// <summary>Notes each record; throws at one number, and ends at another.</summary>
    internal readonly struct Handler(Recorder recorder, int cpu) : IRecordHandler
    {
        internal long ThrowsAt { get; init; }

        internal long EndsAt { get; init; }

        public bool Handle(Record record)
        {
            long number = Shown.Number(record);
            if (number == ThrowsAt)
                throw new HandlerException();

            recorder._threads.TryAdd(Affinity.ThreadId(), 0);
            recorder._seen.Enqueue((cpu, number));
            return number != EndsAt;
        }
    }
}

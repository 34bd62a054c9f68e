using PerfRing.Abi;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>A ring of the kernel whose records the staging thread moves into a ring in memory, which is read instead.</summary>
/// <remarks>A record has the same position in both. So this ring's producer is where the other one's will be when everything is moved.</remarks>
internal sealed class KernelRing : IDisposable
{
    private readonly Mapping _words;
    private readonly Mapping _records;
    private readonly RingMemory _memory;

    private KernelRing(Mapping words, Mapping records, RingMemory memory, uint kind)
    {
        _words = words;
        _records = records;
        _memory = memory;
        Kind = kind;
    }

    /// <summary>One of <see cref="StageKind"/>.</summary>
    internal uint Kind { get; }

    /// <summary>Bytes for records.</summary>
    internal ulong Capacity => _memory.Size;

    /// <summary>What has to stay mapped as long as the thread runs.</summary>
    internal IEnumerable<Mapping> Mappings => [_words, _records];

    /// <param name="mapping">A perf ring, now owned here.</param>
    internal static KernelRing OfPerf(Mapping mapping) =>
        new(mapping, mapping, RingMemory.OfPerf(mapping, Environment.SystemPageSize), StageKind.Perf);

    /// <param name="consumer">The first page of a BPF ring buffer, now owned here.</param>
    /// <param name="records">The pages from the second on, now owned here.</param>
    /// <param name="size">Bytes for records.</param>
    // SAFETY: the mappings are laid out as BpfRing draws them, and live until Dispose.
    internal static unsafe KernelRing OfBpf(Mapping consumer, Mapping records, ulong size) => new(
        consumer,
        records,
        RingMemory.OfBpf(
            records.Address + BpfRingPages.Producer, consumer.Address, records.Address + Environment.SystemPageSize, size),
        StageKind.Bpf);

    /// <summary>Where the kernel is. Acquire.</summary>
    internal ulong LoadProducer() => _memory.Cursor.LoadProducer();

    /// <summary>Where the kernel ring is read next, before there is a thread.</summary>
    internal ulong LoadConsumer() => _memory.Cursor.LoadConsumer();

    /// <summary>Whether a record at a position is unfinished, so that the thread can't move it. There is none in a perf
    /// ring.</summary>
    /// <param name="position">Up to where everything was moved.</param>
    internal bool IsBusyAt(ulong position) =>
        Kind == StageKind.Bpf && LoadProducer() != position && _memory.IsBusyAt(position);

    /// <summary>What the thread is told of this ring.</summary>
    internal StageRing StagedTo(RingMemory to, int signal) => _memory.StagedTo(to, Kind, signal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _records.Dispose();
        _words.Dispose();
    }
}

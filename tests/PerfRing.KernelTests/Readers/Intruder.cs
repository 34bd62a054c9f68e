using PerfRing.Abi;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>Another consumer of a BPF ring buffer, as a second process would be.</summary>
internal sealed unsafe class Intruder : IDisposable
{
    private readonly Mapping _consumer;
    private readonly Mapping _records;

    internal Intruder(BpfTestMap map) => (_consumer, _records) = PerfRing.BpfRing.MapPages(
        map.Descriptor, (ulong)map.MaxEntries, Mmap.ProtectionRead | Mmap.ProtectionWrite);

    /// <summary>Frees everything.</summary>
    internal void ConsumeAll() => Volatile.Write(ref *(ulong*)_consumer.Address, Volatile.Read(ref *(ulong*)_records.Address));

    public void Dispose()
    {
        _records.Dispose();
        _consumer.Dispose();
    }
}

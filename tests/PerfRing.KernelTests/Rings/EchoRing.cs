using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Rings;

/// <summary>A BPF ring buffer read by a walk that is as plain as can be: what comes out of a user ring is judged by it.</summary>
internal sealed unsafe class EchoRing : IDisposable
{
    private readonly Mapping _consumer;
    private readonly Mapping _producer;
    private readonly int _size;
    private ulong _position;

    internal EchoRing(int size)
    {
        _size = size;
        Map = BpfTestMap.RingBuffer(size);
        int page = Environment.SystemPageSize;
        Errno.ThrowIfFailed(
            Mapping.TryMap(Map.Descriptor, (nuint)page, Mmap.ProtectionRead | Mmap.ProtectionWrite, 0, out Mapping? consumer),
            "mmap", "the consumer page of an echo ring");
        Errno.ThrowIfFailed(
            Mapping.TryMap(Map.Descriptor, (nuint)(page + (2 * size)), Mmap.ProtectionRead, (ulong)page, out Mapping? producer),
            "mmap", "the records of an echo ring");
        _consumer = consumer!;
        _producer = producer!;
    }

    internal delegate void Visitor(ReadOnlySpan<byte> record);

    internal BpfTestMap Map { get; }

    /// <summary>Shows every record that is there, and gives the memory back.</summary>
    /// <returns>How many there were.</returns>
    internal int Read(Visitor visit)
    {
        int count = 0;
        byte* records = _producer.Address + Environment.SystemPageSize;
        while (_position != Volatile.Read(ref *(ulong*)_producer.Address))
        {
            byte* record = records + (_position & (ulong)(_size - 1));
            uint length = Volatile.Read(ref *(uint*)record);
            if (length > RingBufferHeader.LengthMask)
                Assert.Fail($"the echo at {_position} is not committed: 0x{length:x8}");

            visit(new ReadOnlySpan<byte>(record + RingBufferHeader.Size, (int)length));
            _position += RingBufferHeader.RecordSize(length);
            count++;
        }

        Volatile.Write(ref *(ulong*)_consumer.Address, _position);
        return count;
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _producer.Dispose();
        Map.Dispose();
    }
}

using System.Buffers.Binary;
using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Rings;

/// <summary>A user ring, a program that drains it into a ring buffer, and what comes out there.</summary>
internal sealed class UserRingEcho : IDisposable
{
    private readonly BpfTestMap _testMap;
    private readonly UserRingEchoProgram _program;
    private readonly BpfTestMap _echoMap;
    private readonly BpfRingReader _echo;

    internal UserRingEcho(int? size = null)
    {
        int bytes = size ?? Environment.SystemPageSize;
        _testMap = BpfTestMap.UserRingBuffer(bytes);

        // Room for all that fits the user ring, and the slot that a ring buffer leaves free.
        _echoMap = BpfTestMap.RingBuffer(2 * bytes);
        using BpfMap echoed = BpfMap.FromDescriptor(_echoMap.Descriptor);
        _echo = BpfRingReader.Open(echoed);
        _program = new UserRingEchoProgram(_testMap, _echoMap, Math.Min(bytes, 1 << 24));
        Map = BpfMap.FromDescriptor(_testMap.Descriptor);
        Ring = BpfUserRing.Open(Map);
    }

    internal delegate void Visitor(ReadOnlySpan<byte> record);

    internal BpfMap Map { get; }

    internal BpfUserRing Ring { get; private set; }

    /// <summary>A record as the program wants it, with a pattern that depends on the number.</summary>
    internal static void Fill(Span<byte> record, int number)
    {
        for (int i = 0; i < record.Length; i++)
            record[i] = (byte)(number + (i * 7));

        if (record.Length >= sizeof(int))
            BinaryPrimitives.WriteInt32LittleEndian(record, record.Length);
    }

    internal void Write(int number, int length) =>
        Assert.True(TryWrite(number, length), $"record {number} of {length} bytes did not fit");

    internal bool TryWrite(int number, int length)
    {
        if (!Ring.TryReserve(length, out BpfUserReservation reservation))
            return false;

        Fill(reservation.Bytes, number);
        reservation.Submit();
        return true;
    }

    /// <summary>Lets the program drain once.</summary>
    /// <returns>How many records it was given, or -errno.</returns>
    internal int Drain(ulong flags = 0) => _program.Drain(flags);

    /// <summary>Drains, and shows what came out of the echo.</summary>
    internal int DrainTo(Visitor visit)
    {
        int drained = Drain();
        int seen = 0;
        using RecordBatch batch = _echo.Read(TimeSpan.Zero);
        foreach (Record record in batch)
        {
            visit(record.Payload);
            seen++;
        }

        if (drained != seen)
            Assert.Fail($"the kernel drained {drained} records, and {seen} came out of the echo");

        return seen;
    }

    /// <summary>Drains, and asks for exactly these records in this order.</summary>
    internal void AssertDrains(params (int Number, int Length)[] expected)
    {
        int seen = 0;
        DrainTo(record =>
        {
            Assert.InRange(seen, 0, expected.Length - 1);
            (int number, int length) = expected[seen++];
            byte[] wanted = new byte[length];
            Fill(wanted, number);
            if (!record.SequenceEqual(wanted))
                Assert.Fail($"record {seen - 1} has {record.Length} bytes and is not number {number} of {length}");
        });
        Assert.Equal(expected.Length, seen);
    }

    /// <summary>Opens the map anew, as another producer would, after the one before was disposed.</summary>
    internal BpfUserRing Reopen() => Ring = BpfUserRing.Open(Map);

    /// <summary>Does what another process could: writes a producer position, and a header at the start of the ring.</summary>
    internal unsafe void Scribble(ulong producer, uint header)
    {
        int page = Environment.SystemPageSize;
        const int readWrite = Mmap.ProtectionRead | Mmap.ProtectionWrite;
        int result = Mapping.TryMap(Map.Descriptor, (nuint)(2 * page), readWrite, (ulong)page, out Mapping? memory);
        Errno.ThrowIfFailed(result, "mmap", "a user ring to be damaged");
        using (memory)
        {
            *(uint*)(memory!.Address + page) = header;
            *(ulong*)memory.Address = producer;
        }
    }

    public void Dispose()
    {
        Ring.Dispose();
        Map.Dispose();
        _program.Dispose();
        _echo.Dispose();
        _echoMap.Dispose();
        _testMap.Dispose();
    }
}

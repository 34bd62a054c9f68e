using PerfRing.Abi;

namespace PerfRing.Testing;

internal sealed unsafe partial class FakePerfRing
{
    /// <summary>Writes a header that lies, with zeros behind it.</summary>
    /// <param name="type">What it claims to be.</param>
    /// <param name="claimed">The size that it claims.</param>
    /// <param name="taken">The bytes by which the head moves, a multiple of 8.</param>
    internal void WriteHeader(uint type, ushort claimed, int taken)
    {
        ulong end = _head + (ulong)taken;
        Put(Header(type, claimed));
        while (_head != end)
            Put(0);

        Publish();
    }

    /// <summary>Writes a sample whose payload claims a size of its own.</summary>
    internal void WriteSampleClaimingPayload(uint claimed)
    {
        FakeSample sample = new() { Payload = new byte[36] };
        ulong raw = _head + (ulong)Origin.Layout.RawOffset;
        PutSample(sample, SizeOf(sample));
        Patch(raw, new ReadOnlySpan<byte>(&claimed, sizeof(uint)));
        Publish();
    }

    /// <summary>Writes a sample whose call chain claims a number of callers of its own.</summary>
    internal void WriteSampleClaimingCallers(ulong claimed)
    {
        FakeSample sample = new() { Callers = [1, 2, 3], Payload = new byte[36] };
        ulong count = _head + (ulong)Origin.Layout.CallChainOffset;
        PutSample(sample, SizeOf(sample));
        Patch(count, new ReadOnlySpan<byte>(&claimed, sizeof(ulong)));
        Publish();
    }

    /// <summary>Moves the producer position to any value; what is written next goes there, if it is a multiple of 8.</summary>
    internal void MoveHead(ulong position)
    {
        _head = position;
        Publish();
    }

    private void Patch(ulong position, ReadOnlySpan<byte> bytes)
    {
        ulong head = _head;
        _head = position;
        Put(bytes);
        _head = head;
    }
}

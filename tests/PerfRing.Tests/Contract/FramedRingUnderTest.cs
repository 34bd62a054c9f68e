using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>The scripted BPF ring buffer. Nothing announces its records, so this does.</summary>
internal sealed class FramedRingUnderTest : RingUnderTest
{
    private readonly FakeFramedRing _ring = new(start: (ulong)Environment.SystemPageSize - 80);
    private readonly FakeReader _reader;
    private long _number;

    internal FramedRingUnderTest() => _reader = new FakeReader(Wakeup.Immediate, _ring.Ring);

    internal override RingReader Reader => _reader;

    internal override bool LossesAreKnown => false;

    internal override void WriteUncounted(int size, int count)
    {
        for (int i = 0; i < count; i++)
            _ring.Write(0, size);
    }

    public override void Dispose()
    {
        _reader.Dispose();
        _ring.Dispose();
    }

    internal override bool TryWrite(int size, out (int Ring, long Number) written)
    {
        byte[] payload = new byte[size];
        Fill(payload, _number);
        written = (-1, _number++);
        if (!_ring.Write(payload))
            return false;

        _reader.Nudge();
        return true;
    }
}

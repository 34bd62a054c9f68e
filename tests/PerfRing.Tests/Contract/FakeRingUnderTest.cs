using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>The scripted perf ring. Nothing announces its records, so this does.</summary>
internal sealed class FakeRingUnderTest : RingUnderTest
{
    private readonly FakePerfRing _ring;
    private readonly FakeReader _reader;
    private readonly bool _announces;
    private readonly FakeSample _uncounted = new() { Payload = new byte[24] };
    private long _number;

    internal FakeRingUnderTest(ReadingOptions options, ulong start = 0)
    {
        _ring = new FakePerfRing(start: start);
        _reader = new FakeReader(options.Wakeup, _ring);
        _announces = options.Wakeup.Kind == WakeupKind.Immediate;
    }

    internal override RingReader Reader => _reader;

    internal override bool LossesAreKnown => false;

    internal override void WriteUncounted(int size, int count)
    {
        for (int i = 0; i < count; i++)
            _ring.Write(_uncounted);
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
        written = (0, _number++);
        if (!_ring.Write(new FakeSample { Payload = payload }))
            return false;

        if (_announces)
            _reader.Nudge();

        return true;
    }
}

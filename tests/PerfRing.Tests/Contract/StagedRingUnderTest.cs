using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>A staging ring that the native thread fills from a scripted ring of the kernel. Nobody announces records there, so
/// this does.</summary>
internal sealed class StagedRingUnderTest : RingUnderTest
{
    private readonly StagedFake _staged;
    private readonly Func<byte[], bool> _write;
    private readonly bool _announces;
    private readonly int _ring;
    private readonly byte[] _uncounted = new byte[24];
    private long _number;

    private StagedRingUnderTest(StagedFake staged, Func<byte[], bool> write, int ring, Wakeup wakeup)
    {
        _staged = staged;
        _write = write;
        _ring = ring;
        _announces = wakeup.Kind == WakeupKind.Immediate;
    }

    internal override RingReader Reader => _staged.Reader;

    internal override bool LossesAreKnown => false;

    internal static StagedRingUnderTest Perf(ReadingOptions options)
    {
        FakePerfRing kernel = new(start: (ulong)Environment.SystemPageSize - 80);
        return new(
            StagedFake.Of(kernel, options.Wakeup), bytes => kernel.Write(new FakeSample { Payload = bytes }), 0, options.Wakeup);
    }

    internal static StagedRingUnderTest Bpf(ReadingOptions options)
    {
        FakeFramedRing kernel = new(start: (ulong)Environment.SystemPageSize - 80);
        return new(StagedFake.Of(kernel, options.Wakeup), bytes => kernel.Write(bytes), -1, options.Wakeup);
    }

    internal override void WriteUncounted(int size, int count)
    {
        for (int i = 0; i < count; i++)
            _write(_uncounted);

        _staged.Announce();
    }

    public override void Dispose() => _staged.Dispose();

    internal override bool TryWrite(int size, out (int Ring, long Number) written)
    {
        byte[] payload = new byte[size];
        Fill(payload, _number);
        written = (_ring, _number++);
        if (!_write(payload))
            return false;

        if (_announces)
            _staged.Announce();

        return true;
    }
}

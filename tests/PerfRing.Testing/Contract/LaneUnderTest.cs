namespace PerfRing.Testing;

/// <summary>The lane of a reader that has one ring.</summary>
internal sealed class LaneUnderTest(RingUnderTest whole) : RingUnderTest
{
    private readonly RingLanes _lanes = whole.Reader.Split();

    internal override RingReader Reader => _lanes[0];

    internal override bool LossesAreKnown => whole.LossesAreKnown;

    internal override void WriteUncounted(int size, int count) => whole.WriteUncounted(size, count);

    internal override bool TryWrite(int size, out (int Ring, long Number) written) => whole.TryWrite(size, out written);

    internal override int RingOf(scoped in Record record) => whole.RingOf(record);

    public override void Dispose()
    {
        _lanes.Dispose();
        whole.Dispose();
    }
}

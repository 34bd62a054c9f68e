using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

public sealed class MergeOptionsTests
{
    public static TheoryData<MergeOptions, string> Bad => new()
    {
        { new MergeOptions { HoldBack = TimeSpan.FromTicks(-1) }, nameof(MergeOptions.HoldBack) },
        { new MergeOptions { HoldBack = TimeSpan.FromMinutes(2) }, nameof(MergeOptions.HoldBack) },
        { new MergeOptions { MaximumBytes = 4095 }, nameof(MergeOptions.MaximumBytes) },
        { new MergeOptions { Late = (LateRecords)2 }, nameof(MergeOptions.Late) },
        { new MergeOptions { StampOffset = -1 }, nameof(MergeOptions.StampOffset) },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void An_option_out_of_range_is_refused_by_name(MergeOptions options, string name)
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => reader.Merged(options)).ParamName);
    }

    [Fact]
    public void Records_without_a_time_are_refused_with_the_remedy()
    {
        using FakePerfRing ring = new(SampleFields.Raw);
        using FakeReader reader = new(ring);
        Assert.Contains("SampleFields.Time", Assert.Throws<ArgumentException>(() => reader.Merged()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_without_a_place_for_the_stamp_are_refused_with_the_remedy()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        Assert.Contains("StampOffset", Assert.Throws<ArgumentException>(() => reader.Merged()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void There_has_to_be_a_reader_and_each_only_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        Assert.Throws<ArgumentException>(() => MergedReader.Over(Array.Empty<RingReader>(), new MergeOptions()));
        Assert.Throws<ArgumentException>(() => MergedReader.Over([reader, reader], new MergeOptions()));
    }

    [Fact]
    public void A_shared_ring_among_others_needs_a_longest_delay()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using SharedRing shared = SharedRing.CreateAnonymous(new SharedRingOptions());
        using SharedRingReader other = SharedRingReader.Open(
            shared, new SharedRingReaderOptions { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => MergedReader.Over([reader, other], new MergeOptions { StampOffset = 0 }));
        Assert.Contains("longest delay", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_reader_is_refused()
    {
        using FakePerfRing ring = new();
        FakeReader reader = new(ring);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Merged());
    }
}

using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>The lane of a scripted perf ring.</summary>
public sealed class FakeRingLaneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new LaneUnderTest(new FakeRingUnderTest(options));
}

/// <summary>The lane of a shared ring, which waits in a futex.</summary>
public sealed class SharedRingLaneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) =>
        new LaneUnderTest(new SharedRingUnderTest(SharedRingProducers.Many, options));
}

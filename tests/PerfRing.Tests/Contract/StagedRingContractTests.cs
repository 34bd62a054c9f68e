using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>The staging ring of a scripted perf ring.</summary>
public sealed class StagedPerfRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => StagedRingUnderTest.Perf(options);
}

/// <summary>The staging ring of a scripted BPF ring buffer.</summary>
public sealed class StagedBpfRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => StagedRingUnderTest.Bpf(options);
}

/// <summary>The lane of a staging ring.</summary>
public sealed class StagedRingLaneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new LaneUnderTest(StagedRingUnderTest.Perf(options));
}

using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>The scripted perf ring.</summary>
public sealed class FakeRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new FakeRingUnderTest(options);
}

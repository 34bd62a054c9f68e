using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>A shared ring with one producer.</summary>
public sealed class SharedRingOfOneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new SharedRingUnderTest(SharedRingProducers.One, options);
}

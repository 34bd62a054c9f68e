using PerfRing.Testing;

namespace PerfRing.Tests.Contract;

/// <summary>A shared ring with many producers.</summary>
public sealed class SharedRingOfManyContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new SharedRingUnderTest(SharedRingProducers.Many, options);
}

using PerfRing.Testing;

namespace PerfRing.KernelTests;

/// <summary>The tests that share the machine's kernel run one after another, and hold off those that take a CPU away.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Machine : ICollectionFixture<MachineFixture>
{
    public const string Name = "Machine";
}

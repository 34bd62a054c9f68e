using Xunit;

namespace PerfRing.Testing;

/// <summary>A fact about the real kernel: skipped, with the reason, where the machine lacks what it needs.</summary>
/// <remarks>With PERFRING_REQUIRE_KERNEL=1 it is never skipped: it runs and fails.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    /// <summary>Looks, at discovery, whether the machine has what the test needs.</summary>
    public KernelFactAttribute(Needs needs)
    {
        Needs = needs;
        Skip = MachineProbe.SkipReason(needs);
    }

    /// <summary>What the test needs of the machine.</summary>
    public Needs Needs { get; }
}

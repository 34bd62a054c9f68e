using Xunit;
using Xunit.Sdk;

namespace PerfRing.Testing;

/// <summary>A fact of a contract suite. Whether the machine can run it depends on the derived class, which says so by
/// <see cref="NeedsAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PerfRing.Testing.ContractFactDiscoverer", "PerfRing.Testing")]
public sealed class ContractFactAttribute : FactAttribute;

using Xunit.Abstractions;
using Xunit.Sdk;

namespace PerfRing.Testing;

/// <summary>One fact of a contract suite, for one kind of ring.</summary>
public sealed class ContractTestCase : XunitTestCase
{
    /// <summary>For xunit, which sends test cases between its processes.</summary>
    [Obsolete("Called by the deserializer.")]
    public ContractTestCase()
    {
    }

    /// <summary>Made by the discoverer.</summary>
    public ContractTestCase(
        IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions displayOptions, ITestMethod testMethod)
        : base(diagnostics, display, displayOptions, testMethod)
    {
    }

    /// <inheritdoc/>
    protected override string? GetSkipReason(IAttributeInfo factAttribute)
    {
        IAttributeInfo? needs = TestMethod.TestClass.Class.GetCustomAttributes(typeof(NeedsAttribute)).FirstOrDefault();
        return needs is null ? null : MachineProbe.SkipReason((Needs)needs.GetConstructorArguments().First());
    }
}

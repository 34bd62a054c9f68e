using Microsoft.CodeAnalysis;

namespace PerfRing.Tests.Architecture;

/// <summary>One place where a rule about the sources is broken.</summary>
internal sealed record Finding(string Path, int Line, string What)
{
    internal static Finding At(Location location, string what)
    {
        FileLinePositionSpan span = location.GetLineSpan();
        return new Finding(span.Path, span.StartLinePosition.Line + 1, what);
    }

    /// <summary>Fails with the rule and every finding; the assertions of the framework would cut the list short.</summary>
    internal static void AssertNone(IReadOnlyCollection<Finding> findings, string rule) =>
        Assert.True(findings.Count == 0, $"{rule}\n{string.Join('\n', findings)}");

    public override string ToString() => $"{Path}:{Line}: {What}";
}

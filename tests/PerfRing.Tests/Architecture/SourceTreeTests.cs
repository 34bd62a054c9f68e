using Microsoft.CodeAnalysis;

namespace PerfRing.Tests.Architecture;

public class SourceTreeTests
{
    /// <summary>Partial members whose body a source generator writes: CS8795 for methods, CS9248 for properties. The
    /// compiler leaves calls of such methods out, so that their out arguments count as unassigned: the other four.</summary>
    private static readonly string[] LeftToGenerators = ["CS8795", "CS9248", "CS0165", "CS0170", "CS0177", "CS0269"];

    // The other checks see only what binds: a name that does not would pass them unseen.
    [Fact]
    public void Every_name_in_the_sources_binds()
    {
        Finding[] errors = [.. SourceTree.Compile(SourceTree.Load()).GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && !LeftToGenerators.Contains(diagnostic.Id))
            .Select(diagnostic => Finding.At(diagnostic.Location, $"{diagnostic.Id}: {diagnostic.GetMessage()}"))];

        Finding.AssertNone(errors, "The sources must compile here as they do in the build.");
    }

    [Fact]
    public void The_tree_has_the_declarations_of_the_shim() =>
        Assert.Contains(SourceTree.Load(), file => file is { Folder: "Interop", Path: "src/PerfRing/Interop/Shim.cs" });
}

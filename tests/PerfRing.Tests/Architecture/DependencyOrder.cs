using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PerfRing.Tests.Architecture;

/// <summary>Finds names by which a folder of the library uses one that is built on it.</summary>
internal static class DependencyOrder
{
    /// <summary>Each folder may use itself and those before it.</summary>
    private static readonly string[] Folders =
    [
        "Abi", "Interop", "Cpus", "Memory", "Records", "Rings", "Sources", "Diagnostics", "Readers", "Pipes", "Consumers",
    ];

    internal static string Rule { get; } =
        $"Folders of src/PerfRing use themselves and those before them: {string.Join(", ", Folders)}.";

    internal static IReadOnlyList<Finding> Check(IReadOnlyList<SourceFile> files)
    {
        Dictionary<string, string> folders = files.ToDictionary(file => file.Path, file => file.Folder);
        CSharpCompilation compilation = SourceTree.Compile(files);
        return
        [
            .. files.Where(file => Rank(file.Folder) < 0).Select(Stray),
            .. compilation.SyntaxTrees
                .Where(tree => folders.TryGetValue(tree.FilePath, out string? folder) && Rank(folder) >= 0)
                .SelectMany(tree => Check(compilation.GetSemanticModel(tree), folders)),
        ];
    }

    private static int Rank(string folder) => Array.IndexOf(Folders, folder);

    private static Finding Stray(SourceFile file) => new(
        file.Path, 1, file.Folder.Length == 0 ? "lies in no folder" : $"lies in the unknown folder {file.Folder}");

    private static IEnumerable<Finding> Check(SemanticModel model, Dictionary<string, string> folders)
    {
        string from = folders[model.SyntaxTree.FilePath];

        // The walk does not enter trivia, so that a cref in a comment may point upwards.
        return from name in model.SyntaxTree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
               from symbol in Bound(model.GetSymbolInfo(name))
               from path in DeclaringPaths(symbol).Where(folders.ContainsKey)
               let to = folders[path]
               where Rank(to) > Rank(@from)
               select Finding.At(name.GetLocation(), $"{symbol.ToDisplayString()}: {@from} -> {to}");
    }

    /// <summary>What a name means; everything that it could mean where the compiler can't choose, as in nameof over
    /// overloads.</summary>
    private static ImmutableArray<ISymbol> Bound(SymbolInfo info) =>
        info.Symbol is { } symbol ? [symbol] : info.CandidateSymbols;

    private static IEnumerable<string> DeclaringPaths(ISymbol symbol)
    {
        if (symbol is not (INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol))
            return [];

        ISymbol declared = (symbol as IMethodSymbol)?.ReducedFrom ?? symbol.OriginalDefinition;

        // What the compiler adds by itself, such as a constructor nobody wrote, lies where its type does.
        if (declared.DeclaringSyntaxReferences.IsEmpty && declared.ContainingType is { } type)
            declared = type.OriginalDefinition;

        return declared.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree.FilePath).Distinct();
    }
}

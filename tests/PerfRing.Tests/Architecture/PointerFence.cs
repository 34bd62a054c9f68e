using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PerfRing.Tests.Architecture;

/// <summary>Finds pointers outside the folders that may handle them, and unsafe code that does not say why it is sound.</summary>
internal static class PointerFence
{
    internal const string Rule =
        "Pointers and unsafe code stay in Interop, Memory, Records and Rings; Abi may say unsafe for its fixed buffers. "
        + "In Memory, Records and Rings, each unsafe block and each declaration marked unsafe has a comment with SAFETY: "
        + "inside it, directly above it, directly above its type, or among the fields of its type.";

    private static readonly string[] Pointers = ["Interop", "Memory", "Records", "Rings"];

    private static readonly string[] Argued = ["Memory", "Records", "Rings"];

    internal static IReadOnlyList<Finding> Check(IEnumerable<SourceFile> files) => [.. files.SelectMany(Check)];

    private static IEnumerable<Finding> Check(SourceFile file)
    {
        SyntaxNode root = file.Parse().GetRoot();
        SyntaxToken[] unsafeWords = [.. root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.UnsafeKeyword))];
        bool pointers = Pointers.Contains(file.Folder);

        // stackalloc yields a pointer, and & one too, only in code that one of these two makes unsafe or names.
        IEnumerable<Finding> types = root.DescendantNodes()
            .Where(node => node is PointerTypeSyntax or FunctionPointerTypeSyntax && !pointers)
            .Select(node => Finding.At(node.GetLocation(), $"pointer type {node} in {file.Folder}"));

        IEnumerable<Finding> words = unsafeWords
            .Where(word => !pointers
                && !(file.Folder == "Abi" && word.Parent is StructDeclarationSyntax or FieldDeclarationSyntax))
            .Select(word => Finding.At(word.GetLocation(), $"unsafe in {file.Folder}"));

        IEnumerable<Finding> silent = unsafeWords
            .Where(word => Argued.Contains(file.Folder) && !IsArgued(word.Parent!))
            .Select(word => Finding.At(word.GetLocation(), "unsafe without SAFETY:"));

        return words.Concat(types).Concat(silent);
    }

    private static bool IsArgued(SyntaxNode marked) =>
        marked.DescendantTrivia().Any(Argues)
        || (marked.Ancestors().OfType<TypeDeclarationSyntax>().FirstOrDefault() is { } type && TypeArgues(type));

    /// <summary>Whether the comment speaks for the whole type: methods and nested types argue for themselves alone.</summary>
    private static bool TypeArgues(TypeDeclarationSyntax type) => type
        .DescendantTrivia(node => node is not MemberDeclarationSyntax || node == type || node is FieldDeclarationSyntax)
        .Any(Argues);

    private static bool Argues(SyntaxTrivia trivia) =>
        (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
            || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia))
        && trivia.ToFullString().Contains("SAFETY:", StringComparison.Ordinal);
}

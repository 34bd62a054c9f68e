using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PerfRing.Tests.Architecture;

/// <summary>One C# file of the library, or a snippet that plays one.</summary>
/// <param name="Folder">The top folder under src/PerfRing, empty for a file beside the project.</param>
/// <param name="Path">The path that findings name.</param>
/// <param name="Text">What the file says.</param>
internal sealed record SourceFile(string Folder, string Path, string Text)
{
    internal SyntaxTree Parse() => CSharpSyntaxTree.ParseText(Text, SourceTree.Language, Path);
}

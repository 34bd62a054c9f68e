using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PerfRing.Tests.Architecture;

/// <summary>Finds the kernel's names for ring positions where the library's own words belong.</summary>
internal static class KernelSpelling
{
    internal const string Rule =
        "The kernel's names data_head, data_tail, consumer_pos and producer_pos, in any casing, are identifiers in Abi, "
        + "Interop and Memory only; elsewhere a ring has a producer position and a consumer position.";

    private static readonly string[] Folders = ["Abi", "Interop", "Memory"];

    private static readonly HashSet<string> Names =
        new(["datahead", "datatail", "consumerpos", "producerpos"], StringComparer.OrdinalIgnoreCase);

    /// <remarks>Tokens do not include trivia or string contents, so that comments may speak the kernel's language.</remarks>
    internal static IReadOnlyList<Finding> Check(IEnumerable<SourceFile> files) =>
    [
        .. from file in files
           where !Folders.Contains(file.Folder)
           from token in file.Parse().GetRoot().DescendantTokens()
           where token.IsKind(SyntaxKind.IdentifierToken) && Names.Contains(token.ValueText.Replace("_", ""))
           select Finding.At(token.GetLocation(), $"{token.ValueText} in {file.Folder}"),
    ];
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using PerfRing.Testing;

namespace PerfRing.Tests.Architecture;

/// <summary>The sources of the library as they lie in the repository that these tests were built from.</summary>
internal static class SourceTree
{
    private const string Library = "src/PerfRing";

    /// <summary>The language and symbols that the project is compiled with, so that no code hides behind an #if.</summary>
    internal static readonly CSharpParseOptions Language = new(
        LanguageVersion.Latest,
        preprocessorSymbols: ["NET", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0", "NET10_0_OR_GREATER"]);

    /// <summary>What ImplicitUsings adds to every file of the project.</summary>
    private static readonly SourceFile ImplicitUsings = new("", "ImplicitUsings.cs", """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """);

    /// <summary>The folder of PerfRing.sln.</summary>
    internal static string Root => Repository.Root;

    /// <summary>Every source file of src/PerfRing, without what the build writes.</summary>
    internal static IReadOnlyList<SourceFile> Load()
    {
        string library = Path.Combine(Root, Library);
        return [.. Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(library, file))
            .Where(file => TopFolder(file) is not ("bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(file => new SourceFile(
                TopFolder(file), $"{Library}/{file}", File.ReadAllText(Path.Combine(library, file))))];
    }

    /// <summary>Binds the files together, against the runtime that runs the tests.</summary>
    /// <remarks>Source generators do not run: what they would write is missing, what calls it still binds.</remarks>
    internal static CSharpCompilation Compile(IEnumerable<SourceFile> files) => CSharpCompilation.Create(
        "PerfRing.Sources",
        files.Append(ImplicitUsings).Select(file => file.Parse()),
        PlatformAssemblies(),
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    private static IEnumerable<MetadataReference> PlatformAssemblies()
    {
        string trusted = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")
            ?? throw new InvalidOperationException("The runtime does not say which assemblies it has.");

        // Our own assemblies are on that list too; with them every type would be there twice.
        return trusted.Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("PerfRing", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
    }

    private static string TopFolder(string file) =>
        file.IndexOf(Path.DirectorySeparatorChar, StringComparison.Ordinal) is var end and >= 0 ? file[..end] : "";
}

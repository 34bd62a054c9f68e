using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PerfRing.Tests.Architecture;

namespace PerfRing.Tests.Native;

/// <summary>The header, the declarations in C# and the library that was built name the same functions.</summary>
public partial class ShimExportsTests
{
    /// <summary>The newest glibc that the shim may need, as DESIGN promises for x86-64.</summary>
    private static readonly Version NewestGlibc = new(2, 27);

    [Fact]
    public void Every_function_of_the_header_is_declared_in_Interop_and_no_other() =>
        Assert.Equal(HeaderFunctions(), EntryPoints(SourceTree.Load()).Order(StringComparer.Ordinal));

    [Fact]
    public async Task The_library_exports_the_functions_of_the_header_and_nothing_else()
    {
        // A version node of the linker script stands in the table as an absolute symbol; it is no export.
        IEnumerable<string> exports = (await DynamicSymbols())
            .Where(symbol => symbol.Section is not ("UND" or "ABS"))
            .Select(symbol => symbol.Name.Split('@')[0]);

        Assert.Equal(HeaderFunctions(), exports.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_library_needs_no_glibc_newer_than_promised()
    {
        IReadOnlyList<string> newer = NeedingNewer(
            (await DynamicSymbols()).Where(symbol => symbol.Section == "UND").Select(symbol => symbol.Name), NewestGlibc);

        Assert.Empty(newer);
    }

    [Fact]
    public void A_symbol_of_a_newer_glibc_is_found() => Assert.Equal(
        ["fcntl64@GLIBC_2.28"],
        NeedingNewer(["read@GLIBC_2.2.5", "glob@GLIBC_2.27", "fcntl64@GLIBC_2.28", "__gmon_start__"], NewestGlibc));

    [Fact]
    public void An_entry_point_is_read_from_its_attribute_or_else_from_the_method()
    {
        SourceFile file = new("Interop", "Interop/A.cs", """
            static partial class A
            {
                [LibraryImport("perfring_shim", EntryPoint = "perfring_one")]
                internal static partial int One();

                [LibraryImport("perfring_shim")]
                internal static partial int Two();
            }
            """);

        Assert.Equal(["perfring_one", "Two"], EntryPoints([file]));
    }

    [GeneratedRegex(@"^PERFRING_EXPORT\s+[\w\s*]*?\b(\w+)\(", RegexOptions.Multiline)]
    private static partial Regex ExportedFunction();

    private static IEnumerable<string> HeaderFunctions()
    {
        string header = File.ReadAllText(Path.Combine(SourceTree.Root, "native-shim/include/perfring_shim.h"));
        string[] functions = [.. ExportedFunction().Matches(header).Select(match => match.Groups[1].Value)];

        // Whatever the pattern does not read would pass unseen. One of the words is the macro's own definition.
        Assert.Equal(header.Split("PERFRING_EXPORT").Length - 2, functions.Length);
        Assert.All(functions, function => Assert.StartsWith("perfring_", function, StringComparison.Ordinal));
        return functions.Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> EntryPoints(IEnumerable<SourceFile> files) =>
        from file in files
        from attribute in file.Parse().GetRoot().DescendantNodes().OfType<AttributeSyntax>()
        where attribute.Name.ToString() is "LibraryImport" or "DllImport"
        let named = attribute.ArgumentList!.Arguments.FirstOrDefault(
            argument => argument.NameEquals?.Name.Identifier.ValueText == "EntryPoint")
        let method = attribute.FirstAncestorOrSelf<MethodDeclarationSyntax>()
        select named?.Expression is LiteralExpressionSyntax literal ? literal.Token.ValueText : method!.Identifier.ValueText;

    private static IReadOnlyList<string> NeedingNewer(IEnumerable<string> symbols, Version newest) =>
    [
        .. from symbol in symbols
           let at = symbol.IndexOf("@GLIBC_", StringComparison.Ordinal)
           where at >= 0 && Version.Parse(symbol[(at + "@GLIBC_".Length)..]) > newest
           select symbol,
    ];

    /// <summary>Section and name of each dynamic symbol: <c>num: value size type binding visibility section name</c>.</summary>
    private static async Task<IReadOnlyList<(string Section, string Name)>> DynamicSymbols()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "libperfring_shim.so");
        return
        [
            .. from line in (await ChildProcess.Run("readelf", "--dyn-syms", "-W", library)).Lines
               let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where words.Length >= 8 && int.TryParse(words[0].TrimEnd(':'), CultureInfo.InvariantCulture, out _)
               select (words[6], words[7]),
        ];
    }
}

using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using PerfRing.Interop;
using PerfRing.Tests.Architecture;

namespace PerfRing.Tests.Native;

public partial class ShimLibraryTests
{
    private static readonly string Build = Path.Combine(SourceTree.Root, "native-shim/build.sh");

    [Fact]
    public void The_version_of_the_header_is_the_version_of_the_declarations()
    {
        string header = File.ReadAllText(Path.Combine(SourceTree.Root, "native-shim/include/perfring_shim.h"));

        Assert.Equal($"{ShimLibrary.AbiVersion}", AbiVersion().Match(header).Groups[1].Value);
    }

    [Fact]
    public void The_shim_that_was_built_is_accepted() => ShimLibrary.Require();

    [Theory]
    [InlineData(ShimLibrary.AbiVersion - 1)]
    [InlineData(ShimLibrary.AbiVersion + 41)]
    public void A_shim_of_another_version_is_refused_with_both_numbers(uint version)
    {
        PlatformNotSupportedException refusal =
            Assert.Throws<PlatformNotSupportedException>(() => ShimLibrary.CheckVersion(version));

        Assert.Contains(
            $"has ABI version {version}, PerfRing.dll needs {ShimLibrary.AbiVersion}",
            refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_without_a_compiler_says_in_one_line_what_to_install()
    {
        using TemporaryFolder folder = new();

        ChildProcess build = await ChildProcess.Run(
            new Dictionary<string, string?> { ["CC"] = "no-such-compiler" }, "sh", Build, folder["x.so"]);

        Assert.NotEqual(0, build.ExitCode);
        string line = Assert.Single(build.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("'no-such-compiler'", line, StringComparison.Ordinal);
        Assert.Contains("apt-get install gcc", line, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task Builds_side_by_side_leave_one_library_that_loads()
    {
        using TemporaryFolder folder = new();
        string library = folder["x.so"];

        ChildProcess[] builds =
            await Task.WhenAll(ChildProcess.Run("sh", Build, library), ChildProcess.Run("sh", Build, library));

        Assert.All(builds, build => Assert.Empty(build.Lines));
        Assert.Equal(["x.so"], folder.Names);
        Assert.Equal(ShimLibrary.AbiVersion, AskVersion(library));
    }

    [GeneratedRegex(@"^#define PERFRING_ABI_VERSION (\d+)u$", RegexOptions.Multiline)]
    private static partial Regex AbiVersion();

    private static unsafe uint AskVersion(string library)
    {
        nint handle = NativeLibrary.Load(library);
        try
        {
            // SAFETY: the export has this signature in every version of the shim.
            return ((delegate* unmanaged<uint>)NativeLibrary.GetExport(handle, "perfring_abi_version"))();
        }
        finally
        {
            NativeLibrary.Free(handle);
        }
    }
}

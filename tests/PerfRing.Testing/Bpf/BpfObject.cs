using System.Runtime.InteropServices;

namespace PerfRing.Testing;

/// <summary>A BPF program in C, compiled by clang for one test.</summary>
internal sealed class BpfObject : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("perfring-bpf-").FullName;

    private BpfObject(string source, string[] includes, string[] definitions)
    {
        try
        {
            string[] folders = [.. includes, .. KernelHeaders()];
            Command.Run("clang", [
                "-target", "bpf", "-O2", "-g", "-Wall", "-Wextra", "-Werror",
                .. folders.SelectMany(folder => new[] { "-I", folder }),
                .. definitions.Select(definition => $"-D{definition}"),
                "-c", source, "-o", Path,
            ]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The object file.</summary>
    internal string Path => System.IO.Path.Combine(_folder, "program.bpf.o");

    /// <summary>Compiles a file. Warnings are errors.</summary>
    /// <param name="source">The file.</param>
    /// <param name="includes">Folders with headers, before those of the system.</param>
    /// <param name="definitions">Macros, such as <c>SIZE=8</c>.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no clang.</exception>
    /// <exception cref="InvalidOperationException">It did not compile; the message ends with what clang said.</exception>
    internal static BpfObject Compile(string source, string[] includes, params string[] definitions) =>
        new(source, includes, definitions);

    /// <summary>Compiles a few lines.</summary>
    /// <inheritdoc cref="Compile"/>
    internal static BpfObject CompileText(string text, params string[] includes)
    {
        string source = System.IO.Path.Combine(Directory.CreateTempSubdirectory("perfring-bpf-").FullName, "text.bpf.c");
        File.WriteAllText(source, text);
        try
        {
            return new BpfObject(source, includes, []);
        }
        finally
        {
            Directory.Delete(System.IO.Path.GetDirectoryName(source)!, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Debian has asm/types.h in a folder of the machine's architecture, where clang for BPF does not look.</summary>
    private static IEnumerable<string> KernelHeaders()
    {
        string triplet = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x86_64-linux-gnu",
            Architecture.Arm64 => "aarch64-linux-gnu",
            Architecture other => $"{other}-linux-gnu",
        };
        string folder = $"/usr/include/{triplet}";
        return Directory.Exists(folder) ? [folder] : [];
    }
}

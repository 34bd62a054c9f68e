using System.Runtime.InteropServices;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>wrappers.bpf.c, compiled by clang, loaded and pinned by bpftool, and run on the CPU that a test wants.</summary>
internal sealed class LoadedProgram : IDisposable
{
    private readonly BpfFs _bpf = new();
    private readonly BpfTestProgram _program;
    private readonly BpfTestMap _counts;

    internal LoadedProgram()
    {
        try
        {
            using BpfObject compiled = BpfObject.Compile(PathOf("wrappers.bpf.c"), [HeaderFolder]);
            Command.Run("bpftool", "prog", "loadall", compiled.Path, _bpf.PathOf("programs"), "pinmaps", _bpf.PathOf("maps"));
            _program = BpfTestProgram.OpenPinned(_bpf.PathOf("programs/write_record"));
            _counts = BpfTestMap.OpenPinned(PathOfMap("counts"));
        }
        catch
        {
            _bpf.Dispose();
            throw;
        }
    }

    /// <summary>Where perfring.bpf.h lies, as it does in the package.</summary>
    internal static string HeaderFolder => PathOf("include");

    internal BpfMap OpenMap(string name) => BpfMap.OpenPinned(PathOfMap(name));

    /// <summary>A reader of maps of the program, with its drops.</summary>
    internal BpfRingReader Read(int dropsIndex, params string[] maps)
    {
        using BpfMap drops = OpenMap("perfring_drops");
        BpfMap[] rings = [.. maps.Select(OpenMap)];
        BpfRingReader reader = BpfRingReader.Open(rings, new BpfRingReaderOptions { Drops = drops, DropsIndex = dropsIndex });
        foreach (BpfMap ring in rings)
            ring.Dispose();

        return reader;
    }

    /// <summary>Makes the program act so many times on one CPU.</summary>
    internal void Run(WriteAction action, int cpu, int times)
    {
        for (int i = 0; i < times; i++)
            _ = _program.Run(cpu, [(ulong)action]);
    }

    /// <summary>How often an action was asked for, and how often it was refused.</summary>
    internal (long Attempts, long Refused) Counts(WriteAction action)
    {
        Span<long> counts = stackalloc long[2];
        _counts.Lookup((uint)action, MemoryMarshal.AsBytes(counts));
        return (counts[0], counts[1]);
    }

    /// <summary>What an element of the program's drop map holds, by CPU.</summary>
    internal long[] Drops(int element)
    {
        using BpfTestMap drops = BpfTestMap.OpenPinned(PathOfMap("perfring_drops"));
        long[] counts = new long[MachineCpus.Possible.Length];
        drops.Lookup((uint)element, MemoryMarshal.AsBytes(counts.AsSpan()));
        return counts;
    }

    public void Dispose()
    {
        _counts.Dispose();
        _program.Dispose();
        _bpf.Dispose();
    }

    private string PathOfMap(string name) => _bpf.PathOf($"maps/{name}");

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Drops", name);
}

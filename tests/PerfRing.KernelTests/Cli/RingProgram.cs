using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>A ring buffer and a BPF program that writes into it, as another program's would.</summary>
internal sealed class RingProgram : IDisposable
{
    internal const int Size = 24;

    private static int _last;

    internal RingProgram(int bytes = 64 * 1024, string? name = null, BpfTestMap? drops = null)
    {
        Name = name ?? NewName();
        Map = BpfTestMap.RingBuffer(bytes, name: Name);
        Program = new RingOutputProgram(Map, drops);
    }

    internal string Name { get; }

    internal BpfTestMap Map { get; }

    internal RingOutputProgram Program { get; }

    internal string Reference => $"id:{Map.Id}";

    /// <summary>A name that no other map of the machine has, also not one of another run of these tests.</summary>
    internal static string NewName() => $"pr{Environment.ProcessId:x}_{Interlocked.Increment(ref _last):x}";

    /// <summary>Writes records, each of which begins with its number.</summary>
    internal void Emit(int count) => Program.Emit(MachineCpus.Online()[0], Size, count);

    /// <summary>The bytes of a record, as hex.</summary>
    internal static string Payload(ulong number, int size = Size)
    {
        byte[] bytes = [.. Enumerable.Range(0, size).Select(BpfOutputProgram.ExpectedByte)];
        BitConverter.TryWriteBytes(bytes, number);
        return Convert.ToHexStringLower(bytes);
    }

    public void Dispose()
    {
        Program.Dispose();
        Map.Dispose();
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PerfRing.Cli.Events;

namespace PerfRing.Cli.OwnRing;

/// <summary>What this process writes into a ring of its own, so that there is something to see.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Tick
{
    /// <summary>Where in its bytes the time is.</summary>
    internal const int TimeOffset = 0;

    private readonly ulong _time;
    private readonly int _cpu;
    private readonly int _thread;

    /// <param name="thread">The calling thread, by the kernel's id.</param>
    /// <param name="number">How many there were before.</param>
    internal Tick(int thread, ulong number)
    {
        // The clock of Stopwatch counts nanoseconds here, and is the one whose time the records of the kernel have.
        _time = (ulong)Stopwatch.GetTimestamp();
        _cpu = Thread.GetCurrentProcessorId();
        _thread = thread;
        Number = number;
    }

    /// <summary>How many there were before.</summary>
    internal readonly ulong Number;

    internal RecordStamp Stamp => new(_time, _cpu, Environment.ProcessId, _thread);

    /// <summary>The bytes in the ring; they begin at a multiple of 8.</summary>
    internal static ReadOnlySpan<byte> Bytes(in Tick tick) => MemoryMarshal.AsBytes(new ReadOnlySpan<Tick>(in tick));

    internal static Tick Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<Tick>(bytes[..Unsafe.SizeOf<Tick>()]);
}

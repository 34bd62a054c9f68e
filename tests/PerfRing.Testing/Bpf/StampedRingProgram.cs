using static PerfRing.Testing.BpfRegister;

namespace PerfRing.Testing;

/// <summary>Writes records of 16 bytes to a BPF ring buffer: bpf_ktime_get_ns(), and a number given to the run.</summary>
/// <param name="ring">A ring buffer.</param>
internal sealed class StampedRingProgram(BpfTestMap ring) : IDisposable
{
    /// <summary>Where in the payload the stamp is.</summary>
    internal const int StampOffset = 0;

    /// <summary>Where the number is.</summary>
    internal const int NumberOffset = 8;

    private const int Length = 16;
    private const short Record = -Length;

    private readonly BpfTestProgram _program = new("stamped_ring", Assemble(ring));

    /// <summary>Writes a record on a CPU. Allocates nothing.</summary>
    /// <returns>Whether there was room.</returns>
    internal bool Emit(int cpu, long number) => _program.Run(cpu, [(ulong)number]) == 0;

    public void Dispose() => _program.Dispose();

    private static BpfInstruction[] Assemble(BpfTestMap ring) => new BpfAssembler()
        .Load(BpfSize.Eight, R6, R1, 0)
        .Call(BpfHelper.KtimeGetNanoseconds)
        .Store(BpfSize.Eight, R10, Record + StampOffset, R0)
        .Store(BpfSize.Eight, R10, Record + NumberOffset, R6)
        .LoadMap(R1, ring)
        .Move(R2, R10)
        .Add(R2, Record)
        .Move(R3, Length)
        .Move(R4, 0)
        .Call(BpfHelper.RingBufferOutput)
        .Exit()
        .Assemble();
}

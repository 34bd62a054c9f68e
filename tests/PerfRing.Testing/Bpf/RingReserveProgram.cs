using static PerfRing.Testing.BpfRegister;

namespace PerfRing.Testing;

/// <summary>Reserves a record of 16 bytes in a BPF ring buffer, keeps it unfinished for a while, and submits or discards it.</summary>
/// <remarks>The record is a number given to the run, twice.</remarks>
internal sealed class RingReserveProgram : IDisposable
{
    /// <summary>The most rounds of holding: the verifier walks through all of them, and gives up at 8,192 jumps.</summary>
    internal const int LongestHold = 4_000;

    private const int Length = 16;
    private const int LooksPerRound = 16;

    private readonly BpfTestProgram _submit;
    private readonly BpfTestProgram _discard;

    /// <param name="ring">A ring buffer.</param>
    internal RingReserveProgram(BpfTestMap ring)
    {
        _submit = new BpfTestProgram("ring_submit", Assemble(ring, BpfHelper.RingBufferSubmit));
        _discard = new BpfTestProgram("ring_discard", Assemble(ring, BpfHelper.RingBufferDiscard));
    }

    /// <summary>Writes a record.</summary>
    /// <param name="cpu">Where.</param>
    /// <param name="number">Its content.</param>
    /// <param name="hold">Rounds between reserving and submitting, some 300 ns each; up to <see cref="LongestHold"/>.</param>
    /// <param name="flags">Of bpf_ringbuf_submit.</param>
    /// <returns>Whether there was room.</returns>
    internal bool Submit(int cpu, long number, int hold = 0, ulong flags = 0) =>
        _submit.Run(cpu, [(ulong)number, (ulong)hold, flags]) == 1;

    /// <summary>Reserves a record and takes it back.</summary>
    /// <inheritdoc cref="Submit"/>
    internal bool Discard(int cpu, long number, int hold = 0, ulong flags = 0) =>
        _discard.Run(cpu, [(ulong)number, (ulong)hold, flags]) == 1;

    public void Dispose()
    {
        _submit.Dispose();
        _discard.Dispose();
    }

    /// <summary>R6 context, R7 record, R8 rounds. Takes (number, rounds, flags); returns whether there was room.</summary>
    private static BpfInstruction[] Assemble(BpfTestMap ring, BpfHelper end)
    {
        BpfAssembler program = new BpfAssembler()
            .Move(R6, R1)
            .LoadMap(R1, ring)
            .Move(R2, Length)
            .Move(R3, 0)
            .Call(BpfHelper.RingBufferReserve)
            .JumpIf(BpfCondition.Equal, R0, 0, "end")
            .Move(R7, R0)

            .Load(BpfSize.Eight, R9, R6, 8)
            .JumpIf(BpfCondition.BelowOrEqual, R9, LongestHold, "bounded")
            .Move(R9, LongestHold)
            .Label("bounded")
            .Move(R8, 0)
            .Label("hold")
            .JumpIf(BpfCondition.AboveOrEqual, R8, R9, "write")
            .Add(R8, 1);

        for (int i = 0; i < LooksPerRound; i++)
            program.Call(BpfHelper.KtimeGetNanoseconds);

        return program
            .Jump("hold")

            .Label("write")
            .Load(BpfSize.Eight, R1, R6, 0)
            .Store(BpfSize.Eight, R7, 0, R1)
            .Store(BpfSize.Eight, R7, 8, R1)
            .Move(R1, R7)
            .Load(BpfSize.Eight, R2, R6, 16)
            .Call(end)
            .Move(R0, 1)
            .Label("end")
            .Exit()
            .Assemble();
    }
}

using static PerfRing.Testing.BpfRegister;

namespace PerfRing.Testing;

/// <summary>Drains a user ring and writes each record, as it is, into a ring buffer.</summary>
/// <remarks>A callback is given a dynptr, and has no plain helper for its length: a record of four bytes or more begins with its
/// length in four bytes, and for shorter ones the program tries.</remarks>
internal sealed class UserRingEchoProgram : IDisposable
{
    /// <summary>BPF_RB_NO_WAKEUP: the drain does not tell the producer.</summary>
    internal const ulong NoWakeup = 1;

    private const int LengthSize = sizeof(uint);

    private readonly BpfTestMap _scratch;
    private readonly BpfTestProgram _program;

    /// <param name="userRing">What is drained.</param>
    /// <param name="echo">Where records go; a drain stops at one for which there is no room, and it is lost.</param>
    /// <param name="largest">Bytes of the longest record, at least 4.</param>
    internal UserRingEchoProgram(BpfTestMap userRing, BpfTestMap echo, int largest)
    {
        _scratch = BpfTestMap.Array(largest, 1);
        BpfAssembler assembler = new();
        AssembleDrain(assembler, userRing);
        AssembleEcho(assembler, echo, _scratch, largest);
        _program = new BpfTestProgram("user_ring_echo", assembler.Assemble(), assembler.FunctionSlots());
    }

    /// <summary>Drains once, on this CPU or another.</summary>
    /// <returns>The records that were handled, without discarded ones; or -errno. The kernel handles at most 131,072.</returns>
    internal int Drain(ulong flags = 0, int cpu = 0) => _program.Run(cpu, [flags]);

    public void Dispose()
    {
        _program.Dispose();
        _scratch.Dispose();
    }

    private static void AssembleDrain(BpfAssembler assembler, BpfTestMap userRing) => assembler
        .Load(BpfSize.Eight, R4, R1, 0)
        .LoadMap(R1, userRing)
        .LoadFunction(R2, "echo")
        .Move(R3, 0)
        .Call(BpfHelper.UserRingBufferDrain)
        .Exit();

    /// <summary>The callback: R6 dynptr, R7 scratch, R8 length. Returns 0 to go on, 1 to stop.</summary>
    private static void AssembleEcho(BpfAssembler assembler, BpfTestMap echo, BpfTestMap scratch, int largest)
    {
        const short Key = -4;
        assembler
            .Label("echo")
            .Move(R6, R1)
            .Store(BpfSize.Four, R10, Key, 0)
            .LoadMap(R1, scratch)
            .Move(R2, R10)
            .Add(R2, Key)
            .Call(BpfHelper.MapLookupElement)
            .JumpIf(BpfCondition.Equal, R0, 0, "stop")
            .Move(R7, R0);

        for (int length = LengthSize; length >= 0; length--)
        {
            assembler.Move(R8, length);
            Read(assembler).JumpIf(BpfCondition.Equal, R0, 0, length == LengthSize ? "sized" : "write");
        }

        assembler.Jump("stop")
            .Label("sized")
            .Load(BpfSize.Four, R8, R7, 0)
            .JumpIf(BpfCondition.Above, R8, largest, "stop");
        Read(assembler)
            .JumpIf(BpfCondition.NotEqual, R0, 0, "stop")

            .Label("write")
            .LoadMap(R1, echo)
            .Move(R2, R7)
            .Move(R3, R8)
            .Move(R4, 0)
            .Call(BpfHelper.RingBufferOutput)
            .JumpIf(BpfCondition.NotEqual, R0, 0, "stop")
            .Move(R0, 0)
            .Exit()

            .Label("stop")
            .Move(R0, 1)
            .Exit();
    }

    /// <summary>Copies R8 bytes of the record to the scratch area; fails if it has fewer.</summary>
    private static BpfAssembler Read(BpfAssembler assembler) => assembler
        .Move(R1, R7)
        .Move(R2, R8)
        .Move(R3, R6)
        .Move(R4, 0)
        .Move(R5, 0)
        .Call(BpfHelper.DynamicPointerRead);
}

using static PerfRing.Testing.BpfRegister;

namespace PerfRing.Testing;

/// <summary>Writes records on chosen CPUs, and counts. Where to is for the derived class.</summary>
/// <remarks>
/// <para>A payload of 8 bytes or more begins with the number of the attempt on its CPU (64 bits, from 0); all other bytes
/// are <see cref="ExpectedByte"/>. Refused attempts have a number too: a gap in what arrives is a lost record.</para>
/// <para>Each CPU has an area of its own, from which the kernel copies:</para>
/// <code>
/// 0          8                                    65,536     65,544
/// | number   | pattern from index 8               | pattern from index 0 |
///   payloads of 8 bytes or more begin at 0          shorter ones here: no number has overwritten them
/// </code>
/// </remarks>
internal abstract class BpfOutputProgram : IDisposable
{
    /// <summary>The longest payload. From 65,517 bytes on, the 16-bit size of a perf record overflows in the kernel.</summary>
    internal const int SizeMaximum = 65_536;

    /// <summary>Records of one run: bounded for the verifier, and because a run holds its CPU with interrupts off.</summary>
    internal const int RunMaximum = 128;

    /// <summary>Where on its stack the program has the flags of the run, 64 bits; below that, 16 bytes are the derived class's to
    /// use.</summary>
    private protected const short Flags = -32;

    private const int NumberLength = sizeof(ulong);
    private const int AreaLength = SizeMaximum + NumberLength;

    private readonly BpfTestMap _areas;
    private readonly BpfTestMap _counts;
    private readonly BpfTestProgram _program;
    private readonly Lock[] _turns;

    /// <param name="name">What bpftool calls the program.</param>
    /// <param name="write">Assembles the call that writes the record: context in R6, payload at R9, its size in R7; what
    /// it leaves in R0 is 0 if the record was taken. R6 to R9 must survive.</param>
    /// <param name="refused">Assembles what else is to be done for a record that was not taken.</param>
    private protected BpfOutputProgram(string name, Action<BpfAssembler> write, Action<BpfAssembler>? refused = null)
    {
        _areas = BpfTestMap.Array(AreaLength, MachineCpus.IdLimit);
        _counts = BpfTestMap.Array(BpfOutputCounts.Length, MachineCpus.IdLimit);
        _program = new BpfTestProgram(name, Assemble(write, refused, _areas, _counts));
        _turns = new Lock[MachineCpus.IdLimit];

        byte[] area = new byte[AreaLength];
        for (int i = 0; i < area.Length; i++)
            area[i] = ExpectedByte(i % SizeMaximum);

        foreach (int cpu in MachineCpus.Possible)
        {
            _turns[cpu] = new Lock();
            _areas.Update((uint)cpu, area);
        }
    }

    /// <summary>What stands at an index of a payload, unless it belongs to the number.</summary>
    internal static byte ExpectedByte(int index) => (byte)(index * 31 + 7);

    /// <summary>Tries to write records of one size on one CPU. Allocates nothing. Safe from any thread.</summary>
    /// <param name="cpu">The CPU, by its id.</param>
    /// <param name="size">Bytes of each payload, 1 to <see cref="SizeMaximum"/>.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="SystemCallException">The CPU is not online (ENXIO).</exception>
    internal void Emit(int cpu, int size, int count = 1) => Emit(cpu, size, count, 0);

    /// <inheritdoc cref="Emit(int, int, int)"/>
    private protected void Emit(int cpu, int size, int count, ulong flags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, SizeMaximum);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)_turns.Length, nameof(cpu));

        Span<ulong> arguments = [(ulong)size, 0, flags];
        while (count > 0)
        {
            int run = Math.Min(count, RunMaximum);
            arguments[1] = (ulong)run;

            // A run from another CPU arrives as an interrupt in the midst of one from this CPU, and would replace the
            // number in the area before the interrupted run has written its record.
            lock (_turns[cpu])
                _ = _program.Run(cpu, arguments);
            count -= run;
        }
    }

    /// <summary>Runs on a CPU without writing anything: what is measured next is not the first run after a sleep.</summary>
    internal void Touch(int cpu)
    {
        lock (_turns[cpu])
            _ = _program.Run(cpu, [8, 0, 0]);
    }

    /// <summary>What has happened on a CPU so far. Allocates nothing.</summary>
    internal BpfOutputCounts Counts(int cpu) => _counts.Lookup<BpfOutputCounts>((uint)cpu);

    public virtual void Dispose()
    {
        _program.Dispose();
        _counts.Dispose();
        _areas.Dispose();
    }

    /// <summary>The program: R6 context, R7 size, R8 records so far, R9 this CPU's area. Takes (size, count, flags).</summary>
    private static BpfInstruction[] Assemble(
        Action<BpfAssembler> write, Action<BpfAssembler>? refused, BpfTestMap areas, BpfTestMap counts)
    {
        const short Cpu = -4;
        const short Counts = -16;
        const short Count = -24;

        BpfAssembler program = new BpfAssembler()
            .Move(R6, R1)
            .Load(BpfSize.Eight, R7, R6, 0)
            .Load(BpfSize.Eight, R1, R6, 8)
            .Store(BpfSize.Eight, R10, Count, R1)
            .Load(BpfSize.Eight, R1, R6, 16)
            .Store(BpfSize.Eight, R10, Flags, R1)
            .JumpIf(BpfCondition.Above, R7, SizeMaximum, "end")

            .Call(BpfHelper.GetSmpProcessorId)
            .Store(BpfSize.Four, R10, Cpu, R0)

            .LoadMap(R1, areas)
            .Move(R2, R10)
            .Add(R2, Cpu)
            .Call(BpfHelper.MapLookupElement)
            .JumpIf(BpfCondition.Equal, R0, 0, "end")
            .Move(R9, R0)

            .LoadMap(R1, counts)
            .Move(R2, R10)
            .Add(R2, Cpu)
            .Call(BpfHelper.MapLookupElement)
            .JumpIf(BpfCondition.Equal, R0, 0, "end")
            .Store(BpfSize.Eight, R10, Counts, R0)

            .JumpIf(BpfCondition.AboveOrEqual, R7, NumberLength, "start")
            .Add(R9, SizeMaximum)

            .Label("start")
            .Move(R8, 0)

            .Label("next")
            .Load(BpfSize.Eight, R1, R10, Count)
            .JumpIf(BpfCondition.AboveOrEqual, R8, R1, "end")
            .JumpIf(BpfCondition.AboveOrEqual, R8, RunMaximum, "end")
            .Add(R8, 1)

            .Load(BpfSize.Eight, R3, R10, Counts)
            .JumpIf(BpfCondition.Below, R7, NumberLength, "write")
            .Load(BpfSize.Eight, R1, R3, BpfOutputCounts.AttemptsOffset)
            .Store(BpfSize.Eight, R9, 0, R1)

            .Label("write")
            .Move(R1, 1)
            .AtomicAdd(BpfSize.Eight, R3, BpfOutputCounts.AttemptsOffset, R1);

        write(program);
        program
            .Load(BpfSize.Eight, R3, R10, Counts)
            .Move(R1, 1)
            .JumpIf(BpfCondition.NotEqual, R0, 0, "refused")
            .AtomicAdd(BpfSize.Eight, R3, BpfOutputCounts.AcceptedOffset, R1)
            .Jump("next")

            .Label("refused")
            .AtomicAdd(BpfSize.Eight, R3, BpfOutputCounts.RefusedOffset, R1)
            .Alu64(BpfArithmetic.Negate, R0, 0)
            .Store(BpfSize.Eight, R3, BpfOutputCounts.LastErrorOffset, R0);

        refused?.Invoke(program);
        return program
            .Jump("next")

            .Label("end")
            .Move(R0, 0)
            .Exit()
            .Assemble();
    }
}

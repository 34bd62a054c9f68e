using PerfRing.Testing;

namespace PerfRing.KernelTests.Contract;

/// <summary>A ring of the kernel that a BPF program writes, on one CPU or on each in turn.</summary>
/// <param name="program">Who writes.</param>
/// <param name="cpus">Where.</param>
/// <param name="hasRingPerCpu">Whether each CPU has a ring of its own, or all write the same.</param>
internal abstract class ProgramUnderTest(BpfOutputProgram program, int[] cpus, bool hasRingPerCpu) : RingUnderTest
{
    private int _turn;

    internal override void WriteUncounted(int size, int count) => program.Emit(cpus[0], size, count);

    public override void Dispose()
    {
        Reader.Dispose();
        program.Dispose();
    }

    internal override bool TryWrite(int size, out (int Ring, long Number) written)
    {
        int cpu = cpus[_turn++ % cpus.Length];
        BpfOutputCounts before = program.Counts(cpu);
        program.Emit(cpu, size);
        written = (hasRingPerCpu ? cpu : -1, before.Attempts);
        return program.Counts(cpu).Accepted != before.Accepted;
    }
}

using static PerfRing.Testing.BpfRegister;

namespace PerfRing.Testing;

/// <summary>Writes records to a perf event array by <c>bpf_perf_event_output</c>.</summary>
/// <param name="perfEventArray">Where records go; the caller fills its slots and keeps it.</param>
internal sealed class PerfOutputProgram(BpfTestMap perfEventArray)
    : BpfOutputProgram("perf_output", program => Write(program, perfEventArray))
{
    private static void Write(BpfAssembler program, BpfTestMap output)
    {
        const int CurrentCpu = -1; // BPF_F_CURRENT_CPU, 0xffffffff, once it is zero-extended

        program
            .Move(R1, R6)
            .LoadMap(R2, output)
            .Move32(R3, CurrentCpu)
            .Move(R4, R9)
            .Move(R5, R7)
            .Call(BpfHelper.PerfEventOutput);
    }
}

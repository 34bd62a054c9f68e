using static PerfRing.Testing.BpfRegister;

namespace PerfRing.Testing;

/// <summary>Writes records to a BPF ring buffer by <c>bpf_ringbuf_output</c>.</summary>
/// <param name="ring">Where records go: a ring buffer, or an array of maps with one at the index of each CPU.</param>
/// <param name="drops">Where records that found no room are counted, by the convention of perfring.bpf.h: a per-CPU array of
/// 64-bit numbers, element 0.</param>
/// <param name="stamps">Whether payloads of 16 bytes or more have the time of CLOCK_MONOTONIC at <see cref="StampOffset"/>, instead of
/// the pattern.</param>
internal sealed class RingOutputProgram(BpfTestMap ring, BpfTestMap? drops = null, bool stamps = false)
    : BpfOutputProgram("ring_output", program => Write(program, ring, stamps), program => CountDrop(program, drops))
{
    /// <summary>Where in a payload the time is: 64 bits, nanoseconds.</summary>
    internal const int StampOffset = 8;

    /// <summary>BPF_RB_NO_WAKEUP.</summary>
    internal const ulong NoWakeup = 1;

    /// <summary>BPF_RB_FORCE_WAKEUP.</summary>
    internal const ulong ForceWakeup = 2;

    private const short Key = Flags - 8;

    /// <summary>The same as the other overload, with flags of bpf_ringbuf_output.</summary>
    internal new void Emit(int cpu, int size, int count, ulong flags) => base.Emit(cpu, size, count, flags);

    private static void Write(BpfAssembler program, BpfTestMap ring, bool stamps)
    {
        if (stamps)
        {
            program
                .JumpIf(BpfCondition.Below, R7, StampOffset + sizeof(ulong), "stamped")
                .Call(BpfHelper.KtimeGetNanoseconds)
                .Store(BpfSize.Eight, R9, StampOffset, R0)
                .Label("stamped");
        }

        if (ring.Type == BpfMapType.ArrayOfMaps)
        {
            // A CPU without a ring refuses, as a full ring does.
            program
                .Call(BpfHelper.GetSmpProcessorId)
                .Store(BpfSize.Four, R10, Key, R0)
                .LoadMap(R1, ring)
                .Move(R2, R10)
                .Add(R2, Key)
                .Call(BpfHelper.MapLookupElement)
                .JumpIf(BpfCondition.NotEqual, R0, 0, "has ring")
                .Move(R0, -1)
                .Jump("written")
                .Label("has ring")
                .Move(R1, R0);
        }
        else
        {
            program.LoadMap(R1, ring);
        }

        program
            .Move(R2, R9)
            .Move(R3, R7)
            .Load(BpfSize.Eight, R4, R10, Flags)
            .Call(BpfHelper.RingBufferOutput)
            .Label("written");
    }

    private static void CountDrop(BpfAssembler program, BpfTestMap? drops)
    {
        if (drops is null)
            return;

        program
            .Store(BpfSize.Four, R10, Key, 0)
            .LoadMap(R1, drops)
            .Move(R2, R10)
            .Add(R2, Key)
            .Call(BpfHelper.MapLookupElement)
            .JumpIf(BpfCondition.Equal, R0, 0, "counted")
            .Move(R1, 1)
            .AtomicAdd(BpfSize.Eight, R0, 0, R1)
            .Label("counted");
    }
}

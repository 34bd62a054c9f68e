using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>perfring.bpf.h in a C program that bpftool has loaded, and what the reader makes of its counts.</summary>
[Collection(Machine.Name)]
public sealed class HeaderTests
{
    private const Needs NeedsTools = Needs.Root | Needs.Bpf | Needs.Clang | Needs.BpfTool;
    private const int MoreThanFits = 300;

    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(100);

    [KernelTheory(NeedsTools)]
    [InlineData("first", 0, 0)]
    [InlineData("second", 1, 2)]
    public void What_a_full_ring_refused_is_counted_to_the_record(string map, int element, int action)
    {
        using LoadedProgram program = new();
        using BpfRingReader reader = program.Read(element, map);
        foreach (int cpu in MachineCpus.Online())
            program.Run((WriteAction)action, cpu, MoreThanFits * 2);

        long delivered = Records.Drain(reader);
        (long attempts, long refused) = program.Counts((WriteAction)action);
        LossLedger losses = reader.ReadLosses();

        Assert.Equal(MoreThanFits * 2 * MachineCpus.Online().Length, attempts);
        Assert.InRange(delivered, 1, attempts - 1);
        Assert.Equal((ulong)refused, losses.Lost);
        Assert.Equal(attempts, delivered + refused);
        Assert.True(losses.IsExact);
    }

    [KernelFact(NeedsTools)]
    public void Discarded_records_are_counted_by_the_reader_and_are_no_drops()
    {
        using LoadedProgram program = new();
        using BpfRingReader reader = program.Read(0, "first");
        int cpu = MachineCpus.Online()[0];
        program.Run(WriteAction.Submit, cpu, 100);
        program.Run(WriteAction.Discard, cpu, MoreThanFits);

        long delivered = Records.Drain(reader);
        CpuLosses losses = Assert.Single(reader.ReadLosses().Cpus);
        Assert.Equal(100, delivered);
        Assert.Equal((ulong)program.Counts(WriteAction.Discard).Refused, losses.Lost);
        Assert.Equal((ulong)MoreThanFits, losses.Discarded + losses.Lost);
        Assert.NotEqual(0ul, losses.Discarded);
    }

    [KernelFact(NeedsTools)]
    public void Each_map_of_a_reader_has_an_element_of_its_own()
    {
        using LoadedProgram program = new();
        using BpfRingReader reader = program.Read(0, "first", "second");
        int cpu = MachineCpus.Online()[^1];
        program.Run(WriteAction.Submit, cpu, MoreThanFits);
        program.Run(WriteAction.Output, cpu, 2 * MoreThanFits);

        IReadOnlyList<CpuLosses> losses = reader.ReadLosses().Cpus;
        Assert.Equal(2, losses.Count);
        Assert.Equal((ulong)program.Counts(WriteAction.Submit).Refused, losses[0].Lost);
        Assert.Equal((ulong)program.Counts(WriteAction.Output).Refused, losses[1].Lost);
        Assert.NotEqual(0ul, losses[0].Lost);
        Assert.NotEqual(0ul, losses[1].Lost);
    }

    [KernelFact(NeedsTools)]
    public void Perf_output_without_a_reader_is_counted_where_the_kernel_counts_nothing()
    {
        using LoadedProgram program = new();
        int[] online = MachineCpus.Online();
        for (int i = 0; i < online.Length; i++)
            program.Run(WriteAction.PerfOutput, online[i], 3 + i);

        long[] drops = program.Drops(2);
        Assert.Equal(online.Select((_, i) => 3L + i), online.Select(cpu => drops[Array.IndexOf(MachineCpus.Possible, cpu)]));
    }

    [KernelFact(NeedsTools | Needs.PerfEvents)]
    public void Perf_output_into_a_full_ring_is_counted_by_the_program_and_by_the_kernel_alike()
    {
        using LoadedProgram program = new();
        using BpfMap map = program.OpenMap("perf");
        using PerfEventReader reader = PerfEventReader.Open(PerfEventSource.BpfOutput(map), BpfOutput.OnePage);
        program.Run(WriteAction.PerfOutput, MachineCpus.Online()[0], MoreThanFits);

        Assert.NotEqual(0, program.Drops(2).Sum());
        Assert.Equal((ulong)program.Drops(2).Sum(), reader.ReadLosses().Lost);
    }

    [KernelFact(NeedsTools)]
    public void A_wakeup_at_a_mark_lets_the_reader_sleep_until_then()
    {
        using LoadedProgram program = new();
        using BpfMap map = program.OpenMap("first");
        BpfRingReaderOptions forever = new() { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) };
        using BpfRingReader reader = BpfRingReader.Open(map, forever);
        using Waiting waiting = new(reader);
        int cpu = MachineCpus.Online()[0];
        program.Run(WriteAction.SubmitAtMark, cpu, 9);

        Assert.True(waiting.StaysAsleepFor(AWhile));
        program.Run(WriteAction.SubmitAtMark, cpu, 1);
        Assert.Equal((ReadStatus.Records, 10), waiting.Result());
    }

    [KernelFact(Needs.Clang)]
    public void An_index_beyond_the_map_does_not_compile()
    {
        const string Program = """
            #define PERFRING_DROPS_MAX 4
            #include "perfring.bpf.h"
            SEC("raw_tp/sys_enter") int count(void *context) { (void)context; perfring_count_drop(INDEX); return 0; }
            """;
        using BpfObject within = BpfObject.CompileText(Program.Replace("INDEX", "3"), LoadedProgram.HeaderFolder);

        var refused = Assert.Throws<InvalidOperationException>(
            () => BpfObject.CompileText(Program.Replace("INDEX", "4"), LoadedProgram.HeaderFolder));
        Assert.Contains("is not below PERFRING_DROPS_MAX", refused.Message);
    }

    [KernelFact(Needs.Clang)]
    public void After_vmlinux_h_no_other_header_of_the_kernel_is_included()
    {
        using BpfObject compiled = BpfObject.CompileText("""
            #define __VMLINUX_H__
            typedef unsigned char __u8;
            typedef unsigned short __u16;
            typedef unsigned int __u32;
            typedef unsigned long long __u64;
            typedef int __s32;
            typedef long long __s64;
            typedef __u16 __be16;
            typedef __u32 __be32;
            typedef __u32 __wsum;
            enum bpf_map_type { BPF_MAP_TYPE_PERCPU_ARRAY = 6 };
            enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2, BPF_RB_AVAIL_DATA = 0 };
            #include "perfring.bpf.h"
            #ifdef _LINUX_TYPES_H
            #error "linux/types.h is there"
            #endif
            SEC("raw_tp/sys_enter") int count(void *context) { (void)context; perfring_count_drop(0); return 0; }
            """, LoadedProgram.HeaderFolder);
        Assert.True(File.Exists(compiled.Path));
    }
}

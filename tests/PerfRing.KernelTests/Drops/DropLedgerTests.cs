using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>What the ledger makes of a drop map, against what the program itself counted.</summary>
[Collection(Machine.Name)]
public sealed class DropLedgerTests
{
    [KernelTheory(Needs.Bpf)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Under_overload_produced_is_delivered_plus_lost_exactly(int cpus)
    {
        int[] writing = [.. MachineCpus.Online().Take(cpus)];
        using CountedRing ring = new();
        using BpfRingReader reader = ring.Open();
        long delivered = 0;
        for (int round = 0; round < 200; round++)
        {
            foreach (int cpu in writing)
                ring.Emit(cpu, 1 + (round * 7 % 400));

            delivered += Records.Drain(reader);
        }

        AssertExact(ring, writing, reader.ReadLosses(), delivered);
    }

    [KernelFact(Needs.Bpf)]
    public void When_every_CPU_writes_at_once_each_drop_is_counted()
    {
        const int Rounds = 500;
        int[] writing = MachineCpus.Online();
        using CountedRing ring = new();
        using BpfRingReader reader = ring.Open();
        long delivered = 0;
        Thread[] writers = [.. writing.Select(cpu => new Thread(() =>
        {
            using CpuAffinity pinned = CpuAffinity.Pin(cpu);
            for (int i = 0; i < Rounds; i++)
                ring.Emit(cpu, 128);
        }))];
        foreach (Thread writer in writers)
            writer.Start();

        while (writers.Any(writer => writer.IsAlive))
            delivered += Records.Drain(reader);

        delivered += Records.Drain(reader);
        AssertExact(ring, writing, reader.ReadLosses(), delivered);
    }

    [KernelFact(Needs.Bpf)]
    public void Without_a_drop_map_losses_are_unknown_and_never_zero()
    {
        using CountedRing ring = new();
        using BpfRingReader reader = ring.Open(new BpfRingReaderOptions());

        Assert.Null(reader.ReadLosses().Lost);
        Assert.Null(Assert.Single(reader.ReadLosses().Cpus).Lost);
        Assert.False(reader.ReadLosses().IsExact);
    }

    [KernelFact(Needs.Bpf)]
    public void What_was_dropped_before_the_reader_was_opened_is_not_its_loss()
    {
        using CountedRing ring = new();
        int cpu = MachineCpus.Online()[0];
        ring.Emit(cpu, CountedRing.MoreThanFits);
        long before = ring.Program.Counts(cpu).Refused;
        using BpfRingReader reader = ring.Open();

        Assert.NotEqual(0, before);
        Assert.Equal(0ul, reader.ReadLosses().Lost);
        ring.Emit(cpu, 10);
        Assert.Equal(10ul, reader.ReadLosses().Lost);
    }

    [KernelFact(Needs.Bpf)]
    public void A_count_that_was_set_back_is_unknown()
    {
        using CountedRing ring = new();
        int cpu = MachineCpus.Online()[0];
        ring.Emit(cpu, CountedRing.MoreThanFits);
        using BpfRingReader reader = ring.Open();
        ring.Emit(cpu, 10);
        ring.SetBack();

        Assert.Null(reader.ReadLosses().Lost);
        Assert.False(reader.ReadLosses().IsExact);

        // Nor does it become known again by growing.
        ring.Emit(cpu, 1_000);
        Assert.Null(reader.ReadLosses().Lost);
    }

    [KernelFact(Needs.Bpf)]
    public void A_count_that_was_set_back_below_what_was_seen_of_it_is_unknown()
    {
        using CountedRing ring = new();
        int cpu = MachineCpus.Online()[0];
        using BpfRingReader reader = ring.Open();
        ring.Emit(cpu, CountedRing.MoreThanFits + 100);
        Assert.NotNull(reader.ReadLosses().Lost);
        ring.SetBack();
        ring.Emit(cpu, 5);
        Assert.Null(reader.ReadLosses().Lost);
    }

    [KernelFact(Needs.Bpf | Needs.Root | Needs.TwoCpus)]
    public void A_ring_of_a_CPU_has_the_drops_of_that_CPU()
    {
        int[] cpus = MachineCpus.Online();
        using CountedRing ring = new(cpus);
        using BpfRingReader reader = ring.Open();
        for (int i = 0; i < cpus.Length; i++)
            ring.Emit(cpus[i], CountedRing.MoreThanFits + i);

        IReadOnlyList<CpuLosses> losses = reader.ReadLosses().Cpus;
        Assert.Equal(cpus, losses.Select(cpu => cpu.Cpu));
        Assert.All(losses, cpu => Assert.Equal((ulong)ring.Program.Counts(cpu.Cpu).Refused, cpu.Lost));
        Assert.Equal(cpus.Length, losses.Select(cpu => cpu.Lost).Distinct().Count());
    }

    [KernelFact(Needs.Bpf | Needs.Root | Needs.TwoCpus)]
    public void What_a_CPU_without_a_ring_drops_is_in_the_ledger()
    {
        int[] cpus = MachineCpus.Online();
        using CountedRing ring = new(cpus[0]);
        using BpfRingReader reader = ring.Open();
        Assert.Equal([cpus[0]], reader.ReadLosses().Cpus.Select(cpu => cpu.Cpu));
        ring.Emit(cpus[0], 5);
        ring.Emit(cpus[1], 7);

        Assert.Equal([(cpus[0], 0ul), (cpus[1], 7ul)], reader.ReadLosses().Cpus.Select(cpu => (cpu.Cpu, cpu.Lost)));
        Assert.Equal(7ul, reader.ReadLosses().Lost);
    }

    [KernelFact(Needs.Bpf)]
    public void A_reader_that_follows_knows_the_drops_as_long_as_it_keeps_up()
    {
        using CountedRing ring = new();
        using BpfRingReader owner = ring.Open();
        using BpfRingReader follower = ring.Open(BpfRingAccess.Follow);
        int cpu = MachineCpus.Online()[0];
        ring.Emit(cpu, CountedRing.MoreThanFits);
        AssertExact(ring, [cpu], follower.ReadLosses(), Records.Drain(follower));

        // Another lap, which the owner makes room for: what the follower misses of it, nobody counts.
        Records.Drain(owner);
        ring.Emit(cpu, CountedRing.MoreThanFits);
        Records.Drain(owner);
        ring.Emit(cpu, CountedRing.MoreThanFits);
        Records.Drain(follower);
        Assert.Null(follower.ReadLosses().Lost);
        Assert.NotNull(owner.ReadLosses().Lost);
    }

    private static void AssertExact(CountedRing ring, int[] cpus, LossLedger losses, long delivered)
    {
        BpfOutputCounts[] counts = [.. cpus.Select(ring.Program.Counts)];
        Assert.All(counts, cpu => Assert.NotEqual(0, cpu.Refused));
        Assert.Equal((ulong)counts.Sum(cpu => cpu.Refused), losses.Lost);
        Assert.Equal(counts.Sum(cpu => cpu.Attempts), delivered + (long)losses.Lost!);
        Assert.True(losses.IsExact);
    }
}

using System.Buffers.Binary;
using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class PauseTests
{
    private const int NoSpace = 28;
    private const int NoEntry = 2;

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_paused_ring_refuses_and_counts_and_stays_readable()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, 8, 10);
        output.Reader.Pause();
        output.Reader.Pause();
        Assert.True(output.Reader.IsPaused);
        output.Program.Emit(0, 8, 5);
        Assert.Equal(NoSpace, output.Program.Counts(0).LastError);
        Assert.Equal(5ul, output.Reader.ReadLosses().Lost);
        Assert.Equal(10, Sequences(output.Reader).Count);

        output.Reader.Resume();
        Assert.False(output.Reader.IsPaused);
        output.Program.Emit(0, 8, 3);
        Assert.Equal([15ul, 16, 17], Sequences(output.Reader));
        Assert.True(output.Reader.ReadLosses().IsExact);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_pause_by_map_slots_is_seen_by_the_program_and_makes_losses_unknown()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { PauseMethod = PauseMethod.MapSlots });
        output.Reader.Pause();
        output.Program.Emit(0, 8, 5);
        Assert.Equal(NoEntry, output.Program.Counts(0).LastError);
        output.Reader.Resume();
        output.Program.Emit(0, 8, 2);
        Assert.Equal([5ul, 6], Sequences(output.Reader));
        Assert.Null(output.Reader.ReadLosses().Lost);
        Assert.False(output.Reader.ReadLosses().IsExact);
    }

    [KernelFact(Needs.PerfEvents)]
    public void Map_slots_are_refused_for_sources_that_have_none()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.Dummy), new PerfEventReaderOptions { PauseMethod = PauseMethod.MapSlots }));
        Assert.Contains("MapSlots", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.PerfEvents | Needs.Tracepoints | Needs.TwoCpus)]
    public void Where_membarrier_is_refused_a_visit_runs_on_every_cpu_and_leaves_the_thread_as_it_was()
    {
        CpuSet before = CpuAffinity.Current;
        CpuSet cpus = CpuSet.Of(MachineCpus.Online());
        Shim.GetTid(out int thread);
        PerfEventSource moves = PerfEventSource.Tracepoint("sched:sched_migrate_task", $"pid == {thread}");
        TracepointField destination = moves.Format!.FindField("dest_cpu")!;
        using PerfEventReader reader = PerfEventReader.Open(moves);
        PerfEventReader.Visit(cpus);
        PerfEventReader.Visit(cpus);

        HashSet<int> visited = [];
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                if (record.Kind == RecordKind.Sample && destination.TryReadInt64(record.Payload, out long cpu))
                    visited.Add((int)cpu);
            }
        }

        Assert.Equal(cpus, CpuSet.Of([.. visited]));
        Assert.Equal(before, CpuAffinity.Current);
    }

    private static List<ulong> Sequences(PerfEventReader reader)
    {
        List<ulong> seen = [];
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
        {
            if (record.Kind == RecordKind.Sample)
                seen.Add(BinaryPrimitives.ReadUInt64LittleEndian(record.Payload));
        }

        return seen;
    }
}

using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>What happens when several events write into one ring, or several readers want one map.</summary>
[Collection(Machine.Name)]
public sealed class SharedRingsTests
{
    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_loss_notice_names_the_next_writer_and_the_kernels_counts_name_the_loser()
    {
        using BpfTestMap first = BpfTestMap.PerfEventArray();
        using BpfTestMap second = BpfTestMap.PerfEventArray();
        using PerfOutputProgram loser = new(first);
        using PerfOutputProgram next = new(second);
        using BpfMap one = BpfMap.FromDescriptor(first.Descriptor);
        using BpfMap other = BpfMap.FromDescriptor(second.Descriptor);
        using PerfEventReader reader = PerfEventReader.Open(
            [PerfEventSource.BpfOutput(one), PerfEventSource.BpfOutput(other)],
            BpfOutput.OnePage with { Cpus = CpuSet.Of(0) });

        // 4,096 bytes hold 127 records of 32 bytes: the kernel never lets the head catch up with the tail.
        loser.Emit(0, 8, 127 + 5);
        using (RecordBatch full = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in full)
                Assert.Equal(0, record.SourceIndex);
        }

        next.Emit(0, 8);
        List<(RecordKind Kind, int Source, ulong Lost)> seen = [];
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                seen.Add((record.Kind, record.SourceIndex, record.LostCount));
        }

        Assert.Equal([(RecordKind.Lost, 1, 5ul), (RecordKind.Sample, 1, 0ul)], seen);
        Assert.Equal([5ul, 0ul], reader.ReadCounts().OrderBy(c => c.SourceIndex).Select(c => c.Lost!.Value));

        // Totals come from the counts and places from the notice: five in all, not ten.
        Assert.Equal(5ul, reader.ReadLosses().Lost);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Another_reader_of_the_same_map_takes_it_over_and_leaves_its_slots_empty_when_it_ends()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, 8);
        using (BpfMap again = BpfMap.OpenById(output.Map.Id))
        using (PerfEventReader foreign = PerfEventReader.Open(PerfEventSource.BpfOutput(again), BpfOutput.OnePage))
        {
            output.Program.Emit(0, 8);
            Assert.Equal(1, Count(foreign));
        }

        output.Program.Emit(0, 8);
        Assert.Equal(2, output.Program.Counts(0).LastError);
        Assert.Equal(1, Count(output.Reader));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_reader_that_is_closed_after_its_successor_was_opened_does_not_silence_it()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using PerfOutputProgram program = new(map);
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        PerfEventSource source = PerfEventSource.BpfOutput(opened);
        PerfEventReader first = PerfEventReader.Open(source, BpfOutput.OnePage);
        using PerfEventReader second = PerfEventReader.Open(source, BpfOutput.OnePage);
        first.Dispose();
        program.Emit(0, 8, 5);
        Assert.Equal(5, Count(second));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_reader_that_pauses_and_resumes_by_its_slots_leaves_them_to_its_successor()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using PerfOutputProgram program = new(map);
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        PerfEventSource source = PerfEventSource.BpfOutput(opened);
        PerfEventReaderOptions options = BpfOutput.OnePage with { PauseMethod = PauseMethod.MapSlots };
        using PerfEventReader first = PerfEventReader.Open(source, options);
        using PerfEventReader second = PerfEventReader.Open(source, options);
        first.Pause();
        first.Resume();
        program.Emit(0, 8, 5);
        Assert.Equal((0, 5), (Count(first), Count(second)));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_map_that_keeps_its_elements_is_emptied_all_the_same()
    {
        const uint preserveElements = 1 << 11;
        using BpfTestMap map = BpfTestMap.PerfEventArray(flags: preserveElements);
        using PerfOutputProgram program = new(map);
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        PerfEventReader.Open(PerfEventSource.BpfOutput(opened), BpfOutput.OnePage).Dispose();
        program.Emit(0, 8);
        Assert.Equal(2, program.Counts(0).LastError);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_map_that_is_given_twice_is_refused()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using BpfMap one = BpfMap.FromDescriptor(map.Descriptor);
        using BpfMap again = BpfMap.FromDescriptor(map.Descriptor);
        ArgumentException e = Assert.Throws<ArgumentException>(() => PerfEventReader.Open(
            [PerfEventSource.BpfOutput(one), PerfEventSource.BpfOutput(again)], BpfOutput.OnePage));
        Assert.Contains("twice", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void The_kernels_own_count_of_bpf_output_stays_zero()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, 8, 50);
        Assert.All(output.Reader.ReadCounts(), count => Assert.Equal(0ul, count.Value));
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(SampleFields.Raw, 24u)]
    [InlineData(SampleFields.Raw | SampleFields.Time | SampleFields.Cpu, 40u)]
    public void A_loss_notice_carries_the_fields_that_samples_carry(SampleFields fields, uint size)
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Fields = fields });
        output.Program.Emit(0, 8, 1_000);
        output.Reader.Drain(ref Ignore.Everything);
        output.Program.Emit(0, 8);
        using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        Assert.Equal(RecordKind.Lost, records.Current.Kind);
        Assert.Equal(size, records.Current.Size);
        if (!fields.HasFlag(SampleFields.Time))
            return;

        ulong lost = records.Current.Time;
        Assert.True(records.MoveNext());
        Assert.InRange(lost, 1ul, records.Current.Time);
    }

    private static int Count(PerfEventReader reader)
    {
        int seen = 0;
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record _ in batch)
            seen++;

        return seen;
    }

    private struct Ignore : IRecordHandler
    {
        internal static Ignore Everything;

        public readonly bool Handle(Record record) => true;
    }
}

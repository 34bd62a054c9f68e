using System.Buffers.Binary;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class LossTests
{
    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_full_page_holds_170_records_and_the_kernel_counts_the_other_830_at_once()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, 8, 1_000);

        Assert.Equal(830ul, output.Reader.ReadLosses().Lost);
        Assert.Equal(4_080, output.Reader.AvailableBytes);
        (int samples, ulong noticed) = Drain(output.Reader);
        Assert.Equal(170, samples);
        Assert.Equal(0ul, noticed);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void The_loss_notice_comes_just_before_the_next_record_that_fits()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, 8, 1_000);
        Drain(output.Reader);
        output.Program.Emit(0, 8);

        List<(RecordKind Kind, ulong Lost)> seen = [];
        using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                seen.Add((record.Kind, record.LostCount));
        }

        Assert.Equal([(RecordKind.Lost, 830ul), (RecordKind.Sample, 0ul)], seen);
        Assert.Equal(830ul, output.Reader.ReadLosses().Cpus.Single(c => c.Cpu == 0).Noticed);
        Assert.Equal(830ul, output.Reader.ReadLosses().Lost);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(1)]
    [InlineData(2)]
    public void Under_overload_produced_is_delivered_plus_lost_exactly(int cpus)
    {
        int[] online = MachineCpus.Online();
        using BpfOutput output = new(BpfOutput.OnePage);
        long[] delivered = new long[MachineCpus.IdLimit];
        long[] next = new long[MachineCpus.IdLimit];
        for (int round = 0; round < 300; round++)
        {
            foreach (int cpu in online.Take(cpus))
                output.Program.Emit(cpu, 8 + (round % 50), 1 + (round * 7 % 400));

            using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
            foreach (Record record in batch)
            {
                if (record.Kind != RecordKind.Sample)
                    continue;

                long sequence = BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
                Assert.True(sequence >= next[record.Cpu], $"record {sequence} came after {next[record.Cpu] - 1}");
                next[record.Cpu] = sequence + 1;
                delivered[record.Cpu]++;
            }
        }

        LossLedger losses = output.Reader.ReadLosses();
        Assert.True(losses.IsExact);
        foreach (int cpu in online.Take(cpus))
        {
            BpfOutputCounts counts = output.Program.Counts(cpu);
            Assert.Equal(counts.Attempts, delivered[cpu] + (long)losses.Cpus.Single(c => c.Cpu == cpu).Lost!);
            Assert.Equal(counts.Accepted, delivered[cpu]);
            Assert.NotEqual(0, counts.Refused);
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Records_that_a_caller_leaves_are_counted_as_abandoned()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, 8, 100);
        int seen = 0;
        using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                if (++seen == 30)
                    break;
            }
        }

        Assert.Equal(70ul, output.Reader.ReadLosses().Cpus.Single(c => c.Cpu == 0).Abandoned);
        Assert.Equal((0, 0ul), Drain(output.Reader));
    }

    private static (int Samples, ulong Noticed) Drain(PerfEventReader reader)
    {
        Counter counter = default;
        reader.Drain(ref counter);
        return (counter.Samples, counter.Noticed);
    }

    private struct Counter : IRecordHandler
    {
        internal int Samples;
        internal ulong Noticed;

        public bool Handle(Record record)
        {
            Samples += record.Kind == RecordKind.Sample ? 1 : 0;
            Noticed += record.LostCount;
            return true;
        }
    }
}

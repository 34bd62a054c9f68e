using System.Buffers.Binary;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class OverwritingTests
{
    private const int OnePageHolds = 170;

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Reading_without_a_pause_throws_and_says_what_to_call()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteNewestFirst));
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => output.Reader.Read(TimeSpan.Zero).Dispose());
        Assert.Contains("Pause", e.Message, StringComparison.Ordinal);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(BufferMode.OverwriteNewestFirst)]
    [InlineData(BufferMode.OverwriteOldestFirst)]
    public void A_ring_that_was_not_lapped_delivers_everything_in_the_chosen_order(BufferMode mode)
    {
        using BpfOutput output = new(Mode(mode));
        output.Program.Emit(0, 8, 100);
        output.Reader.Pause();
        Assert.Equal(InOrder(0, 100, mode), Sequences(output.Reader));
        Assert.Equal(0ul, output.Reader.ReadLosses().Lost);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(BufferMode.OverwriteNewestFirst)]
    [InlineData(BufferMode.OverwriteOldestFirst)]
    public void A_lapped_ring_delivers_the_newest_whole_records_and_says_that_losses_are_unknown(BufferMode mode)
    {
        using BpfOutput output = new(Mode(mode));
        output.Program.Emit(0, 8, 1_000);
        Assert.Equal(1_000, output.Program.Counts(0).Accepted);
        output.Reader.Pause();

        // 4,096 bytes hold 170 records of 24 bytes; the sixteen bytes that are left belong to one that is cut off.
        Assert.Equal(InOrder(1_000 - OnePageHolds, OnePageHolds, mode), Sequences(output.Reader));
        Assert.Null(output.Reader.ReadLosses().Lost);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(BufferMode.OverwriteNewestFirst)]
    [InlineData(BufferMode.OverwriteOldestFirst)]
    public void Sizes_that_wrap_at_every_offset_come_out_byte_for_byte(BufferMode mode)
    {
        using BpfOutput output = new(Mode(mode));
        for (int size = 8; size < 1_200; size += 37)
        {
            output.Program.Emit(0, size, 20);
            output.Reader.Pause();
            using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero))
            {
                int records = 0;
                foreach (Record record in batch)
                {
                    Assert.Equal(RecordKind.Sample, record.Kind);
                    for (int i = 8; i < size; i++)
                        Assert.Equal(PerfOutputProgram.ExpectedByte(i), record.Payload[i]);

                    records++;
                }

                Assert.InRange(records, Math.Min(20, 4096 / (size + 24)), 20);
            }

            output.Reader.Resume();
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void After_a_resume_only_what_is_new_is_delivered()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteNewestFirst));
        output.Program.Emit(0, 8, 10);
        output.Reader.Pause();
        Assert.Equal(10, Sequences(output.Reader).Count);
        Assert.Empty(Sequences(output.Reader));
        output.Reader.Resume();
        output.Program.Emit(0, 8, 3);
        output.Reader.Pause();
        Assert.Equal([12ul, 11, 10], Sequences(output.Reader));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_budget_delivers_a_recording_piece_by_piece()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteOldestFirst));
        output.Program.Emit(0, 8, 10);
        output.Reader.Pause();
        List<ulong> seen = [];
        for (int i = 0; i < 4; i++)
        {
            using RecordBatch batch = output.Reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(3), CancellationToken.None);
            foreach (Record record in batch)
                seen.Add(BinaryPrimitives.ReadUInt64LittleEndian(record.Payload));
        }

        Assert.Equal(InOrder(0, 10, BufferMode.OverwriteOldestFirst), seen);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void What_was_released_through_is_not_delivered_again_and_the_rest_is()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteNewestFirst));
        output.Program.Emit(0, 8, 10);
        output.Reader.Pause();
        using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero))
        {
            int seen = 0;
            foreach (Record record in batch)
            {
                if (++seen == 4)
                {
                    batch.ReleaseThrough(record);
                    break;
                }
            }
        }

        Assert.Equal([5ul, 4, 3, 2, 1, 0], Sequences(output.Reader));
        Assert.Equal(0ul, output.Reader.ReadLosses().Cpus[0].Abandoned);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Resuming_under_a_batch_throws_and_the_batch_stays_good()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteNewestFirst));
        output.Program.Emit(0, 8, 10);
        output.Reader.Pause();
        RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(output.Reader.Resume);
        Assert.True(output.Reader.IsPaused);
        int records = 0;
        foreach (Record _ in batch)
            records++;

        batch.Dispose();
        Assert.Equal(10, records);
        output.Reader.Resume();
        Assert.False(output.Reader.IsPaused);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void What_a_recording_still_held_at_the_resume_is_abandoned()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteNewestFirst));
        output.Program.Emit(0, 8, 10);
        output.Reader.Pause();
        using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(4), CancellationToken.None))
        {
            foreach (Record _ in batch)
            {
            }
        }

        output.Reader.Resume();
        output.Program.Emit(0, 8, 1);
        output.Reader.Pause();
        Assert.Equal([10ul], Sequences(output.Reader));
        Assert.Equal(6ul, output.Reader.ReadLosses().Cpus[0].Abandoned);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(BufferMode.OverwriteNewestFirst)]
    [InlineData(BufferMode.OverwriteOldestFirst)]
    public void Everything_behind_an_oversized_output_is_one_gap(BufferMode mode)
    {
        using BpfOutput output = new(Mode(mode) with { BufferSize = 128 * 1024 });
        output.Program.Emit(0, 8, 20);
        output.Program.Emit(0, 65_528);
        output.Program.Emit(0, 8, 5);
        output.Reader.Pause();

        List<RecordKind> kinds = [];
        using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
                kinds.Add(record.Kind);
        }

        Assert.Equal(5, kinds.Count(kind => kind == RecordKind.Sample));
        Assert.Equal(6, kinds.Count);
        Assert.Equal(RecordKind.Gap, mode == BufferMode.OverwriteNewestFirst ? kinds[^1] : kinds[0]);
        CpuLosses losses = output.Reader.ReadLosses().Cpus[0];
        Assert.Equal(1ul, losses.Gaps);
        Assert.False(losses.IsExact);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_loss_notice_that_is_delivered_again_is_counted_once_and_is_no_record_when_left()
    {
        using BpfOutput output = new(Mode(BufferMode.OverwriteOldestFirst));
        output.Program.Emit(0, 8, 2);
        output.Reader.Pause();
        output.Program.Emit(0, 8, 5);
        output.Reader.Resume();
        output.Program.Emit(0, 8);
        output.Reader.Pause();

        using (RecordBatch batch = output.Reader.Read(TimeSpan.Zero))
        {
            int seen = 0;
            foreach (Record record in batch)
            {
                if (seen++ == 0)
                    batch.ReleaseThrough(record);
            }
        }

        using (output.Reader.Read(TimeSpan.Zero))
        {
            // Left unvisited: two samples and the notice of the five that the pause refused.
        }

        CpuLosses losses = output.Reader.ReadLosses().Cpus[0];
        Assert.Equal((5ul, 5ul, 2ul), (losses.Lost!.Value, losses.Noticed, losses.Abandoned));
    }

    private static PerfEventReaderOptions Mode(BufferMode mode) =>
        BpfOutput.OnePage with { BufferMode = mode, Cpus = CpuSet.Of(0) };

    private static List<ulong> InOrder(int first, int count, BufferMode mode)
    {
        IEnumerable<ulong> written = Enumerable.Range(first, count).Select(i => (ulong)i);
        return [.. mode == BufferMode.OverwriteNewestFirst ? written.Reverse() : written];
    }

    private static List<ulong> Sequences(PerfEventReader reader)
    {
        List<ulong> seen = [];
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            seen.Add(BinaryPrimitives.ReadUInt64LittleEndian(record.Payload));

        return seen;
    }
}

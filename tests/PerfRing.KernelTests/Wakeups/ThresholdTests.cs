using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Wakeups;

/// <summary>When the kernel wakes, with the longest delay out of the way.</summary>
[Collection(Machine.Name)]
public sealed class ThresholdTests
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(100);

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void After_events_wakes_at_the_threshold_and_not_before()
    {
        using BpfOutput output = new(Forever(Wakeup.AfterEvents(10)));
        using Waiting waiting = new(output.Reader);
        output.Program.Emit(0, 8, 9);
        Assert.True(waiting.StaysAsleepFor(AWhile));
        output.Program.Emit(0, 8);
        Assert.Equal((ReadStatus.Records, 10), waiting.Result());
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void After_bytes_wakes_when_the_mark_is_reached_although_the_kernel_wants_it_exceeded()
    {
        using BpfOutput output = new(Forever(Wakeup.AfterBytes(240)));
        using Waiting waiting = new(output.Reader);
        output.Program.Emit(0, 8, 9);
        Assert.True(waiting.StaysAsleepFor(AWhile));
        output.Program.Emit(0, 8);
        Assert.Equal((ReadStatus.Records, 10), waiting.Result());
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Polled_is_woken_by_nothing_that_is_written_and_finds_it_by_looking()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.Polled.Within(TimeSpan.FromHours(1)) });
        using (Waiting waiting = new(output.Reader))
        {
            output.Program.Emit(0, 8, 1_000);
            Assert.True(waiting.StaysAsleepFor(AWhile));
            output.Reader.Flush();
            Assert.Equal((ReadStatus.Records, 170), waiting.Result());
        }

        using BpfOutput looking = new(BpfOutput.OnePage with { Wakeup = Wakeup.Polled.Within(TimeSpan.FromMilliseconds(1)) });
        using Waiting found = new(looking.Reader);
        looking.Program.Emit(0, 8, 3);
        Assert.Equal(ReadStatus.Records, found.Result().Status);
        Assert.Equal(0, looking.Reader.Wakeups);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public void Any_wake_sweeps_every_ring()
    {
        int[] cpus = MachineCpus.Online();
        using BpfOutput output = new(Forever(Wakeup.AfterEvents(5)));
        using Waiting waiting = new(output.Reader);
        output.Program.Emit(cpus[1], 8, 4);
        output.Program.Emit(cpus[0], 8, 5);
        Assert.Equal((ReadStatus.Records, 9), waiting.Result());
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_bounded_batch_that_leaves_records_is_followed_by_one_that_does_not_wait()
    {
        using BpfOutput output = new(Forever(Wakeup.AfterEvents(10)));
        output.Program.Emit(0, 8, 10);
        for (int i = 0; i < 10; i++)
        {
            // The kernel announced the ten once; nobody will announce the nine that are left.
            using RecordBatch batch = output.Reader.Read(TimeSpan.FromSeconds(10), ReadBudget.OfRecords(1), CancellationToken.None);
            Assert.Equal(ReadStatus.Records, batch.Status);
            foreach (Record _ in batch)
            {
            }
        }

        using RecordBatch after = output.Reader.Read(TimeSpan.Zero);
        Assert.Equal(ReadStatus.TimedOut, after.Status);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_record_that_was_read_before_the_wait_may_wake_it_but_does_not_end_it()
    {
        using BpfOutput output = new(Forever(Wakeup.Immediate));
        output.Program.Emit(0, 8);
        output.Reader.Read(TimeSpan.Zero).Dispose();
        using RecordBatch after = output.Reader.Read(TimeSpan.FromMilliseconds(50));
        Assert.Equal(ReadStatus.TimedOut, after.Status);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(4081)]
    [InlineData(8192)]
    public void A_mark_that_the_ring_cannot_reach_is_refused_with_the_reason(int bytes)
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(
            () => { using BpfOutput _ = new(BpfOutput.OnePage with { Wakeup = Wakeup.AfterBytes(bytes) }); });
        Assert.Contains("4096 bytes", e.Message, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void More_events_than_the_ring_can_hold_are_refused_with_the_reason()
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(
            () => { using BpfOutput _ = new(BpfOutput.OnePage with { Wakeup = Wakeup.AfterEvents(1_000) }); });
        Assert.Contains("at most 255 events", e.Message, StringComparison.Ordinal);
    }

    private static PerfEventReaderOptions Forever(Wakeup wakeup) =>
        BpfOutput.OnePage with { Wakeup = wakeup.Within(Timeout.InfiniteTimeSpan) };
}
